package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A Row compares one piece of work done by ours and by peers.
type Row struct {
	Name  string
	Unit  string  // of the costs, for example "ns/task"
	Goal  float64 // the ratio ours/peer should be at most this; 0: no goal
	Ours  Contender
	Peers []Contender // at least one; the best is compared

	// Note, if set, is called after the last round and says what the reader of
	// the result must know about how it was measured.
	Note func() string
}

// A Contender does the work of a row.
type Contender struct {
	Name string
	// Round does the work once, for long enough to be timed, and returns its
	// cost in the row's unit. What it sets up and does not time is free.
	Round func() (cost float64, err error)
}

// rounds is how often a row is measured: more often where the goal is near 1
// and a few per cent decide.
func (r Row) rounds(short bool) int {
	tight := r.Goal >= 0.9 && r.Goal <= 1.3
	switch {
	case tight && short:
		return 15
	case tight:
		return 41
	case short:
		return minRounds
	}
	return modesMinRounds
}

// allowed is the peer of a row whose goal is a cost, in the row's unit, and no ratio.
func allowed(cost float64) []Contender {
	return []Contender{{"what it may take", func() (float64, error) { return cost, nil }}}
}

func (r Row) measure(short bool) Result {
	result := Result{Name: r.Name, Unit: r.Unit, Goal: r.Goal, OK: Undecided}
	contenders := append([]Contender{r.Ours}, r.Peers...)
	costs := make([][]float64, len(contenders))
	for round := range 1 + r.rounds(short) {
		for k := range contenders {
			if round%2 == 1 {
				k = len(contenders) - 1 - k
			}
			runtime.GC() // so that nobody pays for the garbage of the one before
			cost, err := contenders[k].Round()
			switch {
			case err != nil:
				result.Error = fmt.Sprintf("%s: %v", contenders[k].Name, err)
				return result
			case !(cost > 0):
				result.Error = fmt.Sprintf("%s: a round cost %v %s", contenders[k].Name, cost, r.Unit)
				return result
			}
			if round > 0 { // the first is for warming up
				costs[k] = append(costs[k], cost)
			}
		}
	}

	best := 1
	result.Peers = map[string]float64{}
	for k, c := range contenders[1:] {
		result.Peers[c.Name] = median(costs[k+1])
		if median(costs[k+1]) < median(costs[best]) {
			best = k + 1
		}
	}
	result.Ours, result.Peer, result.PeerName = median(costs[0]), median(costs[best]), contenders[best].Name
	ratios := make([]float64, len(costs[0]))
	for i := range ratios {
		ratios[i] = costs[0][i] / costs[best][i]
	}
	slices.Sort(ratios)
	result.Rounds = len(ratios)
	result.Ratio = median(ratios)
	result.RatioLow, result.RatioHigh = interval(ratios)
	result.OK = verdict(result.RatioLow, result.RatioHigh, r.Goal)
	result.Modes = modes(ratios)
	result.Bimodal = result.Modes != nil
	if r.Note != nil {
		result.Note = r.Note()
	}
	return result
}

// perItem calls f, which handles items items, for at least the given time and
// returns the nanoseconds per item. It reads the clock seldom enough for calls
// of a few nanoseconds.
func perItem(atLeast time.Duration, items int, f func() error) (float64, error) {
	calls := 0
	begin := time.Now()
	for batch := 1; ; batch *= 2 {
		for range batch {
			if err := f(); err != nil {
				return 0, err
			}
		}
		calls += batch
		if d := time.Since(begin); d >= atLeast {
			return float64(d.Nanoseconds()) / float64(calls) / float64(items), nil
		}
	}
}
