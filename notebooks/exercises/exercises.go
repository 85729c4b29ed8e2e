// Package exercises holds what the notebooks' exercises ask of an answer: for each exercise its
// gates, as package lesson runs them. The tasks' words, hints and solutions are in the
// notebooks. There is a file for each lesson.
//
// The gates give an answer work that they watch: a function to call, which counts how many of
// its calls are under way, or waits until several are. Nothing here looks at a clock to tell
// right from wrong, but to give up.
package exercises

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/lesson"
)

// Lessons are the exercises of each lesson, by its number.
var Lessons = map[string][]lesson.Exercise{
	"01": Lesson01,
	"02": Lesson02,
	"03": Lesson03,
	"04": Lesson04,
	"05": Lesson05,
	"06": Lesson06,
}

// patience is how long a gate waits for something that a right answer does at once.
const patience = 2 * time.Second

// random returns a generator for input that is another one in each run, and its seed, as words
// for what a gate tries. With them in the environment a check tries the same input once more.
func random() (r *rand.Rand, bySeed string) {
	seed, err := strconv.ParseUint(os.Getenv("LESSON_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64N(1_000_000)
	}
	return rand.New(rand.NewPCG(seed, 0)), fmt.Sprintf(" (LESSON_SEED=%d)", seed)
}

// underWay calls f in a goroutine of its own, and waits until it and all that it has started have
// come as far as they can. The gate holds back a call that f has to wait for: if f returns all
// the same, it waits for nothing, or sleeps instead.
func underWay(t *lesson.T, f func()) (returned chan struct{}) {
	returned = make(chan struct{})
	go func() {
		defer close(returned)
		f()
	}()
	t.Settle()
	return returned
}

// over reports whether a call of underWay has returned.
func over(returned chan struct{}) bool {
	select {
	case <-returned:
		return true
	default:
		return false
	}
}

// passes lets so many calls through, and the others when it is closed.
func passes(n int) chan struct{} {
	c := make(chan struct{}, max(n, 0))
	for range n {
		c <- struct{}{}
	}
	return c
}

// crowd counts calls that are under way.
type crowd struct {
	mu      sync.Mutex
	now     int
	most    int
	total   int
	arrived chan struct{} // closed when somebody enters
	late    bool          // too few came to meet
}

// enter counts a call until leave is called.
func (c *crowd) enter() (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.total++
	c.most = max(c.most, c.now)
	if c.arrived != nil {
		close(c.arrived)
		c.arrived = nil
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now--
	}
}

// meet waits until there have been n calls. It waits in vain once at most: an answer that does
// one thing at a time where it should do several is then let through.
func (c *crowd) meet(n int) {
	late := time.After(patience)
	for {
		c.mu.Lock()
		if c.total >= n || c.late {
			c.mu.Unlock()
			return
		}
		if c.arrived == nil {
			c.arrived = make(chan struct{})
		}
		arrived := c.arrived
		c.mu.Unlock()
		select {
		case <-arrived:
		case <-late:
			c.mu.Lock()
			c.late = true
			c.mu.Unlock()
		}
	}
}

// counts returns how many calls are under way, were so at most, and were made.
func (c *crowd) counts() (now, most, total int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now, c.most, c.total
}

// wants ends the test unless the calls were n at once at most, and at some time that many.
func (c *crowd) wants(t *lesson.T, n int) {
	switch _, most, _ := c.counts(); {
	case most < n:
		t.Fatalf("never more than %d under way, want %d", most, n)
	case most > n:
		t.Fatalf("%d under way at once, want at most %d", most, n)
	}
}
