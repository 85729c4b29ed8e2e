// fails: right answer
// says: fillAll([7]): it returned when 0 of 1 orders were filled

package answer

import "sync"

func fillAll(orders []int, fill func(order int)) {
	var group sync.WaitGroup
	for i := 0; i < len(orders)-1; i++ {
		group.Go(func() { fill(orders[i]) })
	}
	group.Wait()
}
