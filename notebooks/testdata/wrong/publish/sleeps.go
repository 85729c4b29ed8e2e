// fails: right answer
// says: 5 readers: it returned while the file was being read

package answer

import (
	"slices"
	"sync"
	"time"
)

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	var mu sync.Mutex // guards texts
	var failed error
	texts, written := make([]string, readers), make(chan struct{})
	go func() {
		defer close(written)
		failed = write()
	}()
	for reader := range readers {
		go func() {
			prepare(reader)
			if <-written; failed != nil {
				return
			}
			text := read(reader)
			mu.Lock()
			defer mu.Unlock()
			texts[reader] = text
		}()
	}
	<-written
	time.Sleep(50 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(texts), failed
}
