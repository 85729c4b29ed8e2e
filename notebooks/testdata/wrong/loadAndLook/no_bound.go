// fails: waits for room
// says: 20 pictures, room for 3, and the first look takes long: 18 pictures wait

package answer

import (
	"context"

	"github.com/threads2go/course/pkg/queue"
)

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	var loaded queue.Queue[[]byte]
	ctx := context.Background()
	go func() {
		for _, name := range names {
			loaded.Put(ctx, load(name))
		}
		loaded.Shutdown()
	}()
	for picture := range loaded.All(ctx) {
		look(picture)
	}
}
