package pool_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// A life is a pool's, drawn at random: calls of all kinds begin at random moments
// of virtual time, some are cancelled, the pool is resized, closed or terminated.
// Then what each call returned is compared with what its tasks did.

// A deed is what a task does, and what became of it.
type deed struct {
	kind  int // succeed, fail, panics, exit, nest
	sleep time.Duration
	heeds bool // its context

	begun, finished atomic.Int32
	came            atomic.Bool // to its failure, panic or exit
}

var (
	errDeed   = errors.New("no luck")
	errBroken = errors.New("the loop was left")
)

type life struct {
	t    *testing.T
	p    *pool.Pool
	g    gauge
	all  bool // WithAllErrors
	next func() int
	over sync.WaitGroup
}

func (l *life) deeds(n int) []*deed {
	ds := make([]*deed, n)
	for i := range ds {
		k := l.next()
		d := &deed{sleep: time.Duration(k%7) * time.Second, heeds: k%3 > 0}
		switch k := l.next(); {
		case k >= 250:
			d.kind = panics
		case k >= 246:
			d.kind = exit
		case k >= 236:
			d.kind = fail
		case k >= 220:
			d.kind = nest
		}
		ds[i] = d
	}
	return ds
}

func (l *life) do(ctx context.Context, d *deed) (*deed, error) {
	l.g.enter()
	defer l.g.leave()
	if d.begun.Add(1) > 1 {
		l.t.Error("a task began twice")
	}
	wait := func(ctx context.Context, s time.Duration) error {
		if !d.heeds {
			time.Sleep(s)
			return nil
		}
		select {
		case <-time.After(s):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := wait(ctx, d.sleep); err != nil {
		return nil, err
	}
	switch d.kind {
	case fail:
		d.came.Store(true)
		return nil, errDeed
	case panics:
		d.came.Store(true)
		panic(errDeed)
	case exit:
		d.came.Store(true)
		runtime.Goexit()
	case nest:
		l.g.leave()
		inner := func(ctx context.Context, _ int) (int, error) {
			l.g.enter()
			defer l.g.leave()
			return 1, wait(ctx, time.Second)
		}
		later := pool.ApplyAsync(ctx, l.p, 1, inner)
		_, err := pool.Map(ctx, l.p, numbers(3), inner)
		_, err2 := later.Get(ctx)
		for range pool.Stream(ctx, l.p, upTo(2), inner) {
		}
		l.g.enter()
		if err := errors.Join(err, err2); err != nil {
			if ctx.Err() == nil {
				l.t.Errorf("a nested call failed: %v", err)
			}
			return nil, err
		}
	}
	d.finished.Add(1)
	return d, nil
}

// check compares the results of a call with its deeds, where got holds what was
// returned for those that have results.
func (l *life) check(what string, ctx context.Context, ds []*deed, got []*deed, err error) {
	for i, d := range ds {
		if has := slices.Contains(got, d); has && d.finished.Load() != 1 {
			l.t.Errorf("%s: the result of item %d, which has not finished", what, i)
		} else if !has && d.finished.Load() == 1 && err == nil {
			l.t.Errorf("%s: item %d has finished, its result is lost", what, i)
		}
	}
	if err == nil && len(got) != len(ds) {
		l.t.Errorf("%s: %d results of %d, and no error", what, len(got), len(ds))
	}
	told := map[int]error{}
	for _, err := range leaves(err) {
		var failure *pool.TaskError
		switch {
		case errors.As(err, &failure):
			told[failure.Index] = failure.Err
			if kind := ds[failure.Index].kind; !tells(failure.Err, kind) {
				l.t.Errorf("%s: item %d, of kind %d, has the error %v", what, failure.Index, kind, failure.Err)
			}
		case err == pool.ErrClosed:
			for i, d := range ds {
				if d.begun.Load() > 0 {
					l.t.Errorf("%s: item %d has begun in a closed pool", what, i)
				}
			}
		case err == pool.ErrTerminated, err == errBroken, ctx.Err() != nil && err == context.Cause(ctx):
		default:
			l.t.Errorf("%s: error %v", what, err)
		}
	}
	if errors.Is(err, errBroken) { // nobody was there to be told
		return
	}
	stopped := ctx.Err() != nil || errors.Is(err, pool.ErrTerminated)
	for i, d := range ds {
		if d.came.Load() && told[i] == nil && (d.kind != fail || l.all && !stopped) {
			l.t.Errorf("%s: item %d, of kind %d, has failed, and the error is %v", what, i, d.kind, err)
		}
	}
}

// tells reports whether err can be that of a deed of a kind.
func tells(err error, kind int) bool {
	var failure *pool.PanicError
	switch kind {
	case fail:
		return err == errDeed
	case panics:
		return errors.As(err, &failure) && failure.Value == errDeed
	case exit:
		return err == pool.ErrGoexit
	}
	return false
}

// leaves returns the errors that were joined to one.
func leaves(err error) (all []error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			all = append(all, leaves(err)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

func compact(ds []*deed) []*deed {
	return slices.DeleteFunc(slices.Clone(ds), func(d *deed) bool { return d == nil })
}

func runLife(t *testing.T, data []byte) {
	next := choices(data)
	synctest.Test(t, func(t *testing.T) {
		n := 1 + next()%4
		most := n
		l := &life{t: t, next: next}
		var opts []pool.Option
		switch next() % 4 {
		case 1:
			opts, l.all = append(opts, pool.WithAllErrors()), true
		case 2:
			opts = append(opts, pool.WithWindow(1+next()%5))
		case 3:
			opts = append(opts, pool.WithChunkSize(1+next()%3))
		}
		l.p = pool.New(n, opts...)
		closed := false
		for range 1 + next()%12 {
			time.Sleep(time.Duration(next()%20) * time.Second / 10)
			ctx, cancel := context.WithCancelCause(bg)
			defer cancel(nil)
			if k := next(); k >= 200 {
				time.AfterFunc(time.Duration(k-200)*time.Second/10, func() { cancel(errStop) })
			}
			switch k := next() % 16; k {
			case 0:
				closed = true
				l.p.Close()
			case 1:
				closed = true
				short, cancel := context.WithTimeout(bg, time.Second)
				l.p.Terminate(short)
				cancel()
			case 2, 3:
				size := 1 + next()%6
				most = max(most, size)
				l.p.Resize(size)
			case 4, 5, 6:
				ds := l.deeds(next() % 12)
				l.over.Go(func() {
					out, err := pool.Map(ctx, l.p, ds, l.do)
					l.check("Map", ctx, ds, compact(out), err)
				})
			case 7, 8:
				ds := l.deeds(next() % 12)
				r := pool.MapAsync(ctx, l.p, ds, l.do)
				l.over.Go(func() {
					out, err := r.Get(bg)
					l.check("MapAsync", ctx, ds, compact(out), err)
				})
			case 9, 10:
				ds := l.deeds(1)
				r := pool.ApplyAsync(ctx, l.p, ds[0], l.do)
				l.over.Go(func() {
					d, err := r.Get(bg)
					l.check("ApplyAsync", ctx, ds, compact([]*deed{d}), err)
				})
			case 11, 12:
				ds := l.deeds(1)
				l.over.Go(func() {
					d, err := pool.Apply(ctx, l.p, ds[0], l.do)
					l.check("Apply", ctx, ds, compact([]*deed{d}), err)
				})
			default:
				ds := l.deeds(next() % 12)
				stop := next() % 40
				stream, name := pool.Stream[*deed, *deed], "Stream"
				if k == 15 {
					stream, name = pool.StreamUnordered[*deed, *deed], "StreamUnordered"
				}
				l.over.Go(func() {
					var out []*deed
					var errs []error
					for d, err := range stream(ctx, l.p, slices.Values(ds), l.do) {
						if err != nil {
							errs = append(errs, err)
						} else {
							out = append(out, d)
						}
						if len(out) > stop {
							errs = append(errs, errBroken) // for check: results may be missing
							break
						}
						time.Sleep(time.Second / 4)
					}
					l.check(name, ctx, ds, out, errors.Join(errs...))
					if name == "Stream" {
						last := -1
						for _, d := range out {
							if i := slices.Index(ds, d); i <= last {
								t.Errorf("Stream: item %d after %d", i, last)
							} else {
								last = i
							}
						}
					}
				})
			}
		}
		time.Sleep(time.Minute)
		if !closed {
			l.p.Close()
		}
		if err := l.p.Join(bg); err != nil {
			t.Error(err)
		}
		if now := l.g.now.Load(); now != 0 {
			t.Errorf("after Join %d tasks run", now)
		}
		l.over.Wait()
		if m := int(l.g.most.Load()); m > most {
			t.Errorf("%d tasks ran at once on %d workers at most", m, most)
		}
		idle(t, l.p)
	})
}

func TestLives(t *testing.T) {
	rounds := 2000
	if testing.Short() {
		rounds = 200
	}
	for range rounds {
		seed := rand.Uint64()
		_, data := randomBytes(seed, 600)
		runLife(t, data)
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, fmt.Sprintf("%q", data))
		}
	}
}

func FuzzLife(f *testing.F) {
	f.Add([]byte{1, 0, 8, 3, 0, 5, 11, 3, 255, 4, 240, 2, 100, 9, 210, 1, 0})
	f.Add([]byte{0, 2, 1, 11, 0, 210, 13, 9, 1, 230, 2, 221, 10, 255, 7, 0, 1})
	f.Fuzz(runLife)
}
