package answer

import (
	"context"
	"errors"
	"sync"
)

var errWritten = errors.New("written")

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	ctx, end := context.WithCancelCause(context.Background())
	go func() {
		if err := write(); err != nil {
			end(err)
			return
		}
		end(errWritten)
	}()
	texts := make([]string, readers)
	var group sync.WaitGroup
	for i := range texts {
		group.Go(func() {
			prepare(i)
			<-ctx.Done()
			if context.Cause(ctx) == errWritten {
				texts[i] = read(i)
			}
		})
	}
	group.Wait()
	<-ctx.Done()
	if err := context.Cause(ctx); err != errWritten {
		return nil, err
	}
	return texts, nil
}
