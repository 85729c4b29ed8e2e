package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/threads2go/course/pkg/lock"
)

// A locking makes a lock and returns what locks it, adds 1 to x and unlocks it, n times. The loop is
// part of it, so that calls are inlined as in a program.
type locking struct {
	name string
	make func(x *int) (loop func(n int))
}

var syncMutex = locking{"sync.Mutex", func(x *int) func(int) {
	var m sync.Mutex
	return func(n int) {
		for range n {
			m.Lock()
			*x++
			m.Unlock()
		}
	}
}}

var mutexTimeout = locking{"Mutex.LockTimeout", func(x *int) func(int) {
	var m lock.Mutex
	return func(n int) {
		for range n {
			if m.LockTimeout(time.Hour) {
				*x++
				m.Unlock()
			}
		}
	}
}}

// These could give up, too: their context can be cancelled.

var mutexContext = locking{"Mutex.LockContext", func(x *int) func(int) {
	var m lock.Mutex
	ctx := cancellable
	return func(n int) {
		for range n {
			if m.LockContext(ctx) == nil {
				*x++
				m.Unlock()
			}
		}
	}
}}

var semaphoreLock = locking{"x/sync semaphore", func(x *int) func(int) {
	m := semaphore.NewWeighted(1)
	ctx := cancellable
	return func(n int) {
		for range n {
			if m.Acquire(ctx, 1) == nil {
				*x++
				m.Release(1)
			}
		}
	}
}}

// channelLock is how Go programs write a lock with a context.
var channelLock = locking{"chan of 1", func(x *int) func(int) {
	m := make(chan struct{}, 1)
	ctx := cancellable
	return func(n int) {
		for range n {
			select {
			case m <- struct{}{}:
				*x++
				<-m
			case <-ctx.Done():
			}
		}
	}
}}

// cancellable is a context that can be cancelled, and never is.
var cancellable, _ = context.WithCancel(context.Background())

func (l locking) contender(goroutines, n int) Contender {
	return Contender{l.name, func() (float64, error) {
		x := 0
		loop := l.make(&x)
		var wg sync.WaitGroup
		begin := time.Now()
		for range goroutines {
			wg.Go(func() { loop(n / goroutines) })
		}
		wg.Wait()
		took := time.Since(begin)
		if want := n / goroutines * goroutines; x != want {
			return 0, fmt.Errorf("the lock let %d of %d increments be lost", want-x, want)
		}
		return float64(took.Nanoseconds()) / float64(n), nil
	}}
}

// A condition is what a ping-pong needs of a condition variable.
type condition struct {
	name string
	make func() (lock, unlock, wait, notify func())
}

var syncCond = condition{"sync.Cond", func() (lock, unlock, wait, notify func()) {
	m := new(sync.Mutex)
	c := sync.NewCond(m)
	return m.Lock, m.Unlock, c.Wait, c.Signal
}}

func lockCondition(ctx context.Context) condition {
	return condition{"Condition", func() (_, unlock, wait, notify func()) {
		m := new(lock.Mutex)
		c := lock.NewCondition(m)
		return m.Lock, m.Unlock, func() { _ = c.Wait(ctx) }, c.NotifyOne
	}}
}

// contender has two goroutines wake each other in turns, n times in all.
func (c condition) contender(n int) Contender {
	return Contender{c.name, func() (float64, error) {
		lock, unlock, wait, notify := c.make()
		turn := 0
		var wg sync.WaitGroup
		begin := time.Now()
		for me := range 2 {
			wg.Go(func() {
				lock()
				defer unlock()
				for range n / 2 {
					for turn != me {
						wait()
					}
					turn = 1 - me
					notify()
				}
			})
		}
		wg.Wait()
		return float64(time.Since(begin).Nanoseconds()) / float64(n), nil
	}}
}

// lockRows compare locks that can be given up with those of sync, which cannot.
func lockRows(short bool) []Row {
	locks, turns := 2_000_000, 100_000
	if short {
		locks, turns = 1_000_000, 20_000
	}
	var rows []Row
	for _, c := range []struct {
		goroutines int
		goal       float64
	}{{1, 1.25}, {8, 1}, {64, 1}} {
		for _, ours := range []locking{mutexTimeout, mutexContext} {
			row := Row{Name: fmt.Sprintf("%s, %d", ours.name, c.goroutines), Unit: "ns/lock", Goal: c.goal,
				Ours: ours.contender(c.goroutines, locks)}
			row.Peers = append(row.Peers, syncMutex.contender(c.goroutines, locks))
			if ours.name == mutexContext.name { // slow ones need no more than one row each
				row.Peers = append(row.Peers, semaphoreLock.contender(c.goroutines, locks/10),
					channelLock.contender(c.goroutines, locks/10))
			}
			rows = append(rows, row)
		}
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		goal float64
	}{{"background", context.Background(), 1.4}, {"cancellable", cancellable, 2.3}} {
		rows = append(rows, Row{Name: "Condition, " + c.name, Unit: "ns/turn", Goal: c.goal,
			Ours: lockCondition(c.ctx).contender(turns), Peers: []Contender{syncCond.contender(turns)}})
	}
	return rows
}
