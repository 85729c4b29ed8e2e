package timing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A Candidate is one way of doing the thing that is measured.
type Candidate struct {
	Name string

	// Func does the thing once. It gets the context that Measure was given.
	Func func(context.Context) error
}

// An Option configures a call of Measure.
type Option func(*options)

type options struct {
	progress func(done, total int)
}

// WithProgress has Measure call report after each run, warm-up included, with the
// number of runs done and the number that there will be. It is called on the
// goroutine of Measure, and its own time is not measured.
func WithProgress(report func(done, total int)) Option {
	return func(o *options) { o.progress = report }
}

// Measure runs every candidate once to warm up and then n times, by turns, and
// returns the n times of each. It blocks until the last run has returned; all
// run on the caller's goroutine.
//
// The first error of a run ends the measurement: Measure returns it, with the
// candidate and the run, along with the result of the rounds that were complete
// before; without any, the result has no series. So it does when ctx ends, with
// context.Cause(ctx), but a run that has begun is waited for. A panic of a
// candidate goes on to the caller of Measure.
//
// It is an error, nothing runs and the result is nil, if ctx is nil, n is less
// than 1, there is no candidate, a candidate has no name or no function, or two
// have the same name.
func Measure(ctx context.Context, n int, candidates []Candidate, opts ...Option) (*Result, error) {
	if err := check(ctx, n, candidates); err != nil {
		return nil, err
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}

	result := &Result{Machine: Machine()}
	times := make([][]time.Duration, len(candidates))
	done, total := 0, (1+n)*len(candidates)
	var err error
	for done < total {
		round, k := done/len(candidates), done%len(candidates) // round 0 warms up
		if round%2 == 1 {
			k = len(candidates) - 1 - k
		}
		var d time.Duration
		if d, err = measure(ctx, candidates[k], round); err != nil {
			break
		}
		if round > 0 {
			times[k] = append(times[k], d)
		}
		done++
		if o.progress != nil {
			o.progress(done, total)
		}
	}
	if rounds := done/len(candidates) - 1; rounds > 0 {
		for k, c := range candidates {
			result.Series = append(result.Series, Series{c.Name, times[k][:rounds]})
		}
		result.together = len(candidates)
	}
	return result, err
}

func check(ctx context.Context, n int, candidates []Candidate) error {
	switch {
	case ctx == nil:
		return errors.New("timing: Measure with a nil context; use context.Background() if there is none")
	case n < 1:
		return fmt.Errorf("timing: Measure with %d runs of each candidate; ask for at least 1, or for %d to have intervals", n, minRuns)
	case len(candidates) == 0:
		return errors.New("timing: Measure without a candidate; give at least one")
	}
	names := map[string]bool{}
	for i, c := range candidates {
		switch {
		case c.Name == "":
			return fmt.Errorf("timing: candidate %d has no name; give it one to be told by", i)
		case names[c.Name]:
			return fmt.Errorf("timing: two candidates are named %q; give each a name of its own", c.Name)
		case c.Func == nil:
			return fmt.Errorf("timing: candidate %q has a nil Func; give it the function to measure", c.Name)
		}
		names[c.Name] = true
	}
	return nil
}

// measure runs c once.
func measure(ctx context.Context, c Candidate, round int) (time.Duration, error) {
	runtime.GC() // so that nobody pays for the garbage of the one before
	err := ctx.Err()
	if err != nil {
		err = context.Cause(ctx)
	}
	begin := time.Now()
	if err == nil {
		err = c.Func(ctx)
	}
	d := time.Since(begin)
	switch {
	case err != nil && round == 0:
		err = fmt.Errorf("timing: %q, warming up: %w", c.Name, err)
	case err != nil:
		err = fmt.Errorf("timing: %q, run %d: %w", c.Name, round, err)
	}
	return d, err
}

// A Result holds the times of some candidates. The zero Result is ready for Add.
type Result struct {
	Machine string   // where the times are from, see the function Machine
	Series  []Series // in the order of the candidates, then of Add

	together int // so many of the series, from the first, were timed by turns
}

// A Series is one candidate's times, in the order of the runs.
type Series struct {
	Name  string
	Times []time.Duration
}

// Add adds the times of a candidate that was measured elsewhere: in another
// program, or one that can run only once. It is an error, and nothing is added,
// if the name is empty or taken, there are no times, or one is negative.
func (r *Result) Add(name string, times ...time.Duration) error {
	switch {
	case name == "":
		return errors.New("timing: Add without a name; give one to tell the times by")
	case slices.ContainsFunc(r.Series, func(s Series) bool { return s.Name == name }):
		return fmt.Errorf("timing: Add of %q, which is there already; give another name", name)
	case len(times) == 0:
		return fmt.Errorf("timing: Add of %q without times; give at least one", name)
	}
	for i, d := range times {
		if d < 0 {
			return fmt.Errorf("timing: Add of %q: time %d is %v; a time cannot be negative: subtract the begin from the end", name, i, d)
		}
	}
	if r.Machine == "" {
		r.Machine = Machine()
	}
	r.Series = append(r.Series, Series{name, slices.Clone(times)})
	return nil
}

// AddSeconds is Add for times in seconds, the unit of Python's time.perf_counter
// and timeit. They are rounded to nanoseconds. Besides what Add refuses, NaN and
// times above 292 years, the most that a time.Duration holds, are errors.
func (r *Result) AddSeconds(name string, seconds ...float64) error {
	times := make([]time.Duration, len(seconds))
	for i, s := range seconds {
		ns := math.Round(s * 1e9)
		if math.IsNaN(ns) || math.Abs(ns) >= math.MaxInt64 {
			return fmt.Errorf("timing: AddSeconds of %q: time %d is %v s, which no clock has shown; leave it out", name, i, s)
		}
		times[i] = time.Duration(ns)
	}
	return r.Add(name, times...)
}

// String returns a table: the median, the quartiles and the number of runs of
// each series, what Speedup says about it and the first, and below it the
// machine's line.
func (r *Result) String() string {
	var cells strings.Builder
	w := tabwriter.NewWriter(&cells, 0, 0, 2, ' ', 0)
	for i, s := range r.Series {
		if i == 0 {
			head := ""
			if len(r.Series) > 1 {
				head = "speed-up over " + s.Name
			}
			fmt.Fprintf(w, "name\tmedian\tquartiles\truns\t%s\n", head)
		}
		ratio := ""
		if i > 0 {
			if s, err := r.Speedup(r.Series[0].Name, s.Name); err == nil {
				ratio = s.String()
			}
		}
		fmt.Fprintf(w, "%s\t%v\t%v to %v\t%d\t%s\n", s.Name, short(s.Median()),
			short(s.Quantile(0.25)), short(s.Quantile(0.75)), len(s.Times), ratio)
	}
	w.Flush()
	var table strings.Builder
	for line := range strings.Lines(cells.String()) {
		fmt.Fprintln(&table, strings.TrimRight(line, " \n")) // empty cells have spaces
	}
	return table.String() + r.Machine
}

// short rounds d to three digits.
func short(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
