// fails: right answer
// says: 5 readers: it does not return
// says: chan receive: <-written

package answer

import "sync"

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	var failed error
	written := make(chan bool, 1)
	go func() {
		failed = write()
		written <- true
	}()
	texts := make([]string, readers)
	var group sync.WaitGroup
	for reader := range readers {
		group.Go(func() {
			prepare(reader)
			<-written
			if failed == nil {
				texts[reader] = read(reader)
			}
		})
	}
	group.Wait()
	return texts, failed
}
