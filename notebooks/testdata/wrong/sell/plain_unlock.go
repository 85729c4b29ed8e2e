// fails: lock given back
// says: after an order that panicked: the lock is still taken

package answer

import (
	"fmt"
	"sync"
)

func sell(mu *sync.Mutex, order func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("order failed: %v", p)
		}
	}()
	mu.Lock()
	order()
	mu.Unlock()
	return nil
}
