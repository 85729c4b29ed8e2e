// fails: right answer
// says: an order that returns: fatal error: all goroutines are asleep - deadlock!
// says: sync.Mutex.Lock: mu.Lock() // for the error

package answer

import (
	"fmt"
	"sync"
)

func sell(mu *sync.Mutex, order func()) (err error) {
	mu.Lock()
	defer mu.Unlock()
	defer func() {
		mu.Lock() // for the error
		defer mu.Unlock()
		if p := recover(); p != nil {
			err = fmt.Errorf("order failed: %v", p)
		}
	}()
	order()
	return nil
}
