// fails: no race
// says: in: for !written {

package answer

import (
	"sync"
	"time"
)

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	var failed error
	written := false
	texts := make([]string, readers)
	var group sync.WaitGroup
	group.Go(func() {
		failed = write()
		written = true
	})
	for reader := range readers {
		group.Go(func() {
			prepare(reader)
			for !written {
				time.Sleep(time.Millisecond)
			}
			if failed == nil {
				texts[reader] = read(reader)
			}
		})
	}
	group.Wait()
	return texts, failed
}
