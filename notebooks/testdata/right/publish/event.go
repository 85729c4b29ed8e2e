package answer

import (
	"context"
	"sync"

	"github.com/threads2go/course/pkg/lock"
)

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	var written lock.Event
	var err error
	texts := make([]string, readers)
	var group sync.WaitGroup
	for i := range texts {
		group.Go(func() {
			prepare(i)
			written.Wait(context.Background())
			if err == nil {
				texts[i] = read(i)
			}
		})
	}
	err = write()
	written.Set()
	group.Wait()
	if err != nil {
		return nil, err
	}
	return texts, nil
}
