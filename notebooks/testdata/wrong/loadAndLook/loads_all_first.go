// fails: waits for room
// says: 20 pictures, room for 3, and the first look takes long: 18 pictures wait

package answer

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	var loaded [][]byte
	for _, name := range names {
		loaded = append(loaded, load(name))
	}
	for _, picture := range loaded {
		look(picture)
	}
}
