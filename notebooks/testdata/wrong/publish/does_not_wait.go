// fails: right answer
// says: 5 readers: what was read: got ["no such file"

package answer

import "sync"

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	var failed error
	var group sync.WaitGroup
	group.Go(func() { failed = write() })
	texts := make([]string, readers)
	for reader := range readers {
		group.Go(func() {
			prepare(reader)
			texts[reader] = read(reader)
		})
	}
	group.Wait()
	return texts, failed
}
