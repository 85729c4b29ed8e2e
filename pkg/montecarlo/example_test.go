package montecarlo_test

import (
	"context"
	"fmt"

	"github.com/threads2go/course/pkg/montecarlo"
	"github.com/threads2go/course/pkg/pool"
)

// A year of a share at 100, with 5 % drift and 20 % volatility.
func Example() {
	share := montecarlo.Model{Start: 100, Days: 250, Drift: 0.05, Volatility: 0.2}
	prices, err := share.Run(context.Background(), pool.New(4), 20_000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	estimate, err := montecarlo.Summarize(prices, 0.05, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	expected, err := share.Expected(0.05, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mean %.1f ± %.1f, exactly %.2f\n", estimate.Mean, estimate.StdErr, expected.Mean)
	for i, percent := range []int{5, 95} {
		fmt.Printf("%2d %% of the walks end below %.0f, in theory %.2f\n",
			percent, estimate.Quantiles[i], expected.Quantiles[i])
	}
	// Output:
	// mean 105.1 ± 0.2, exactly 105.13
	//  5 % of the walks end below 74, in theory 74.16
	// 95 % of the walks end below 143, in theory 143.19
}

// A billion walks would not fit in memory; their summary does. Here the loop ends
// when the mean is known to 0.05, long before that.
func ExampleModel_Stream() {
	share := montecarlo.Model{Start: 100, Days: 250, Drift: 0.05, Volatility: 0.2}
	var sketch montecarlo.Sketch
	for prices, err := range share.Stream(context.Background(), pool.New(4), 1_000_000_000, 1) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := sketch.Add(prices); err != nil {
			fmt.Println(err)
			return
		}
		if s, err := sketch.Summary(0.05, 0.95); err == nil && s.StdErr < 0.05 {
			fmt.Printf("%d walks: mean %.2f ± %.2f, 90 %% of them between %.1f and %.1f\n",
				s.Walks, s.Mean, s.StdErr, s.Quantiles[0], s.Quantiles[1])
			break
		}
	}
	// Output:
	// 181248 walks: mean 105.16 ± 0.05, 90 % of them between 74.2 and 143.4
}

func ExampleModel_Path() {
	week := montecarlo.Model{Start: 100, Days: 5, Drift: 0.001, Volatility: 0.03}
	path, err := week.Path(1, 7)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", path)
	// Output:
	// [100.00 101.84 101.85 100.60 99.51 98.91]
}

// Blocks are independent, so they can be simulated wherever and in whatever
// order one likes: here by hand with pool.Map, keeping a mean per block.
func ExampleModel_Block() {
	share := montecarlo.Model{Start: 100, Days: 250, Drift: 0.05, Volatility: 0.2}
	const seed = 1
	blocks := []uint64{0, 1, 2, 3}
	means, err := pool.Map(context.Background(), pool.New(4), blocks,
		func(_ context.Context, block uint64) (float64, error) {
			prices := make([]float64, montecarlo.BlockSize)
			if err := share.Block(prices, seed, block); err != nil {
				return 0, err
			}
			s, err := montecarlo.Summarize(prices)
			return s.Mean, err
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	for block, mean := range means {
		fmt.Printf("block %d: mean %.1f\n", block, mean)
	}
	// Output:
	// block 0: mean 104.8
	// block 1: mean 104.1
	// block 2: mean 103.7
	// block 3: mean 105.2
}
