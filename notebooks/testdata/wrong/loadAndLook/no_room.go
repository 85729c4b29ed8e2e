// fails: waits for room
// says: room for 3, and the first look takes long: it has loaded 2 pictures and then waits, although there is room for 3

package answer

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	loaded := make(chan []byte)
	go func() {
		defer close(loaded)
		for _, name := range names {
			loaded <- load(name)
		}
	}()
	for picture := range loaded {
		look(picture)
	}
}
