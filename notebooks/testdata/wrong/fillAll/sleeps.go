// fails: right answer
// says: fillAll([7]): it returned when 0 of 1 orders were filled

package answer

import "time"

func fillAll(orders []int, fill func(order int)) {
	for _, order := range orders {
		go fill(order)
	}
	time.Sleep(100 * time.Millisecond)
}
