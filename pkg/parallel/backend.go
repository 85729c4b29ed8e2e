package parallel

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A Backend is where calls run. The package has [Serial], [Goroutines] and
// [Processes]; others are written by whoever needs them. The value must be
// comparable, as structs of numbers and strings and all pointers are.
type Backend interface {
	// Features returns what the backend can do beyond running calls.
	Features() Features
	// Open returns workers as a Parallel wants them. They live until the Parallel
	// is closed.
	Open(Options) (Workers, error)
}

// Workers are the workers that a Backend has opened for one Parallel.
type Workers interface {
	// Run makes the calls of one job: it takes its batches and does something with
	// each, in as many goroutines as it likes, then returns. An error fails the
	// job. If ctx ends, Run returns soon; Batches yields no more then. Several Runs
	// may be under way at once.
	Run(ctx context.Context, job *Job) error
	// Close ends the workers. No Run is under way then.
	Close() error
}

// Options are what a Parallel asks of the workers.
type Options struct {
	Jobs        int           // how many calls may run at once, at least 1
	Timeout     time.Duration // of a call; 0 is none
	Retries     int           // how often a call is made again that was lost with its worker
	MemoryLimit int64         // bytes that a worker's process may allocate; 0 is no limit
	CPUs        []int         // worker i runs on CPUs[i%len(CPUs)] only, if there are any
}

// Features are what a backend can do, and what a Parallel can require of it.
type Features uint

const (
	// SharedMemory: a call sees and changes the variables of the caller.
	SharedMemory Features = 1 << iota
	// HardTimeout: a call that takes longer than its timeout is ended, even if it
	// does not look at its context.
	HardTimeout
	// Limits: workers keep a limit of memory, and to their CPUs.
	Limits
)

var featureNames = []string{"SharedMemory", "HardTimeout", "Limits"}

// String returns the names of the features.
func (f Features) String() string {
	var names []string
	for i, name := range featureNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if rest := f >> len(featureNames); rest != 0 || f == 0 {
		names = append(names, fmt.Sprintf("Features(%d)", uint(f)))
	}
	return strings.Join(names, "|")
}

var backends = registry[Backend]{kind: "Register", m: map[string]Backend{
	"serial": Serial, "goroutines": Goroutines, "processes": Processes,
}}

// Register gives a backend a name, for Lookup and messages. Call it while the
// program initialises. It panics if the name is empty or taken, or if b is nil.
func Register(name string, b Backend) {
	if name == "" || b == nil {
		panic(fmt.Sprintf("parallel: Register(%q, %v): give a name and a backend", name, b))
	}
	backends.add(name, b)
}

// Lookup returns the backend that has a name, for names from flags and settings.
// Built in are "serial", "goroutines" and "processes".
func Lookup(name string) (Backend, error) {
	b, ok := backends.get(name)
	if !ok {
		return nil, fmt.Errorf("parallel: no backend %q; there are %s; parallel.Register adds others", name, strings.Join(backends.names(), ", "))
	}
	return b, nil
}

// nameOf returns what people call a backend.
func nameOf(b Backend) string {
	for _, name := range backends.names() {
		if other, _ := backends.get(name); other == b {
			return fmt.Sprintf("backend %q", name)
		}
	}
	return fmt.Sprintf("backend %v", reflect.TypeOf(b))
}

type backendKey struct{}

// WithBackend returns a context for Run and Stream: the calls that are made with
// it, or with contexts derived from it, run on b. So the caller of a library
// chooses, not the library, which has only hints to give: WithPrefer, WithRequire.
// Goroutines pass it on to the calls that they make themselves; to another process no
// context goes.
//
// A nil b takes an earlier choice back.
func WithBackend(ctx context.Context, b Backend) context.Context {
	return context.WithValue(ctx, backendKey{}, &b)
}

// choose returns the backend for a call with ctx.
func (p *Parallel) choose(ctx context.Context) (Backend, error) {
	if b, ok := ctx.Value(backendKey{}).(*Backend); ok && *b != nil {
		if !reflect.TypeOf(*b).Comparable() {
			return nil, fmt.Errorf("parallel: a backend of type %T cannot be compared, so that its workers would not be found again; use a pointer to it", *b)
		}
		if missing := p.require &^ (*b).Features(); missing != 0 {
			return nil, fmt.Errorf("parallel: %s, which the context has chosen, has not what the call requires: %v; choose another with WithBackend, or leave the choice to the call", nameOf(*b), missing)
		}
		return *b, nil
	}
	if b := p.prefer; b != nil {
		if missing := p.require &^ b.Features(); missing != 0 {
			return nil, fmt.Errorf("parallel: WithPrefer and WithRequire contradict each other: %s has not %v; leave one away", nameOf(b), missing)
		}
		return b, nil
	}
	for _, b := range []Backend{Goroutines, Processes} {
		if p.require&^b.Features() == 0 {
			return b, nil
		}
	}
	return nil, fmt.Errorf("parallel: neither goroutines nor processes have %v together; require less, or choose a backend that has, with WithBackend", p.require)
}
