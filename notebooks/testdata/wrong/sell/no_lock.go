// fails: lock held
// says: the lock is free while the order runs

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
	order()
	return nil
}
