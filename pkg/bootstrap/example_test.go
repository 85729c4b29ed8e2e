package bootstrap_test

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/threads2go/course/pkg/bootstrap"
	"github.com/threads2go/course/pkg/pool"
)

// The highest temperatures of two weeks, of which one was not measured.
func Example() {
	measured := []float64{12.8, 10.6, 11.7, 12.2, 8.9, 4.4, math.NaN(), 7.2, 10.0, 9.4, 6.1, 6.1, 6.1, 5.0}
	temperatures, dropped := bootstrap.DropNaN(measured)
	sample, err := bootstrap.Describe(temperatures)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := bootstrap.Run(context.Background(), pool.New(4), temperatures, 10_000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d days, %d without a temperature\n", len(temperatures), dropped)
	for _, s := range []struct {
		name   string
		value  float64
		values []float64
	}{
		{"mean", sample.Mean, r.Mean},
		{"standard deviation", sample.Std, r.Std},
		{"skewness", sample.Skew, r.Skew},
	} {
		low, high, err := bootstrap.Interval(s.values, 0.95)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%-18s %5.2f, with 95 %% confidence from %5.2f to %5.2f\n", s.name, s.value, low, high)
	}
	// Output:
	// 13 days, 1 without a temperature
	// mean                8.50, with 95 % confidence from  7.00 to 10.00
	// standard deviation  2.75, with 95 % confidence from  1.92 to  3.22
	// skewness            0.08, with 95 % confidence from -0.81 to  0.99
}

// Statistics as numpy and scipy define them by default.
func ExampleDescribe() {
	s, err := bootstrap.Describe([]float64{1, 2, 3, 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mean %v, standard deviation %.4f, skewness %.4f\n", s.Mean, s.Std, s.Skew)
	// Output:
	// mean 4, standard deviation 3.5355, skewness 1.0182
}

func ExampleDropNaN() {
	_, err := bootstrap.Describe([]float64{1, math.NaN(), 3})
	fmt.Println(err)
	kept, dropped := bootstrap.DropNaN([]float64{1, math.NaN(), 3})
	fmt.Println(kept, dropped)
	// Output:
	// bootstrap: value 1 is NaN: leave such values out with DropNaN, which counts them
	// [1 3] 1
}

// Half of the means lie between these two.
func ExampleInterval() {
	low, high, err := bootstrap.Interval([]float64{9, 1, 5, 3, 7}, 0.5)
	fmt.Println(low, high, err)
	// Output:
	// 3 7 <nil>
}

// The pool decides how many cores work, and reports; the context when it is enough.
func ExampleRun() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	blocks := 0
	p := pool.New(2, pool.WithProgress(func(done, total int) { blocks = done }))
	r, err := bootstrap.Run(ctx, p, []float64{1, 2, 3, 10}, 100, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(r.Mean), "resamples in", blocks, "blocks; the first has the mean", r.Mean[0])
	// Output:
	// 100 resamples in 4 blocks; the first has the mean 4.25
}
