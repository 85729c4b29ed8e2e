package parallel

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// Goroutines runs calls on goroutines of this process, as many at once as the
// Parallel has jobs. It is what calls run on unless somebody asks for something
// else. It keeps nothing between calls.
var Goroutines Backend = goroutines{}

// Serial runs calls one after the other, in their order, whatever the number of
// jobs is: to compare with, and to look for mistakes.
var Serial Backend = serial{}

// A batch on goroutines aims at this time. What it costs, about a microsecond, is
// small against it, and it keeps nobody waiting at the end.
const goroutineBatch = 50 * time.Microsecond

type goroutines struct{}

func (goroutines) Features() Features { return SharedMemory }

func (goroutines) Open(o Options) (Workers, error) {
	if err := noLimits("goroutines", o); err != nil {
		return nil, err
	}
	return &goroutineWorkers{pool: pool.New(o.Jobs)}, nil
}

// goroutineWorkers share a pool, which bounds how many calls run at once over all
// jobs, and lends the place of a call that makes others.
type goroutineWorkers struct{ pool *pool.Pool }

func (w *goroutineWorkers) Run(ctx context.Context, job *Job) error {
	if err := w.pool.Resize(job.Options().Jobs); err != nil {
		return err
	}
	var feeders sync.WaitGroup
	for range job.Jobs() {
		feeders.Go(func() {
			for b := range job.Batches(goroutineBatch) {
				// Its error is one that the batch has noted, or the end of ctx.
				pool.Apply(ctx, w.pool, b, runBatch)
			}
		})
	}
	feeders.Wait()
	return nil
}

func runBatch(ctx context.Context, b *Batch) (struct{}, error) {
	b.Run(ctx)
	return struct{}{}, nil
}

func (w *goroutineWorkers) Close() error { return nil }

type serial struct{}

func (serial) Features() Features { return SharedMemory }

func (serial) Open(o Options) (Workers, error) {
	return serial{}, noLimits("serial", o)
}

func (serial) Run(ctx context.Context, job *Job) error {
	for b := range job.Batches(goroutineBatch) {
		b.Run(ctx)
	}
	return nil
}

func (serial) Close() error { return nil }

func noLimits(name string, o Options) error {
	if o.MemoryLimit > 0 || len(o.CPUs) > 0 {
		return fmt.Errorf("parallel: backend %q has no processes to limit; use Processes, or leave WithMemoryLimit and WithCPUs away", name)
	}
	return nil
}
