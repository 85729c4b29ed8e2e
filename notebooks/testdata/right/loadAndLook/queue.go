package answer

import (
	"context"
	"sync"

	"github.com/threads2go/course/pkg/queue"
)

func loadAndLook(names []string, room int,
	load func(name string) []byte, look func(picture []byte)) {
	ctx := context.Background()
	loaded := queue.New[[]byte](room)
	var both sync.WaitGroup
	both.Go(func() {
		for picture := range loaded.All(ctx) {
			look(picture)
		}
	})
	for _, name := range names {
		loaded.Put(ctx, load(name))
	}
	loaded.Shutdown()
	both.Wait()
}
