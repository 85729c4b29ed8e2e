// fails: right answer
// says: the orders filled, sorted: got [7 7], want [7]

package answer

import "sync"

func fillAll(orders []int, fill func(order int)) {
	var group sync.WaitGroup
	for _, order := range orders {
		group.Go(func() { fill(order) })
		group.Go(func() { fill(order) })
	}
	group.Wait()
}
