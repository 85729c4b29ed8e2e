// fails: waits for room
// says: 20 pictures, room for 3, and the first look takes long: it has loaded 4 pictures and then waits, although there is room for 3

package answer

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	loaded := make(chan []byte, room-1)
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
