// fails: all at once
// says: 5 readers prepare while the file is written: never more than 5 of write and 5 times prepare under way, want all

package answer

import "sync"

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	texts := make([]string, readers)
	var group sync.WaitGroup
	for reader := range readers {
		group.Go(func() { prepare(reader) })
	}
	group.Wait()
	if err := write(); err != nil {
		return nil, err
	}
	for reader := range readers {
		group.Go(func() { texts[reader] = read(reader) })
	}
	group.Wait()
	return texts, nil
}
