// fails: right answer
// says: the pictures looked at when it returned: got

package answer

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	loaded := make(chan []byte, room)
	go func() {
		for picture := range loaded {
			look(picture)
		}
	}()
	for _, name := range names {
		loaded <- load(name)
	}
	close(loaded)
}
