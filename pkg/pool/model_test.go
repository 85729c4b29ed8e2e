package pool_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// Calls are drawn at random and run, concurrently, on one pool; then what they
// returned is compared with what their tasks did. With one worker and one call
// it is compared with a serial run.

const (
	succeed = iota
	fail
	panics
	exit
	cancel // the caller's context, then succeed
	echo   // wait for the context to end, if the plan has it end
	nest
)

// A step is what one task does.
type step struct {
	id    int // its result; unique in its call
	kind  int
	sleep time.Duration
	sub   plan // of nest

	calls, finished, failed atomic.Int32
}

type plan []*step

// draw makes a plan of what the bytes say; when they run out, of steps that
// succeed. Long plans have few others.
func draw(next func() int, depth int) plan {
	n := next() % 24
	if depth == 3 && next()%8 == 0 {
		n = 1000 + 8*next()
	}
	pl := make(plan, n)
	for i := range pl {
		s := &step{id: i + 1}
		if k := next(); n < 24 || i%97 == 0 {
			switch {
			case k >= 253:
				s.kind = fail
			case k >= 250:
				s.kind = panics
			case k >= 248:
				s.kind = exit
			case k >= 246:
				s.kind = cancel
			case k >= 244:
				s.kind = echo
			case k >= 200 && depth > 1:
				s.kind = nest
				s.sub = draw(next, depth-1)
			case k >= 100:
				s.sleep = time.Duration(k) * time.Millisecond
			}
		}
		pl[i] = s
	}
	return pl
}

// A run is one execution of a plan.
type run struct {
	t      *testing.T
	p      *pool.Pool
	g      *gauge
	cancel context.CancelCauseFunc
	hasEnd bool // the plan has a step that cancels
}

func (r *run) do(ctx context.Context, pl plan) error {
	out, err := pool.Map(ctx, r.p, pl, func(ctx context.Context, s *step) (int, error) {
		r.g.enter()
		defer r.g.leave()
		s.calls.Add(1)
		if s.sleep > 0 {
			time.Sleep(s.sleep)
		}
		s.failed.Store(1) // unless it gets to the end
		switch s.kind {
		case fail:
			return -1, fmt.Errorf("failure of %p", s)
		case panics:
			panic(s)
		case exit:
			runtime.Goexit()
		case cancel:
			r.cancel(errStop)
		case echo:
			if r.hasEnd {
				time.Sleep(time.Second)
				if err := ctx.Err(); err != nil {
					return -1, err
				}
			}
		case nest:
			r.g.leave()
			err := r.do(ctx, s.sub)
			r.g.enter()
			if err != nil {
				return -1, err
			}
		}
		s.failed.Store(0)
		s.finished.Add(1)
		return s.id, nil
	})
	r.check(ctx, pl, out, err)
	return err
}

func (r *run) check(ctx context.Context, pl plan, out []int, err error) {
	t := r.t
	if len(out) != len(pl) {
		t.Fatalf("%d results of %d items", len(out), len(pl))
	}
	finished := 0
	for i, s := range pl {
		calls, done := s.calls.Load(), s.finished.Load()
		want := 0
		if done == 1 {
			want = s.id
			finished++
		}
		if calls > 1 || out[i] != want || done+s.failed.Load() != calls {
			t.Errorf("item %d: %d calls, result %d, want %d", i, calls, out[i], want)
		}
		var pe *pool.PanicError
		if s.kind == panics && calls == 1 && (!errors.As(err, &pe) || !contains(err, s)) {
			t.Errorf("item %d panicked, but the error is %v", i, err)
		}
		if s.kind == exit && calls == 1 && !errors.Is(err, pool.ErrGoexit) {
			t.Errorf("item %d exited, but the error is %v", i, err)
		}
	}
	if (err == nil) != (finished == len(pl)) {
		t.Errorf("%d of %d items are finished, error %v", finished, len(pl), err)
	}
	if err == nil {
		return
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, cause) {
		return
	}
	var te *pool.TaskError
	if !errors.As(err, &te) {
		t.Fatalf("error %v", err)
	}
	if s := pl[te.Index]; s.failed.Load() != 1 || s.kind == fail && te.Err.Error() != fmt.Sprintf("failure of %p", s) {
		t.Errorf("the error blames item %d: %v", te.Index, err)
	}
}

// contains reports whether err holds the panic of s.
func contains(err error, s *step) bool {
	switch e := err.(type) {
	case *pool.PanicError:
		return e.Value == s
	case interface{ Unwrap() error }:
		return contains(e.Unwrap(), s)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if contains(err, s) {
				return true
			}
		}
	}
	return false
}

func (pl plan) has(kind int) bool {
	for _, s := range pl {
		if s.kind == kind || s.sub.has(kind) {
			return true
		}
	}
	return false
}

// serial returns how many items of the plan finish if they run one by one, and
// sets in ran which of all steps begin.
func (pl plan) serial(ran map[*step]bool) int {
	for i, s := range pl {
		ran[s] = true
		switch {
		case s.kind == fail, s.kind == panics, s.kind == exit:
			return i
		case s.kind == nest && s.sub.serial(ran) < len(s.sub):
			return i
		}
	}
	return len(pl)
}

func (pl plan) checkSerial(t *testing.T, ran map[*step]bool) {
	for i, s := range pl {
		if called := s.calls.Load() == 1; called != ran[s] {
			t.Errorf("item %d of %d: called %t, serially %t", i, len(pl), called, ran[s])
		}
		s.sub.checkSerial(t, ran)
	}
}

// choices returns a function that gives the bytes of data one by one, and then
// zeros.
func choices(data []byte) func() int {
	return func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
}

func runModel(t *testing.T, data []byte) {
	next := choices(data)
	n := 1 + next()%4
	calls := make([]plan, 1+next()%3)
	for i := range calls {
		calls[i] = draw(next, 3)
	}
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(n)
		var g gauge
		var wg sync.WaitGroup
		for _, pl := range calls {
			wg.Go(func() {
				ctx, stop := context.WithCancelCause(bg)
				defer stop(nil)
				r := &run{t, p, &g, stop, pl.has(cancel)}
				r.do(ctx, pl)
			})
		}
		wg.Wait()
		if m := int(g.most.Load()); m > n {
			t.Errorf("%d tasks ran at once on %d workers", m, n)
		}
		idle(t, p)
		if pl := calls[0]; n == 1 && len(calls) == 1 && !pl.has(cancel) {
			ran := map[*step]bool{}
			pl.serial(ran)
			pl.checkSerial(t, ran)
		}
	})
}

func randomBytes(seed uint64, most int) (*rand.Rand, []byte) {
	rng := rand.New(rand.NewPCG(seed, 0))
	data := make([]byte, rng.IntN(most))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return rng, data
}

func TestAgainstModel(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	for range rounds {
		seed := rand.Uint64()
		rng, data := randomBytes(seed, 3000)
		if rng.IntN(2) == 0 { // fewer failures
			for i := range data {
				if data[i] >= 244 && rng.IntN(20) > 0 {
					data[i] = 120
				}
			}
		}
		runModel(t, data)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzMap(f *testing.F) {
	f.Add([]byte{0, 0, 5, 1, 120, 253, 0, 0})
	f.Add([]byte{3, 2, 20, 1, 220, 5, 250, 250, 120, 210, 10, 0, 246, 244, 244, 248})
	f.Fuzz(runModel)
}
