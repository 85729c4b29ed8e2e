package lock

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrBroken is what Barrier.Wait returns on a barrier that is broken, or is reset while it waits.
var ErrBroken = errors.New("lock: the barrier is broken")

// A Barrier holds goroutines up until a fixed number of them, the parties, have arrived, and then
// lets all go on; round after round. It is Python's Barrier. NewBarrier makes one.
//
// If a Wait is given up, the others would wait for ever. So that breaks the barrier, as Abort does:
// all who wait get ErrBroken, and so does everyone who comes, until Reset.
type Barrier struct {
	parties int
	action  func() error

	mu     sync.Mutex // guards what follows
	broken bool
	round  *round
}

// A round is one use of a barrier, from the first arrival to the end of the action.
type round struct {
	arrived int
	over    chan struct{} // closed when all may go
	err     error         // why they must not; set before over is closed
}

// NewBarrier returns a barrier for the given number of parties. It panics if that is less than 1.
//
// If action is not nil, the last to arrive calls it, before anyone goes on. If action returns an
// error, the Wait that called it returns that error, the others return ErrBroken, and the
// barrier is broken. A panic in action breaks the barrier, too, and goes on in that Wait.
func NewBarrier(parties int, action func() error) *Barrier {
	if parties < 1 {
		panic(fmt.Sprintf("lock: NewBarrier(%d): a barrier needs at least 1 party", parties))
	}
	return &Barrier{parties: parties, action: action, round: newRound()}
}

func newRound() *round { return &round{over: make(chan struct{})} }

// Wait waits until all parties have called it, and returns in which order they did: 0 to the first,
// parties-1 to the last. If ctx ends first, Wait breaks the barrier and returns context.Cause(ctx).
// The last one never waits, so it succeeds even if ctx has ended. Once it has come, the others wait
// for the action to return, whatever their contexts say.
//
// On a barrier that is broken, or breaks or is reset meanwhile, Wait returns ErrBroken. With an
// error, the number is -1.
func (b *Barrier) Wait(ctx context.Context) (int, error) {
	if b.parties == 0 {
		return -1, errors.New("lock: Wait on a Barrier without parties; make it with NewBarrier")
	}
	b.mu.Lock()
	if b.broken {
		b.mu.Unlock()
		return -1, ErrBroken
	}
	r, i := b.round, b.round.arrived
	r.arrived++
	last := r.arrived == b.parties
	if last {
		b.round = newRound()
	}
	b.mu.Unlock()

	var err error
	if last {
		err = b.finish(r)
	} else {
		err = b.await(ctx, r)
	}
	if err != nil {
		return -1, err
	}
	return i, nil
}

// await waits for the end of a round.
func (b *Barrier) await(ctx context.Context, r *round) error {
	select {
	case <-r.over:
		return r.err
	case <-ctx.Done():
	}
	b.mu.Lock()
	if r == b.round { // still open
		defer b.mu.Unlock()
		b.end(true)
		return context.Cause(ctx)
	}
	b.mu.Unlock()
	<-r.over
	return r.err
}

// finish lets a round go after its action, and breaks the barrier if that does not return well.
func (b *Barrier) finish(r *round) error {
	r.err = ErrBroken
	defer func() {
		if r.err != nil {
			b.Abort()
		}
		close(r.over)
	}()
	if b.action != nil {
		if err := b.action(); err != nil {
			return err
		}
	}
	r.err = nil
	return nil
}

// Abort breaks the barrier: all who wait return ErrBroken, and so does every Wait until Reset. A
// round whose action runs already is not concerned.
func (b *Barrier) Abort() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end(true)
}

// Reset makes the barrier as good as new. Those who wait, if any, return ErrBroken. A round whose
// action runs already is not concerned.
func (b *Barrier) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end(false)
}

// end breaks the round that is open and opens the next. It needs mu.
func (b *Barrier) end(broken bool) {
	b.broken = broken
	if b.parties > 0 && b.round.arrived > 0 {
		b.round.err = ErrBroken
		close(b.round.over)
		b.round = newRound()
	}
}

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken
}

// Parties returns how many must call Wait to go on.
func (b *Barrier) Parties() int { return b.parties }

// Waiting returns how many wait at the moment.
func (b *Barrier) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.parties == 0 {
		return 0
	}
	return b.round.arrived
}
