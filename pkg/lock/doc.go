// Package lock has the locks of Python's threading, with Go's habits: what blocks can be given up,
// by a context.Context, and everything else is as in package sync.
//
// # From Python
//
//	Python's call                    this package                          plain Go's
//	Lock()                           var m Mutex                           sync.Mutex
//	  acquire()                      m.Lock()                              m.Lock()
//	  acquire(blocking=False)        m.TryLock()                           m.TryLock()
//	  acquire(timeout=s)             m.LockTimeout(d)                      a channel of 1 and select
//	  release()                      m.Unlock()                            m.Unlock()
//	  locked()                       –  (1)                                –
//	  with lock:                     With(&m, func() {…})                  m.Lock(); defer m.Unlock()
//	RLock()                          var r Reentrant; o := r.Owner() (2)   –
//	  acquire, release, with         o.Lock(), o.Unlock(), With(o, …)      –
//	Condition(lock)                  NewCondition(&m)  (3)                 sync.NewCond(&m)
//	  acquire, release, with         m.Lock(), m.Unlock(), With(&m, …)     c.L.Lock(), c.L.Unlock()
//	  wait()                         c.Wait(ctx)                           c.Wait(), cannot be given up
//	  wait(timeout=s)                c.Wait(ctx), ctx with a timeout       –
//	  wait_for(f, timeout=s)         c.WaitFor(ctx, f)                     for !f() { c.Wait() }
//	  notify(), notify(n)            c.NotifyOne(), c.Notify(n)            c.Signal()
//	  notify_all()                   c.NotifyAll()                         c.Broadcast()
//	Event()                          var e Event                           a channel that is closed, once
//	  set, clear, is_set             e.Set(), e.Clear(), e.IsSet()         close(c), –, –
//	  wait(timeout=s)                e.Wait(ctx), or e.C() in a select     <-c, in a select
//	BoundedSemaphore(n)              s := NewSemaphore(n)                  make(chan struct{}, n)
//	  acquire(), release()           s.Acquire(ctx, 1), s.Release(1)       c <- struct{}{}, <-c
//	  acquire(blocking=False)        s.TryAcquire(1)                       select with a default
//	  with semaphore:                s.Acquire(ctx, 1); defer s.Release(1) –
//	Semaphore(n)                     NewSemaphore(n)  (4)                  –
//	Barrier(n, action, timeout)      NewBarrier(n, action)                 sync.WaitGroup, for one round
//	  wait(timeout=s)                i, err := b.Wait(ctx)                 –
//	  reset(), abort()               b.Reset(), b.Abort()                  –
//	  parties, n_waiting, broken     b.Parties(), b.Waiting(), b.Broken()  –
//	BrokenBarrierError               ErrBroken                             –
//	RuntimeError, ValueError         ErrNotHeld, or a panic  (5)           –
//
//	(1) The answer would be old when it arrives; TryLock asks and acts at once. The same goes for the
//	    locked() that newer Pythons have for RLock and Condition.
//	(2) Not to be confused with RWMutex.RLock, where R means to read. A thread has an identity that
//	    an RLock can remember. A goroutine has none, so its Owner has to be passed on.
//	(3) Python's default is an RLock of its own. Here it is any lock with a TryLock, also those of sync,
//	    but not an Owner: the others who share the Condition would each have another.
//	(4) Python's plain Semaphore may be released more often than acquired, to count what there is: in
//	    Go that is a channel, a queue, or a Condition and a counter.
//	(5) See below.
//
// There is no timeout to set for all calls of an object, as Barrier(timeout=s) does: a context carries
// it. notifyAll and isSet are old names of notify_all and is_set. RWMutex and the weights of a
// Semaphore have no counterpart in Python. What threading has for threads is in package thread.
//
// # Waiting
//
// Every call that blocks tries first. What it can have at once it takes, even if ctx has ended; if it
// has to wait and ctx ends first, it returns context.Cause(ctx) and leaves everything as it was. A
// call that is given up at the very moment it is served has succeeded, or what it was given goes to
// the next: no lock, token or notification is lost. Two exceptions are named where they are:
// Condition.Wait has nothing to try, and a Barrier breaks. Lock, RLock and With take no context:
// they are for locks that are held for so short a time that nobody gives up.
//
// Nobody starves. Mutex, RWMutex and Reentrant let newcomers overtake those who wait, for about a
// millisecond; Semaphore and Condition serve in the order of arrival. Readers and writers of an
// RWMutex take turns.
//
// A lock that nobody waits for holds no goroutine and no timer, and waiting starts none but the timer
// of a timeout. So where all wait for each other, the Go runtime still says "all goroutines are
// asleep - deadlock!".
//
// What these locks, those of sync and x/sync and Python's do in the same case is shown, case by case, in
// pkg/bench/behaviour/lock/lock.md; its cells are programs that the tests run.
//
// # Mistakes
//
// A program's mistake, such as Unlock of what is not locked, is an error where the call returns an
// error and a panic where it does not. Both name the call and the remedy, and unlike those of
// sync the panics can be recovered from: the lock is as it was. Copies of locks are found by go vet.
//
// # Costs
//
// Measured on 2 cores, as ratios to the peer in the same run (make bench measures the first five on
// yours):
//
//	Mutex, LockContext or LockTimeout, 1 goroutine       1.1 × sync.Mutex (about 5 ns)
//	the same, 8 or 64 goroutines                         0.4 – 0.8
//	Condition, one wake-up, context.Background()         1.3 × sync.Cond (about 125 ns)
//	the same with a context that can end                 2.1
//	Semaphore, 1 goroutine                               0.9 × x/sync's semaphore
//	RWMutex, reading / writing, 1 goroutine              1.7 / 1.3 × sync.RWMutex
//	the longest wait of 8 or 64 for a Mutex              0.25 – 0.4 × sync.Mutex
//
// Calls that do not block allocate nothing. One that blocks allocates about 200 bytes; a Condition keeps
// them for the next that waits. A LockTimeout that blocks also makes a timer, an Event a channel for
// all who wait, a Barrier one for each round.
//
// In a testing/synctest bubble, waiting is durable and timeouts take virtual time. Like a
// sync.WaitGroup, a Condition whose waiters were in a bubble belongs to that bubble.
package lock

import (
	"errors"
	"sync"
)

// ErrNotHeld is wrapped by the error, or the panic's value, of a call that gives up a lock or a token
// that nobody holds.
var ErrNotHeld = errors.New("lock: not held")

// With holds l while f runs, and unlocks it also if f panics: Python's with statement. It panics if f
// is nil.
func With(l sync.Locker, f func()) {
	if f == nil {
		panic("lock: With without a function to run")
	}
	l.Lock()
	defer l.Unlock()
	f()
}
