// fails: a write that fails
// says: 5 readers, and write fails: it does not return
// says: chan receive: <-written

package answer

import "sync"

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	var failed error
	written := make(chan struct{})
	go func() {
		if failed = write(); failed == nil {
			close(written)
		}
	}()
	texts := make([]string, readers)
	var group sync.WaitGroup
	for reader := range readers {
		group.Go(func() {
			prepare(reader)
			<-written
			texts[reader] = read(reader)
		})
	}
	group.Wait()
	<-written
	return texts, failed
}
