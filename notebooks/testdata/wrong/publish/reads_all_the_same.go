// fails: a write that fails
// says: 5 readers, and write fails: the readers that read all the same: got 5, want 0

package answer

import "sync"

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	var failed error
	written := make(chan struct{})
	go func() {
		defer close(written)
		failed = write()
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
