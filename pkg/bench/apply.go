package main

import (
	"context"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"

	"github.com/threads2go/course/pkg/pool"
)

// The mappings of this file call something for each item. First those that wait
// for its result before they call it for the next.

var poolApply = mapper{"pool.Apply", func(workers int) (mapping, func()) {
	p := pool.New(workers)
	return oneByOne(func(x int) (int, error) { return pool.Apply(context.Background(), p, x, poolTask) }), func() {}
}}

var poolApplyCancellable = mapper{"pool.Apply", func(workers int) (mapping, func()) {
	p := pool.New(workers)
	ctx, cancel := context.WithCancel(context.Background())
	return oneByOne(func(x int) (int, error) { return pool.Apply(ctx, p, x, poolTask) }), cancel
}}

var goroutineChannel = mapper{"goroutine + channel", func(int) (mapping, func()) {
	return oneByOne(func(x int) (int, error) {
		c := make(chan outcome)
		go func() { c <- do(x) }()
		r := <-c
		return r.value, r.err
	}), func() {}
}}

// It gives up waiting when a context ends.
var goroutineSelect = mapper{"goroutine + select", func(int) (mapping, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	return oneByOne(func(x int) (int, error) {
		c := make(chan outcome, 1) // so that the goroutine ends when nobody waits
		go func() { c <- do(x) }()
		select {
		case r := <-c:
			return r.value, r.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}), cancel
}}

func oneByOne(call func(x int) (int, error)) mapping {
	return func(in []int) (out []int, err error) {
		out = make([]int, len(in))
		for i, x := range in {
			if out[i], err = call(x); err != nil {
				return out, err
			}
		}
		return out, nil
	}
}

// An outcome is what a task returned.
type outcome struct {
	value int
	err   error
}

func do(x int) outcome {
	value, err := task(x)
	return outcome{value, err}
}

// And those that submit all items, and then get one result after the other.

var poolApplyAsync = mapper{"pool.ApplyAsync, Get", func(workers int) (mapping, func()) {
	p := pool.New(workers)
	ctx := context.Background()
	return submitAndGet(
		func(x int) (*pool.Result[int], error) { return pool.ApplyAsync(ctx, p, x, poolTask), nil },
		func(r *pool.Result[int]) (int, error) { return r.Get(ctx) },
	), func() {}
}}

// futures are the peers of ApplyAsync and Get.
var futures = []mapper{antsChannel, antsFuncChannel, pondResult}

// The pools of ants know no results; with them one hands a channel in.

var antsChannel = mapper{"ants Submit, channel", func(workers int) (mapping, func()) {
	p, err := ants.NewPool(workers)
	if err != nil {
		return func([]int) ([]int, error) { return nil, err }, func() {}
	}
	return submitAndGet(func(x int) (chan outcome, error) {
		c := make(chan outcome, 1)
		return c, p.Submit(func() { c <- do(x) })
	}, receive), p.Release
}}

var antsFuncChannel = mapper{"ants Invoke, channel", func(workers int) (mapping, func()) {
	type order struct {
		x int
		c chan outcome
	}
	p, err := ants.NewPoolWithFuncGeneric(workers, func(o order) { o.c <- do(o.x) })
	if err != nil {
		return func([]int) ([]int, error) { return nil, err }, func() {}
	}
	return submitAndGet(func(x int) (chan outcome, error) {
		c := make(chan outcome, 1)
		return c, p.Invoke(order{x, c})
	}, receive), p.Release
}}

func receive(c chan outcome) (int, error) {
	r := <-c
	return r.value, r.err
}

var pondResult = mapper{"pond ResultPool", func(workers int) (mapping, func()) {
	p := pond.NewResultPool[int](workers)
	return submitAndGet(
		func(x int) (pond.ResultTask[int], error) {
			return p.SubmitErr(func() (int, error) { return task(x) }), nil
		},
		func(t pond.ResultTask[int]) (int, error) { return t.Wait() },
	), p.StopAndWait
}}

func submitAndGet[F any](submit func(x int) (F, error), get func(F) (int, error)) mapping {
	return func(in []int) (out []int, err error) {
		submitted := make([]F, len(in))
		for i, x := range in {
			if submitted[i], err = submit(x); err != nil {
				return nil, err
			}
		}
		out = make([]int, len(in))
		for i, f := range submitted {
			if out[i], err = get(f); err != nil {
				return out, err
			}
		}
		return out, nil
	}
}
