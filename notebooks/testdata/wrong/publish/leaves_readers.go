// fails: no leak
// says: 5 goroutines are left behind by "a write that fails"
// says: chan receive: <-written
// says: started by: go func() {

package answer

func publish(readers int, write func() error, prepare func(reader int),
	read func(reader int) string) ([]string, error) {
	written := make(chan struct{})
	type text struct {
		reader int
		text   string
	}
	texts := make(chan text)
	for reader := range readers {
		go func() {
			prepare(reader)
			<-written
			texts <- text{reader, read(reader)}
		}()
	}
	if err := write(); err != nil {
		return nil, err
	}
	close(written)
	all := make([]string, readers)
	for range readers {
		t := <-texts
		all[t.reader] = t.text
	}
	return all, nil
}
