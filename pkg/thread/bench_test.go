package thread

import (
	"context"
	"sync"
	"testing"
)

func BenchmarkGoJoin(b *testing.B) {
	b.ReportAllocs()
	ctx := context.Background()
	for b.Loop() {
		t := Go(ctx, "bench", func(context.Context) (int, error) { return 1, nil })
		if v, err := t.Join(ctx); v != 1 || err != nil {
			b.Fatal(v, err)
		}
	}
}

// The peer: the same by hand, without name, error, panic, or expiry.
func BenchmarkGoWaitGroup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var v int
		var wg sync.WaitGroup
		wg.Go(func() { v = 1 })
		wg.Wait()
		if v != 1 {
			b.Fatal(v)
		}
	}
}
