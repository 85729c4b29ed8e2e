package charts

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// repeated has some candidates, each timed n times.
func repeated(candidates, n int) Timings {
	r := rand.New(rand.NewPCG(uint64(candidates), uint64(n)))
	t := Timings{Title: "Time for 1,000 walks of 250 days"}
	for i := range candidates {
		run := Run{Name: fmt.Sprintf("candidate %d", i+1)}
		for range n {
			run.Times = append(run.Times, time.Duration(1e6*(20+float64(i)*3)*math.Exp(0.1*r.NormFloat64())))
		}
		t.Runs = append(t.Runs, run)
	}
	return t
}

// scaledTo has some programs, timed with each number of workers up to most.
func scaledTo(programs, most int) Speedup {
	s := Speedup{Title: "Speed-up of 1,000 walks"}
	var workers []int
	for w := range most {
		workers = append(workers, w+1)
	}
	for i := range programs {
		s.Curves = append(s.Curves, scaled(fmt.Sprintf("program %d", i+1), 0.01*float64(i+1), 7, workers...))
	}
	return s
}

// Figures of every kind at their ordinary sizes take at most 12 KB of a notebook, all that they
// add to it. Those that hold more, and would lose what is to be seen, take what the docs say.
func TestFiguresAreAsSmallAsTheDocsSay(t *testing.T) {
	environment(t)
	curves := walks()
	curves.Density, curves.Normal = true, true
	many := curves
	many.Values = slices.Repeat(curves.Values, 10)
	const ordinary = 12_000
	for name, c := range map[string]struct {
		figure Figure
		most   int
	}{
		"histogram, 100 bins, 3 marks, both curves":         {curves, ordinary},
		"histogram of ten million, 3 marks and both curves": {many, ordinary},
		"timings, 6 of 20 runs":                             {repeated(6, 20), ordinary},
		"timings, 10 of 20 runs":                            {repeated(10, 20), ordinary},
		"timings, 20 of 20 runs":                            {repeated(20, 20), 14_000},
		"timings, 50 of 20 runs":                            {repeated(50, 20), 26_000},
		"timings, 6 of 100,000 runs":                        {repeated(6, 100_000), ordinary},
		"speed-up, 3 of 8":                                  {scaledTo(3, 8), ordinary},
		"speed-up, 4 of 8":                                  {scaledTo(4, 8), 15_000},
		"speed-up, 1 of 30":                                 {scaledTo(1, 30), ordinary},
		"speed-up, 4 of 30":                                 {scaledTo(4, 30), 22_000},
		"timeline, 100 events in 4 rows":                    {stages(75, 4), ordinary},
		"timeline, 10,000 events in 8 rows":                 {stages(7_500, 8), ordinary},
		"timeline, 10,000 events in 24 rows":                {stages(7_500, 24), 18_000},
		"timeline, 10,000 events in 64 rows":                {stages(7_500, 64), 40_000},
		"line":                                              {costs(), ordinary},
		"distribution":                                      {distributions()["four"], ordinary},
		"heatmap":                                           {heatmaps()["times"], ordinary},
	} {
		n := len(htmlOf(t, c.figure))
		t.Logf("%s: %d bytes", name, n)
		if n > c.most {
			t.Errorf("%s takes %d bytes in a notebook, more than %d", name, n, c.most)
		}
	}
}
