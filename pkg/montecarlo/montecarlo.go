// Package montecarlo simulates geometric random walks of a price on all cores
// and gives the same numbers on any number of them.
//
// A walk starts at Model.Start and multiplies the price, day after day, by
//
//	1 + N(Drift/Days, Volatility/√Days)
//
// where N(mean, sd) is a fresh normal number.
//
//	share := montecarlo.Model{Start: 100, Days: 250, Drift: 0.05, Volatility: 0.2}
//	prices, err := share.Run(ctx, p, 1_000_000, seed)           // the last price of each walk
//	s, err := montecarlo.Summarize(prices, 0.05, 0.95)          // mean, its error, quantiles
//	known, err := share.Expected(0.05, 0.95)                    // what these should be
//	path, err := share.Path(seed, 7)                            // all prices of walk 7
//
// Where prices are too many to keep, Model.Stream hands them on in blocks and a
// Sketch summarizes them in constant memory:
//
//	var sketch montecarlo.Sketch
//	for prices, err := range share.Stream(ctx, p, 1_000_000_000, seed) {
//		if err != nil {
//			return err
//		}
//		if err := sketch.Add(prices); err != nil {
//			return err
//		}
//	}
//	s, err := sketch.Summary(0.05, 0.95)
//
// # From numpy
//
//	factors = rng.normal(1 + drift/days, vol/√days, (walks, days))
//	start * factors.prod(axis=1)               Model.Run
//	start * factors[i].cumprod()               Model.Path
//	x.mean(), x.std(ddof=1)/sqrt(n)            Summary.Mean, Summary.StdErr
//	np.quantile(x, [0.05, 0.95])               Summary.Quantiles
//	SeedSequence(seed).spawn(n)                the block number of Model.Block
//
// # Reproducible on any number of workers
//
// Walks are simulated in blocks of BlockSize. Block b of a run has a random
// stream of its own, stream b of the run's seed, so what a walk does depends on
// its seed and its number, never on the worker that happens to simulate it. Asking
// for more walks keeps the first ones as they are.
//
// The generator is xoshiro256++ of Blackman and Vigna, "Scrambled Linear
// Pseudorandom Number Generators", ACM Transactions on Mathematical Software 47
// (2021), and a stream begins one of its jumps, 2^128 numbers, behind the one
// before: no two blocks of a seed share a number. Runs with different seeds
// begin at places of the cycle of 2^256-1 numbers that have nothing to do with
// each other.
//
// Normal numbers are computed with operations that round alike on every
// processor, so the prices are the same to the last bit on all of them, too.
// They lie on a grid, of 2^24 places in each of the ziggurat's 256 layers, whose
// places are at most 5e-7 apart; beyond 3.65 they have the resolution of a float64.
package montecarlo

import (
	"context"
	"fmt"
	"iter"
	"math"
	"sync"

	"github.com/threads2go/course/pkg/internal/xoshiro"
	"github.com/threads2go/course/pkg/pool"
)

// BlockSize is the number of walks that share one random stream: enough to make
// the stream's set-up (a few microseconds) small even where a walk is of a few
// days, few enough to keep any number of cores busy with a million walks. The
// prices of a run depend on it, so it never changes.
const BlockSize = 1024

// A Model says how a price walks. Start has any unit of money; the prices of
// the walks have the same.
//
// A day that loses more than everything makes the price negative. Up to a
// Volatility/√Days of 0.1 that is ten standard deviations away and does not happen;
// at 0.3 it happens on one day in 2,300, at 1 on one in six.
type Model struct {
	Start float64 // price before the first day, above 0
	Days  int     // steps of a walk, at least 1

	// Drift and Volatility are the mean and the standard deviation of the sum
	// of all daily returns: of the whole span of Days days, not of one day.
	// 0.05 and 0.2 stand for 5 % and 20 %.
	Drift, Volatility float64
}

// Run simulates walks walks on p and returns the last price of each, in the
// walks' order: walk i is number i%BlockSize of block i/BlockSize. The prices
// depend on the model, the seed and BlockSize alone.
//
// It blocks until the last block is done. One item of the pool's progress is a
// block, which takes half a millisecond at 250 days. When ctx ends first, Run waits
// for the blocks in hand and returns context.Cause(ctx) with the prices so far; those
// of unfinished walks are 0. Less than one walk, or a model that makes no sense, is an
// error before any work: a Start that is not above 0, less than one day, a Volatility
// below 0, or a number that is NaN or infinite.
//
// The cost is one normal number and one multiplication per walk and day, about
// two nanoseconds together, 8 bytes per walk, and no allocation per walk.
func (m Model) Run(ctx context.Context, p *pool.Pool, walks int, seed uint64) ([]float64, error) {
	if err := m.validateRun(walks); err != nil {
		return nil, err
	}
	prices := make([]float64, walks)
	blocks := make([]uint64, (walks-1)/BlockSize+1)
	for i := range blocks {
		blocks[i] = uint64(i)
	}
	_, err := pool.Map(ctx, p, blocks, func(_ context.Context, block uint64) (struct{}, error) {
		first := int(block) * BlockSize
		m.fill(prices[first:min(first+BlockSize, walks)], seed, block)
		return struct{}{}, nil
	})
	return prices, err
}

// Stream simulates the walks of Run with the same prices, and hands them on block
// by block in the walks' order, while the next blocks are simulated: each slice has
// the last prices of BlockSize walks, the last one maybe fewer. A slice is the
// loop's until its next turn, and is then used again.
//
// The loop can count walks for its progress, or ask the pool for it: an item is a
// block. It can stop when it has seen enough, with break; the blocks in hand are
// then finished and dropped. When ctx ends first, the last turn has
// context.Cause(ctx), and so it has the error of what Run refuses, before any work.
//
// Memory does not grow with the number of walks: it is the window of [pool.Stream].
// That is 4 blocks of 8 KB for each worker where a block takes 100 µs or more, which
// it does at 50 days, and more of them where walks are shorter: about 70 for each
// worker at one day. A pool.WithWindow counts blocks.
func (m Model) Stream(ctx context.Context, p *pool.Pool, walks int, seed uint64) iter.Seq2[[]float64, error] {
	return func(yield func([]float64, error) bool) {
		if err := m.validateRun(walks); err != nil {
			yield(nil, err)
			return
		}
		firsts := func(yield func(int) bool) {
			for first := 0; first < walks; first += BlockSize {
				if !yield(first) {
					return
				}
			}
		}
		spare := sync.Pool{New: func() any { return new([BlockSize]float64) }}
		blocks := pool.Stream(ctx, p, firsts, func(_ context.Context, first int) (*[BlockSize]float64, error) {
			block := spare.Get().(*[BlockSize]float64)
			m.fill(block[:min(BlockSize, walks-first)], seed, uint64(first/BlockSize))
			return block, nil
		})
		first := 0
		for block, err := range blocks {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(block[:min(BlockSize, walks-first)], nil) {
				return
			}
			spare.Put(block)
			first += BlockSize
		}
	}
}

// Block simulates the first len(dst) walks of one block of Run and writes the
// last price of each to dst, which holds at most BlockSize. It is the piece
// from which Run is made, for those who want to distribute blocks themselves;
// different blocks may be simulated at the same time.
//
// The cost is one to three microseconds for the block's stream, and then about two
// nanoseconds per walk and day. It allocates the seed of the stream, 320 bytes, and
// nothing per walk. A dst of more than BlockSize, or a model that Run refuses, is an
// error, and dst stays as it is.
func (m Model) Block(dst []float64, seed, block uint64) error {
	if len(dst) > BlockSize {
		return fmt.Errorf(
			"montecarlo: block of %d walks: a block has at most %d, simulate the rest as further blocks",
			len(dst), BlockSize)
	}
	if err := m.validate(); err != nil {
		return err
	}
	m.fill(dst, seed, block)
	return nil
}

// Path returns all prices of walk number walk of a run: Start, and then the price
// after each day, of which the last is what Run returns for the walk.
//
// It is for a few walks: since the walks of a block share a stream, it simulates
// those before this one in its block, too, half a block on average. At 250 days that
// is from 3 µs for the first walk of a block to 400 µs for the last. The path takes
// 8·(Days+1) bytes. A negative walk number, or a model that Run refuses, is an error.
func (m Model) Path(seed uint64, walk int) ([]float64, error) {
	if walk < 0 {
		return nil, fmt.Errorf("montecarlo: walk number %d: walks are counted from 0", walk)
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	var d days
	d.of(m)
	src := stream(seed, uint64(walk/BlockSize))
	for range walk % BlockSize / 2 {
		_, _, src = d.walk(m.Start, m.Start, m.Days, src)
	}
	path := make([]float64, m.Days+1)
	a, b := m.Start, m.Start
	path[0] = m.Start
	for day := range m.Days {
		a, b, src = d.walk(a, b, 1, src)
		if walk%2 == 0 {
			path[day+1] = a
		} else {
			path[day+1] = b
		}
	}
	return path, nil
}

func (m Model) fill(dst []float64, seed, block uint64) {
	var d days
	d.of(m)
	src := stream(seed, block)
	var a, b float64
	for i := range len(dst) / 2 {
		a, b, src = d.walk(m.Start, m.Start, m.Days, src)
		dst[2*i], dst[2*i+1] = a, b
	}
	if n := len(dst); n%2 == 1 { // its partner walks along, and nobody looks
		dst[n-1], _, _ = d.walk(m.Start, m.Start, m.Days, src)
	}
}

// stream returns the random numbers of one block.
func stream(seed, block uint64) xoshiro.Source {
	return xoshiro.Stream("walks of a price", seed, block)
}

func (m Model) validateRun(walks int) error {
	if walks < 1 {
		return fmt.Errorf("montecarlo: number of walks is %d: ask for at least 1", walks)
	}
	return m.validate()
}

func (m Model) validate() error {
	finite := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	switch {
	case !finite(m.Start) || m.Start <= 0:
		return fmt.Errorf("montecarlo: Start is %v: give a finite price above 0, for example 100", m.Start)
	case m.Days < 1:
		return fmt.Errorf("montecarlo: Days is %d: give at least 1, for example 250", m.Days)
	case !finite(m.Drift):
		return fmt.Errorf("montecarlo: Drift is %v: give a finite number, for example 0.05 for 5 %%", m.Drift)
	case !finite(m.Volatility) || m.Volatility < 0:
		return fmt.Errorf(
			"montecarlo: Volatility is %v: give a finite number of at least 0, for example 0.2 for 20 %%",
			m.Volatility)
	}
	return nil
}
