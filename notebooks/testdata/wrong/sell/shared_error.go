// fails: no race
// says: a write in: failure = nil

package answer

import (
	"fmt"
	"sync"
)

var failure error // of the last order

func sell(mu *sync.Mutex, order func()) error {
	failure = nil
	func() {
		mu.Lock()
		defer mu.Unlock()
		defer func() {
			if p := recover(); p != nil {
				failure = fmt.Errorf("order failed: %v", p)
			}
		}()
		order()
	}()
	return failure
}
