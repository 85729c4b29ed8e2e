package montecarlo

import (
	"errors"
	"fmt"
	"math"

	"github.com/threads2go/course/pkg/internal/quantile"
)

// A Sketch summarizes prices without keeping them: a billion of them in the memory
// of a few thousand. The zero Sketch has none. It is for one goroutine at a time,
// and must not be copied once it has prices.
//
// Mean and standard error are exact but for rounding. A quantile is off by less
// than 1/4096 of its size, 0.025 %, or by less than 1e-307 next to 0, and mostly
// by far less; the smallest and the largest price are exact.
//
// The sketch counts prices in bins, 4096 of one width from each power of two to the
// next: the log-linear histogram of Hartmann and Schlossnagle, "Circllhist: A
// Log-Linear Histogram Data Structure for IT Infrastructure Monitoring" (2020), cut
// finer. A count takes 8 bytes, so it has 32 KB, and 32 KB more for each power of
// two that prices lie in; the prices of a share for a year lie in four to seven.
// That is the bound that Masson, Rim and Lee state for such bins in "DDSketch: A
// Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees" (2019);
// no order of the prices, and no number of them, makes it worse.
type Sketch struct {
	octaves  [4096]*octave // by sign and exponent, the first 12 bits of a float64
	walks    int
	sum      float64
	mean     float64 // of the prices, and their squared distances from it
	squares  float64
	min, max float64
}

// An octave counts the prices of one sign and exponent by the next 12 bits.
type octave struct {
	n    uint64
	bins [4096]uint64
}

// Add takes in more prices. When it gets the blocks of [Model.Stream], or of
// [Model.Run] in slices of BlockSize, the mean is that of [Summarize] to the last
// bit. It costs some nanoseconds a price. A price that is NaN or infinite is an
// error, and then none of these prices counts.
func (s *Sketch) Add(prices []float64) error {
	if err := finite(prices, s.walks); err != nil {
		return err
	}
	if len(prices) == 0 {
		return nil
	}
	if s.walks == 0 {
		s.min, s.max = prices[0], prices[0]
	}
	var sum float64
	for _, x := range prices {
		sum += x
		s.min, s.max = min(s.min, x), max(s.max, x)
		bits := math.Float64bits(x)
		o := s.octaves[bits>>52]
		if o == nil {
			o = new(octave)
			s.octaves[bits>>52] = o
		}
		o.n++
		o.bins[bits>>40&4095]++
	}
	added := float64(len(prices))
	mean := sum / added
	var squares float64
	for _, x := range prices {
		squares += float64((x - mean) * (x - mean))
	}
	// Two groups become one by the formula of Chan, Golub and LeVeque, "Updating
	// Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
	before := float64(s.walks)
	apart := mean - s.mean
	s.squares += squares + float64(float64(apart*apart)*(before/(before+added)*added))
	s.walks += len(prices)
	s.sum += sum
	s.mean = s.sum / float64(s.walks)
	return nil
}

// Walks is the number of prices so far.
func (s *Sketch) Walks() int { return s.walks }

// Summary returns what [Summarize] would say about all prices so far, as exactly as
// the sketch can. It may be asked for at any time: to stop when the mean is known
// well enough, for example. It costs some microseconds for each quantile. A sketch
// without prices, or a quantile outside [0, 1], is an error.
func (s *Sketch) Summary(q ...float64) (Summary, error) {
	if s.walks == 0 {
		return Summary{}, errors.New("montecarlo: 0 prices: a summary needs at least 1, call Add first")
	}
	if err := checkQuantiles(q); err != nil {
		return Summary{}, err
	}
	n := float64(s.walks)
	sum := Summary{Walks: s.walks, Mean: s.mean, StdErr: math.Sqrt(s.squares / (n - 1) / n)}
	for _, q := range q {
		sum.Quantiles = append(sum.Quantiles, quantile.Of(s.walks, s.ranked, q))
	}
	return sum, nil
}

// ranked returns about the price that has so many below it: the prices of a bin are
// taken to be spread evenly.
func (s *Sketch) ranked(rank int) float64 {
	switch rank {
	case 0:
		return s.min
	case s.walks - 1:
		return s.max
	}
	left := uint64(rank)
	for i := range s.octaves {
		// In the order of prices: of negative ones, which have the upper half of the
		// bits, the largest sizes come first.
		top, flip := uint64(i-2048), uint64(0)
		if i < 2048 {
			top, flip = uint64(4095-i), 4095
		}
		o := s.octaves[top]
		if o == nil {
			continue
		}
		if left >= o.n {
			left -= o.n
			continue
		}
		for k := range uint64(4096) {
			bin := k ^ flip
			n := o.bins[bin]
			if left >= n {
				left -= n
				continue
			}
			inner := math.Float64frombits(top<<52 | bin<<40) // the end of the bin nearer to 0
			outer := math.Float64frombits(top<<52 | bin<<40 | (1<<40 - 1))
			part := (float64(left) + 0.5) / float64(n)
			if flip > 0 {
				part = 1 - part
			}
			x := inner + float64(part*(outer-inner))
			return min(max(x, s.min), s.max)
		}
	}
	return s.max
}

// finite refuses prices that have no mean. The first of them has the number first.
func finite(prices []float64, first int) error {
	for i, x := range prices {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf(
				"montecarlo: price %d is %v: a summary needs finite prices, choose a smaller drift or volatility", first+i, x)
		}
	}
	return nil
}
