package main

import (
	"context"
	"slices"

	"github.com/sourcegraph/conc/stream"

	"github.com/threads2go/course/pkg/pool"
)

// The mappings of this file are handed results one by one, in the order of the
// items, while the work goes on.

var poolStream = mapper{"pool.Stream", func(workers int) (mapping, func()) {
	p := pool.New(workers)
	return func(in []int) ([]int, error) {
		out := make([]int, 0, len(in))
		for r, err := range pool.Stream(context.Background(), p, slices.Values(in), poolTask) {
			if err != nil {
				return out, err
			}
			out = append(out, r)
		}
		return out, nil
	}, func() {}
}}

var concStream = mapper{"conc stream", func(workers int) (mapping, func()) {
	return func(in []int) ([]int, error) {
		out := make([]int, 0, len(in))
		var first error
		s := stream.New().WithMaxGoroutines(workers)
		for _, x := range in {
			s.Go(func() stream.Callback {
				r, err := task(x)
				return func() {
					if err != nil && first == nil {
						first = err
					}
					out = append(out, r)
				}
			})
		}
		s.Wait()
		return out, first
	}, func() {}
}}
