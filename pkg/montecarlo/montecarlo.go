// Package montecarlo simulates geometric random walks of a price on all cores
// and gives the same numbers on any number of them.
//
// A walk starts at Model.Start and multiplies the price, day after day, by
//
//	1 + N(Drift/Days, Volatility/√Days)
//
// where N(mean, sd) is a fresh normal number. Model.Run keeps the last price
// of every walk, Summarize condenses the prices to a mean, its standard error
// and quantiles, and Model.Expected says what these should be.
//
// # Reproducible on any number of workers
//
// Walks are simulated in blocks of BlockSize. Block b of a run has a random
// stream of its own, the ChaCha8 generator of math/rand/v2 keyed by the run's
// seed and by b, so what a walk does depends on its seed and its number, never
// on the worker that happens to simulate it. Asking for more walks keeps the
// first ones as they are.
//
// ChaCha8 (Bernstein's stream cipher in the form https://c2sp.org/chacha8rand)
// is a counter-based generator: keys that differ give streams that cannot be
// told from independent ones, so there is no sequence that two blocks could
// share or run into.
//
// Normal numbers are computed with operations that round alike on every
// processor, so the prices are the same to the last bit on all of them, too.
package montecarlo

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/threads2go/course/pkg/pool"
)

// BlockSize is the number of walks that share one random stream: enough to
// make the stream's set-up (under a microsecond) invisible, few enough to keep
// any number of cores busy with a million walks. The prices of a run depend on
// it, so it never changes.
const BlockSize = 1024

// A Model says how a price walks. Start has any unit of money; the prices of
// the walks have the same.
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
// block. When ctx ends first, Run waits for the blocks in hand and returns
// context.Cause(ctx) with the prices so far; those of unfinished walks are 0.
// A model or a number of walks that makes no sense is an error before any work.
//
// The cost is one normal number and one multiplication per walk and day, 8
// bytes per walk, and no allocation per walk.
func (m Model) Run(ctx context.Context, p *pool.Pool, walks int, seed uint64) ([]float64, error) {
	if walks < 1 {
		return nil, fmt.Errorf("montecarlo: number of walks is %d: ask for at least 1", walks)
	}
	if err := m.validate(); err != nil {
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

// Block simulates the first len(dst) walks of one block of Run and writes the
// last price of each to dst, which holds at most BlockSize. It is the piece
// from which Run is made, for those who want to distribute blocks themselves;
// different blocks may be simulated at the same time. It allocates the
// block's generator and nothing per walk.
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

func (m Model) fill(dst []float64, seed, block uint64) {
	src := stream(seed, block)
	days := float64(m.Days)
	growth := 1 + m.Drift/days
	sd := m.Volatility / math.Sqrt(days)
	for i := range dst {
		price := m.Start
		for range m.Days {
			price *= growth + float64(sd*normal(src)) // not fused: see normal.go
		}
		dst[i] = price
	}
}

// stream returns the random bits of one block. The key's last half sets them
// apart from any other use that a program makes of ChaCha8 with the same seed.
func stream(seed, block uint64) *rand.ChaCha8 {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[0:], seed)
	binary.LittleEndian.PutUint64(key[8:], block)
	copy(key[16:], "threads2go walks")
	return rand.NewChaCha8(key)
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
