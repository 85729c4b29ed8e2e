package thread_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/thread"
)

// A script is a sequence of operations on one thread, a byte each: the operation
// and what it is done to. In virtual time a simple model tells what every call
// must return and what the hook must hear.
type script []byte

const (
	opStart    = iota
	opJoin     // by a goroutine, without end
	opJoinSoon // by a goroutine, with a context that may end
	opCancel   // ends one of these
	opJoinLate // with a context that has ended
	opEnd      // the thread's function ends, in one of several ways
	opStop     // the thread's context ends
	opRelease  // lets a hook return that holds the thread
	ops
)

func (s script) String() string {
	names := [...]string{"start", "join", "joinSoon", "cancel", "joinLate", "end", "stop", "release"}
	var out []string
	for _, b := range s {
		out = append(out, fmt.Sprintf("%s %d", names[b%ops], b/ops))
	}
	return fmt.Sprint(out)
}

// A result is what a Join returns.
type result struct {
	value int
	err   error
}

func (r result) same(o result) bool {
	if p, ok := r.err.(*thread.PanicError); ok {
		q, ok := o.err.(*thread.PanicError)
		return ok && p.Value == q.Value && r.value == o.value
	}
	return r.value == o.value && (r.err == o.err || o.err != nil && errors.Is(r.err, o.err))
}

var (
	errStop   = errors.New("stopped")
	errExpire = errors.New("expired")
	outcomes  = []result{{7, nil}, {8, errTask}, {0, &thread.PanicError{Value: "boom"}}, {0, thread.ErrGoexit}, {9, errStop}}
)

// run follows the script and returns the first difference from the model.
func (s script) run() (failure error) {
	// The hook holds the thread in half of the scripts.
	holds := len(s) > 0 && s[0] >= 128
	stopCtx, stop := context.WithCancelCause(ctx)
	var told []error
	release := make(chan struct{}, len(s)+1)
	hooked := thread.WithHook(stopCtx, func(_ context.Context, _ string, err error) {
		told = append(told, err)
		if holds {
			<-release
		}
	})
	commands := make(chan result, 1)
	th := thread.New("subject", func(context.Context) (int, error) {
		r := <-commands
		if p, ok := r.err.(*thread.PanicError); ok {
			panic(p.Value)
		} else if r.err == thread.ErrGoexit {
			runtime.Goexit()
		}
		return r.value, r.err
	})
	expired := endedWith(errExpire)

	// The model.
	type joiner struct {
		cancel context.CancelCauseFunc // nil: without end
		got    chan result
	}
	var joiners []joiner
	var outcome *result // how the function ended
	started, stopped, held, ended := false, false, false, false
	hooks := 0

	finish := func(r result) { // the function ends
		commands <- r
		outcome = &r
		news := r.err != nil && !(stopped && r.err == errStop)
		if news && len(joiners) == 0 {
			hooks++
			held = holds
		}
		ended = !held
	}
	expect := func(j joiner, want result) error {
		select {
		case got := <-j.got:
			if !got.same(want) {
				return fmt.Errorf("a Join returned %v, want %v", got, want)
			}
			return nil
		default:
			return fmt.Errorf("a Join waits that should return %v", want)
		}
	}
	join := func(c context.Context) result {
		v, err := th.Join(c)
		return result{v, err}
	}

	for i, b := range s {
		arg := int(b / ops)
		var err error
		switch b % ops {
		case opStart:
			if e := th.Start(hooked); started != errors.Is(e, thread.ErrStarted) || !started && e != nil {
				err = fmt.Errorf("Start returned %v", e)
			}
			started = true
		case opJoin, opJoinSoon:
			j := joiner{got: make(chan result, 1)}
			c := ctx
			if b%ops == opJoinSoon {
				c, j.cancel = context.WithCancelCause(ctx)
			}
			go func() { j.got <- join(c) }()
			synctest.Wait()
			switch {
			case !started:
				err = expect(j, result{0, thread.ErrNotStarted})
			case ended:
				err = expect(j, *outcome)
			default:
				joiners = append(joiners, j)
				continue
			}
			if j.cancel != nil {
				j.cancel(nil)
			}
		case opCancel:
			if len(joiners) == 0 {
				continue
			}
			k := arg % len(joiners)
			if j := joiners[k]; j.cancel != nil {
				j.cancel(errExpire)
				synctest.Wait()
				err = errors.Join(expect(j, result{0, thread.ErrAlive}))
				joiners = slices.Delete(joiners, k, k+1)
			}
		case opJoinLate:
			want := result{0, thread.ErrAlive}
			if !started {
				want = result{0, thread.ErrNotStarted}
			} else if ended {
				want = *outcome
			}
			if got := join(expired); !got.same(want) {
				err = fmt.Errorf("Join with an ended context returned %v, want %v", got, want)
			}
		case opEnd:
			if started && outcome == nil {
				finish(outcomes[arg%len(outcomes)])
			}
		case opStop:
			stop(errStop)
			stopped = true
		case opRelease:
			if held {
				release <- struct{}{}
				held, ended = false, true
			}
		}
		synctest.Wait()
		if err == nil && ended {
			for _, j := range joiners {
				if err = expect(j, *outcome); err != nil {
					break
				}
				if j.cancel != nil {
					j.cancel(nil)
				}
			}
			joiners = nil
		}
		done := false
		select {
		case <-th.Done():
			done = true
		default:
		}
		if alive := th.Alive(); err == nil && (alive != (started && !ended) || done != ended) {
			err = fmt.Errorf("Alive %v, Done %v in state %v", alive, done, th)
		}
		if err == nil && (len(told) != hooks || hooks == 1 && !(result{0, told[0]}).same(result{0, outcome.err})) {
			err = fmt.Errorf("the hook was told %v, want %d calls", told, hooks)
		}
		if err != nil && failure == nil {
			failure = fmt.Errorf("operation %d: %w", i, err)
		}
	}
	if started && outcome == nil {
		finish(result{1, nil})
	}
	release <- struct{}{}
	stop(nil)
	synctest.Wait()
	for _, j := range joiners {
		<-j.got
		if j.cancel != nil {
			j.cancel(nil)
		}
	}
	return failure
}

func (s script) check(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := s.run(); err != nil {
			t.Errorf("%v\nof script %v\n[]byte{%#v}", err, s, []byte(s))
		}
	})
}

// TestModel tries random scripts for a second; with SOAK set a million
// operations.
func TestModel(t *testing.T) {
	soak := os.Getenv("SOAK") != ""
	seed := uint64(1)
	if soak {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	operations := 0
	for begin := time.Now(); !t.Failed(); {
		if soak && operations >= 1_000_000 || !soak && time.Since(begin) > time.Second {
			break
		}
		s := make(script, 1+r.IntN(40))
		for i := range s {
			s[i] = byte(r.Uint32())
		}
		s.check(t)
		operations += len(s)
	}
	t.Logf("%d operations", operations)
}

func FuzzThread(f *testing.F) {
	f.Add([]byte{opStart, opJoin, opEnd})
	f.Add([]byte{128 + opStart, opEnd + ops, opJoinSoon, opCancel, opRelease, opJoin})
	f.Fuzz(func(t *testing.T, b []byte) { script(b[:min(len(b), 200)]).check(t) })
}
