package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/thread"
)

// threadRows compare a thread that is started and joined with a goroutine and a
// WaitGroup, which has no name, error, or end of waiting.
func threadRows(short bool) []Row {
	atLeast := 30 * time.Millisecond
	if short {
		atLeast = 5 * time.Millisecond
	}
	ctx := context.Background()
	errWrong := errors.New("the result is not 1")
	join := func() error {
		v, err := thread.Go(ctx, "bench", func(context.Context) (int, error) { return 1, nil }).Join(ctx)
		if v != 1 || err != nil {
			return errors.Join(errWrong, err)
		}
		return nil
	}
	wait := func() error {
		v := 0
		var wg sync.WaitGroup
		wg.Go(func() { v = 1 })
		wg.Wait()
		if v != 1 {
			return errWrong
		}
		return nil
	}
	contender := func(name string, f func() error) Contender {
		return Contender{name, func() (float64, error) { return perItem(atLeast, 1, f) }}
	}
	return []Row{{
		Name:  "thread Go and Join",
		Unit:  "ns/thread",
		Goal:  2.5,
		Ours:  contender("thread.Go, Join", join),
		Peers: []Contender{contender("go + sync.WaitGroup", wait)},
		Note:  func() string { return fmt.Sprintf("%.1f allocations a thread", allocsPerCall(1000, join)) },
	}}
}

// allocsPerCall returns how often f allocates, on average over n calls.
func allocsPerCall(n int, f func() error) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		if err := f(); err != nil {
			return -1
		}
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n)
}
