// fails: right answer
// says: 12 pictures, room for 2: fatal error: all goroutines are asleep - deadlock!
// says: chan receive: for picture := range loaded {

package answer

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	loaded := make(chan []byte, room)
	go func() {
		for _, name := range names {
			loaded <- load(name)
		}
	}()
	for picture := range loaded {
		look(picture)
	}
}
