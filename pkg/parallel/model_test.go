package parallel_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/parallel"
	"github.com/threads2go/course/pkg/pool"
)

// A plan is a random use of a Parallel in virtual time, and what it must come to.
type plan struct {
	t      *testing.T
	r      *rand.Rand
	jobs   int
	p      *parallel.Parallel
	window int

	running, most atomic.Int32
	began         []atomic.Int32 // by call
	went          []error        // what each call ended with
}

var errPlanned = errors.New("planned")

func newPlan(t *testing.T, r *rand.Rand) *plan {
	x := &plan{t: t, r: r, jobs: 1 + r.IntN(5)}
	var opts []parallel.Option
	if r.IntN(3) == 0 {
		opts = append(opts, parallel.WithBatchSize(1+r.IntN(6)))
	}
	if r.IntN(2) == 0 {
		x.window = 1 + r.IntN(12)
		opts = append(opts, parallel.WithPreDispatch(x.window))
	}
	if r.IntN(3) == 0 {
		opts = append(opts, parallel.WithProgress(func(int, int) { time.Sleep(time.Millisecond) }))
	}
	x.p = parallel.New(x.jobs, opts...)
	return x
}

// calls plans n calls, of which few go wrong.
func (x *plan) calls(n int) []act {
	x.began = make([]atomic.Int32, n)
	x.went = make([]error, n)
	all := make([]act, n)
	for i := range all {
		d := time.Duration(x.r.IntN(4)) * time.Second
		nested := x.r.IntN(8) == 0
		bad := x.r.IntN(3 * n)
		all[i] = func(ctx context.Context) (int, error) {
			x.began[i].Add(1)
			if now := x.running.Add(1); now > x.most.Load() {
				x.most.Store(now)
			}
			time.Sleep(d)
			x.running.Add(-1)
			if nested {
				out, err := parallel.Run(ctx, x.p, square.Delayed(2, 3))
				if err == nil && !slices.Equal(out, []int{4, 9}) {
					x.t.Errorf("nested: %v", out)
				}
				if err != nil {
					return 0, err
				}
			}
			switch bad {
			case 0:
				x.went[i] = errPlanned
				return 0, errPlanned
			case 1:
				x.went[i] = &pool.PanicError{}
				panic("planned")
			}
			return i, nil
		}
	}
	return all
}

// check compares an error with what the calls have gone through.
func (x *plan) check(ctx context.Context, err error) {
	x.t.Helper()
	for i := range x.began {
		if n := x.began[i].Load(); n > 1 {
			x.t.Errorf("call %d was made %d times", i, n)
		}
	}
	if m := int(x.most.Load()); m > x.jobs {
		x.t.Errorf("%d calls ran at once with %d jobs", m, x.jobs)
	}
	if n := x.running.Load(); n != 0 {
		x.t.Errorf("%d calls still run", n)
	}
	var failed *parallel.TaskError
	switch {
	case err == nil:
		for i := range x.began {
			if x.began[i].Load() != 1 || x.went[i] != nil {
				x.t.Errorf("no error, but call %d was made %d times and ended with %v", i, x.began[i].Load(), x.went[i])
			}
		}
	case errors.As(err, &failed):
		if x.went[failed.Index] == nil && !errors.Is(err, context.Canceled) {
			x.t.Errorf("%v, but that call did not fail", err)
		}
	case ctx.Err() == nil || !errors.Is(err, context.Cause(ctx)):
		x.t.Errorf("error %v", err)
	}
}

func (x *plan) run(ctx context.Context) {
	n := x.r.IntN(40)
	out, err := parallel.Run(ctx, x.p, anything.Delayed(x.calls(n)...))
	x.check(ctx, err)
	for i, r := range out {
		if r != i && (err == nil || r != 0) {
			x.t.Errorf("result %d is %d", i, r)
		}
	}
}

func (x *plan) stream(ctx context.Context, ordered bool) {
	n := x.r.IntN(40)
	calls := x.calls(n)
	stop := -1
	if x.r.IntN(3) == 0 {
		stop = x.r.IntN(n + 1)
	}
	slow := x.r.IntN(3) == 0
	taken := 0
	var handed atomic.Int32
	over := true
	source := func(yield func(act) bool) {
		over = false
		defer func() { over = true }()
		for _, c := range calls {
			taken++
			if n := int(handed.Load()); x.window > 0 && taken > n+x.window {
				x.t.Errorf("%d taken, %d handed on, window %d", taken, n, x.window)
			}
			if !yield(c) {
				return
			}
			if slow {
				time.Sleep(time.Second)
			}
		}
	}
	f := parallel.StreamUnordered[int]
	if ordered {
		f = parallel.Stream[int]
	}
	var last error
	var got []int
	for r, err := range f(ctx, x.p, anything.DelayedSeq(source)) {
		if last != nil {
			x.t.Error("the loop goes on after an error")
		}
		if last = err; err == nil {
			got = append(got, r)
		}
		if len(got) == stop {
			break
		}
		handed.Add(1) // before the stream counts it: this is still in the loop's body
	}
	if !over {
		x.t.Error("the source has not returned")
	}
	if len(got) == stop && last == nil {
		last = context.Canceled // it did not hear of the end
		ended, cancel := context.WithCancel(bg)
		cancel()
		ctx = ended
	} else if last == nil && len(got) != n {
		x.t.Errorf("%d of %d results", len(got), n)
	}
	x.check(ctx, last)
	if !ordered {
		slices.Sort(got)
		for i := 1; i < len(got); i++ {
			if got[i] == got[i-1] {
				x.t.Errorf("result %d came twice", got[i])
			}
		}
		return
	}
	for i, r := range got {
		if r != i {
			x.t.Errorf("result %d is %d", i, r)
		}
	}
}

func follow(t *testing.T, seed uint64) {
	virtual(t, func(t *testing.T) {
		defer func() {
			if t.Failed() {
				t.Log("seed", seed)
			}
		}()
		r := rand.New(rand.NewPCG(seed, 1))
		x := newPlan(t, r)
		for range 3 {
			b := []parallel.Backend{nil, parallel.Goroutines, parallel.Serial}[r.IntN(3)]
			ctx, cancel := context.WithCancel(parallel.WithBackend(bg, b))
			if r.IntN(3) == 0 {
				stop := time.AfterFunc(time.Duration(r.IntN(40))*time.Second/2, cancel)
				defer stop.Stop()
			}
			x.most.Store(0)
			switch r.IntN(3) {
			case 0:
				x.run(ctx)
			case 1:
				x.stream(ctx, true)
			case 2:
				x.stream(ctx, false)
			}
			cancel()
		}
		if err := x.p.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestRandomPlans(t *testing.T) {
	for seed := range uint64(300) {
		follow(t, seed)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(follow)
}

// Whatever comes as a request, there is a reply to it; whatever comes as a reply, it
// is taken or refused. Nothing panics.
func FuzzMessages(f *testing.F) {
	for _, b := range [][]byte{nil, {1, 0}, {200, 1, 0, 9, 9}, {255, 255, 255, 255, 255, 255, 255, 255, 127, 0}} {
		f.Add(b, b)
	}
	ctx := parallel.WithBackend(bg, &tap{func(b *parallel.Batch) {
		request, err := b.Request()
		if err != nil {
			f.Fatal(err)
		}
		var reply []byte
		if err := parallel.Answer(bg, b.Func(), request, func(r []byte) { reply = r }); err != nil {
			f.Fatal(err)
		}
		f.Add(request, reply)
	}})
	parallel.Run(ctx, new(parallel.Parallel), square.Delayed(1, 2, 3))
	f.Fuzz(func(t *testing.T, request, reply []byte) {
		for _, name := range []string{"square", "counted", "fill"} {
			replies := 0
			if err := parallel.Answer(bg, name, request, func([]byte) { replies++ }); err != nil || replies == 0 {
				t.Errorf("%s: %d replies, %v", name, replies, err)
			}
		}
		ctx := parallel.WithBackend(bg, &tap{func(b *parallel.Batch) { b.Reply(0, time.Now(), reply) }})
		out, err := parallel.Run(ctx, parallel.New(1, parallel.WithBatchSize(3)), square.Delayed(1, 2, 3))
		if len(out) != 3 {
			t.Errorf("%v, %v", out, err)
		}
	})
}

// tap is a backend that does one thing with every batch.
type tap struct{ f func(*parallel.Batch) }

func (x tap) Features() parallel.Features                     { return parallel.SharedMemory }
func (x tap) Open(parallel.Options) (parallel.Workers, error) { return &x, nil }
func (x *tap) Close() error                                   { return nil }
func (x *tap) Run(ctx context.Context, job *parallel.Job) error {
	for b := range job.Batches(time.Millisecond) {
		x.f(b)
	}
	return nil
}
