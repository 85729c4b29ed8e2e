// fails: no race
// says: a read in: group.Go(func() { fill(orders[i]) })
// says: a write in: for i = 0; i < len(orders); i++ {

package answer

import "sync"

func fillAll(orders []int, fill func(order int)) {
	var group sync.WaitGroup
	var i int
	for i = 0; i < len(orders); i++ {
		group.Go(func() { fill(orders[i]) })
	}
	group.Wait()
}
