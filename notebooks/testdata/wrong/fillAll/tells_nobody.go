// fails: no leak
// says: goroutines are left behind by "right answer"
// says: chan send: done <- true
// says: started by: go func() {

package answer

import "sync"

func fillAll(orders []int, fill func(order int)) {
	var group sync.WaitGroup
	for _, order := range orders {
		group.Go(func() { fill(order) })
	}
	done := make(chan bool)
	go func() {
		group.Wait()
		done <- true
	}()
	group.Wait()
}
