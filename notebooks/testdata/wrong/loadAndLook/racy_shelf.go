// fails: no race
// says: in: shelf = append(shelf, picture)

package answer

import "time"

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	var shelf [][]byte
	go func() {
		for _, name := range names {
			for len(shelf) > room {
				time.Sleep(time.Millisecond)
			}
			picture := load(name)
			shelf = append(shelf, picture)
		}
	}()
	for range names {
		for len(shelf) == 0 {
			time.Sleep(time.Millisecond)
		}
		look(shelf[0])
		shelf = shelf[1:]
	}
}
