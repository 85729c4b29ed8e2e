package parallel

import (
	"fmt"
	"time"
)

// This file is for backends whose workers are on other machines, and start the
// caller's program there.

// An Errand is what a process is started for.
type Errand struct {
	Func   string // the function that it serves
	InMain bool   // it serves it from Serve, in main, not from Func
}

// Errand returns what a process of this program has to be started for to make the
// calls of the batch. An error says why no other process can make them: their
// arguments or results cannot cross, or no other process comes to the function.
func (b *Batch) Errand() (Errand, error) {
	f := b.c.function()
	if err := f.crosses(); err != nil {
		return Errand{}, err
	}
	return errandFor(f)
}

func errandFor(f servant) (Errand, error) {
	if where, late := f.site(); late && !serves.Load() {
		return Errand{}, fmt.Errorf("parallel: Func(%q) was called after the program's initialisation, at %s, where no worker's process would come to; declare it as a package-level variable, or call parallel.Serve first in main", f.Name(), where)
	}
	return Errand{f.Name(), serves.Load()}, nil
}

// A Program is an executable, which may have come from another machine, and how it is
// started.
type Program struct {
	Path   string   // of the executable
	Args   []string // os.Args there
	Env    []string // all of its environment, NAME=value
	Dir    string   // where it works; empty: where this process does
	Errand Errand
}

// A Child is a worker's process, that serves one function: what [Processes] has for each
// job, for backends that start other programs than their own. It is for one goroutine at
// a time. When this process ends, however it does, the child does, too.
type Child struct {
	*child
	closed bool
}

// Epoch returns when the process began, on the clock of this one: see Batch.Reply.
func (c *Child) Epoch() time.Time { return c.epoch }
