// fails: right answer
// says: an order that panics with "no stock": panic: no stock
// says: at: order()

package answer

import "sync"

func sell(mu *sync.Mutex, order func()) error {
	mu.Lock()
	defer mu.Unlock()
	order()
	return nil
}
