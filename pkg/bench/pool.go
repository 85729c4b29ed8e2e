package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/iter"
	"golang.org/x/sync/errgroup"

	"github.com/threads2go/course/pkg/pool"
)

// A mapping applies task to each element of in, on several workers, and
// returns the results in the order of in, or an error if a task had one.
type mapping func(in []int) ([]int, error)

// A mapper makes a mapping that uses the given number of workers, and what
// ends them. Making and ending is not timed.
type mapper struct {
	name string
	make func(workers int) (m mapping, end func())
}

// task is what all mappers do with an item: x·x, or for a negative item as many
// steps of work.
func task(x int) (int, error) {
	if x < 0 {
		return work(-x)
	}
	return x * x, nil
}

// failing is the item whose task returns errTask.
const failing = -1 << 40

var errTask = errors.New("the task failed")

//go:noinline
func work(steps int) (int, error) {
	if steps == -failing {
		return 0, errTask
	}
	x := uint64(steps)
	for range steps {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return int(x), nil
}

var poolMap = mapper{"pool.Map", func(workers int) (mapping, func()) {
	p := pool.New(workers)
	return func(in []int) ([]int, error) { return pool.Map(context.Background(), p, in, poolTask) }, func() {}
}}

func poolTask(_ context.Context, x int) (int, error) { return task(x) }

var concIter = mapper{"conc iter.MapErr", func(workers int) (mapping, func()) {
	m := iter.Mapper[int, int]{MaxGoroutines: workers}
	return func(in []int) ([]int, error) {
		return m.MapErr(in, func(x *int) (int, error) { return task(*x) })
	}, func() {}
}}

// The others have no call that maps, so each gets the loop that its users write.

var pondGo = mapper{"pond Pool.Go", func(workers int) (mapping, func()) {
	p := pond.NewPool(workers)
	return bySubmitting(p.Go), p.StopAndWait
}}

var antsSubmit = mapper{"ants Pool.Submit", func(workers int) (mapping, func()) {
	p, err := ants.NewPool(workers)
	if err != nil {
		return func([]int) ([]int, error) { return nil, err }, func() {}
	}
	return bySubmitting(p.Submit), p.Release
}}

// bySubmitting maps by a function that has a worker call another function.
func bySubmitting(submit func(func()) error) mapping {
	return func(in []int) ([]int, error) {
		out := make([]int, len(in))
		var wg sync.WaitGroup
		var first firstError
		for i, x := range in {
			wg.Add(1)
			err := submit(func() {
				defer wg.Done()
				var err error
				if out[i], err = task(x); err != nil {
					first.set(err)
				}
			})
			if err != nil {
				wg.Done()
				first.set(err)
				break
			}
		}
		wg.Wait()
		return out, first.err
	}
}

var errgroupGo = mapper{"x/sync errgroup", func(workers int) (mapping, func()) {
	return func(in []int) ([]int, error) {
		out := make([]int, len(in))
		var g errgroup.Group
		g.SetLimit(workers)
		for i, x := range in {
			g.Go(func() (err error) {
				out[i], err = task(x)
				return err
			})
		}
		return out, g.Wait()
	}, func() {}
}}

var waitGroup = mapper{"loop + sync.WaitGroup", func(int) (mapping, func()) {
	return func(in []int) ([]int, error) {
		out := make([]int, len(in))
		var wg sync.WaitGroup
		var first firstError
		for i, x := range in {
			wg.Go(func() {
				var err error
				if out[i], err = task(x); err != nil {
					first.set(err)
				}
			})
		}
		wg.Wait()
		return out, first.err
	}, func() {}
}}

type firstError struct {
	once sync.Once
	err  error
}

func (f *firstError) set(err error) { f.once.Do(func() { f.err = err }) }

// mapPeers are the peers of Map.
var mapPeers = []mapper{concIter, pondGo, antsSubmit, errgroupGo, waitGroup}

// poolRows compare the calls of package pool with what Go programmers use.
func poolRows(workers int, short bool) []Row {
	atLeast := 30 * time.Millisecond
	if short {
		atLeast = 5 * time.Millisecond
	}
	row := func(name string, in []int, goal float64, ours mapper, peers ...mapper) Row {
		contender := func(m mapper) Contender {
			return Contender{m.name, func() (float64, error) {
				f, end := m.make(workers)
				defer end()
				return perItem(atLeast, len(in), func() error {
					_, err := f(in)
					return err
				})
			}}
		}
		r := Row{Name: name, Unit: "ns/task", Goal: goal, Ours: contender(ours)}
		for _, p := range peers {
			r.Peers = append(r.Peers, contender(p))
		}
		return r
	}
	// counted has a row's note tell how often the call that does so many tasks
	// allocates.
	counted := func(r Row, in []int, tasks int, unit string, mappers ...mapper) Row {
		r.Note = func() string {
			var said []string
			for _, m := range mappers {
				said = append(said, fmt.Sprintf("%s %.1f", m.name, m.allocations(workers, in)*float64(tasks)/float64(len(in))))
			}
			return fmt.Sprintf("allocations a %s: %s", unit, strings.Join(said, ", "))
		}
		return r
	}

	us := -stepsPerMicrosecond() // an item that works for 1 µs
	equal := func(n, item int) []int { return slices.Repeat([]int{item}, n) }
	squares := make([]int, 1_000_000)
	for i := range squares {
		squares[i] = i
	}
	// Tasks of 1 µs, a tenth of them of 100 µs: scattered, or all at the end.
	const n = 3000
	scattered, last := equal(n, us), equal(n, us)
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(n)[:n/10] {
		scattered[i] *= 100
	}
	for i := n - n/10; i < n; i++ {
		last[i] *= 100
	}
	// Six of 10 ms first, then 58 of 100 µs.
	first := append(equal(6, 10_000*us), equal(58, 100*us)...)

	mapOf := func(name string, in []int, goal float64, peers ...mapper) Row {
		return row("map "+name, in, goal, poolMap, peers...)
	}
	few, some, many := squares[:8], squares[:1000], squares[:100_000]
	return []Row{
		mapOf("1e6 x·x", squares, 0.15, mapPeers...),
		mapOf("30,000 × 1 µs", equal(30_000, us), 1.02, mapPeers...),
		mapOf("1,000 × 50 µs", equal(1000, 50*us), 1.02, mapPeers...),
		mapOf("skewed A, scattered", scattered, 1.03, concIter),
		mapOf("skewed B, at the end", last, 1.03, concIter),
		mapOf("skewed C, six first", first, 1.03, concIter),
		counted(mapOf("8 x·x", few, 1.5, concIter), few, len(few), "call", poolMap, concIter),
		mapOf("8 × 10 µs", equal(8, 10*us), 1.1, concIter),
		counted(row("apply x·x", some, 0.9, poolApply, goroutineChannel),
			some, 1, "task", poolApply, goroutineChannel),
		counted(row("apply x·x, cancellable", some, 1.3, poolApplyCancellable, goroutineChannel, goroutineSelect),
			some, 1, "task", poolApplyCancellable, goroutineChannel, goroutineSelect),
		counted(row("submit 1,000 x·x, get each", some, 0.2, poolApplyAsync, futures...),
			some, 1, "task", append([]mapper{poolApplyAsync}, futures...)...),
		row("stream 100,000 x·x", many, 0.1, poolStream, concStream),
		row("stream 10,000 × 1 µs", equal(10_000, us), 0.4, poolStream, concStream),
	}
}

// allocations returns how often a call of the mapping for in allocates, once it
// has what it uses again.
func (m mapper) allocations(workers int, in []int) float64 {
	f, end := m.make(workers)
	defer end()
	call := func() error {
		_, err := f(in)
		return err
	}
	if call() != nil {
		return -1
	}
	return allocsPerCall(100, call)
}

// stepsPerMicrosecond returns how many steps of work take 1 µs when nothing
// disturbs them.
func stepsPerMicrosecond() int {
	const steps = 100_000
	best := time.Hour
	for range 20 {
		begin := time.Now()
		work(steps)
		best = min(best, time.Since(begin))
	}
	return max(1, int(steps*time.Microsecond/best))
}
