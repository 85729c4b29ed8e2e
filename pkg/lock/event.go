package lock

import (
	"context"
	"sync"
	"sync/atomic"
)

// An Event is a flag that goroutines can wait for: Python's Event. The zero Event is not set. It must
// not be copied after its first use.
//
// What is set once and never cleared needs no Event in Go: a channel that is closed, or the Done of a
// context, does the same.
type Event struct {
	set atomic.Bool // changes under mu
	mu  sync.Mutex
	c   chan struct{} // closed if set; nil until somebody asks for it
}

// Set sets the event and wakes all who wait, even if Clear follows before they run.
func (e *Event) Set() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.set.Swap(true) && e.c != nil {
		close(e.c)
	}
}

// Clear takes Set back: who calls Wait from now on waits for the next Set.
func (e *Event) Clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.set.Swap(false) {
		e.c = nil
	}
}

// IsSet reports whether the event is set. It costs no more than reading a variable.
func (e *Event) IsSet() bool { return e.set.Load() }

// C returns a channel for select, which is closed if the event is set or as soon as it is. Ask for
// it anew after each Clear: the channel from before stays closed.
func (e *Event) C() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.c == nil {
		e.c = make(chan struct{})
		if e.set.Load() {
			close(e.c)
		}
	}
	return e.c
}

// Wait waits until the event is set, and returns nil. It returns context.Cause(ctx) if it has to wait
// and ctx ends first. If the event is set, it returns nil even if ctx has ended.
func (e *Event) Wait(ctx context.Context) error {
	if e.set.Load() {
		return nil
	}
	select {
	case <-e.C():
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
