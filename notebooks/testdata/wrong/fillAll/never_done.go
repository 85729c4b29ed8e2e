// fails: right answer
// says: fillAll([7]): fatal error: all goroutines are asleep - deadlock!
// says: sync.WaitGroup.Wait: group.Wait()

package answer

import "sync"

func fillAll(orders []int, fill func(order int)) {
	var group sync.WaitGroup
	group.Add(len(orders))
	for _, order := range orders {
		go fill(order)
	}
	group.Wait()
}
