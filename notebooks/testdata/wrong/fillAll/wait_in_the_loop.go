// fails: all at once
// says: 20 orders: never more than 1 under way, want 20

package answer

import "sync"

func fillAll(orders []int, fill func(order int)) {
	var group sync.WaitGroup
	for _, order := range orders {
		group.Go(func() { fill(order) })
		group.Wait()
	}
}
