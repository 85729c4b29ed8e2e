package lock_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/lock"
)

// Python: lock.acquire(); …; lock.release()
func Example() {
	var (
		m       lock.Mutex
		balance int
		wg      sync.WaitGroup
	)
	for range 100 {
		wg.Go(func() {
			m.Lock()
			defer m.Unlock()
			balance++
		})
	}
	wg.Wait()
	fmt.Println(balance)
	// Output: 100
}

// Python: with lock: …
func ExampleWith() {
	var m lock.Mutex
	balance := 0
	lock.With(&m, func() { balance++ })
	fmt.Println(balance)
	// Output: 1
}

// Python: if lock.acquire(blocking=False): …
func ExampleMutex_TryLock() {
	var m lock.Mutex
	fmt.Println(m.TryLock())
	fmt.Println(m.TryLock())
	// Output:
	// true
	// false
}

// Python: if lock.acquire(timeout=0.01): …
func ExampleMutex_LockTimeout() {
	var m lock.Mutex
	m.Lock()
	if m.LockTimeout(10 * time.Millisecond) {
		defer m.Unlock()
	} else {
		fmt.Println("somebody else has it")
	}
	// Output: somebody else has it
}

func ExampleMutex_LockContext() {
	var m lock.Mutex
	m.Lock() // and a client that will not wait for ever

	client, hangUp := context.WithCancelCause(context.Background())
	hangUp(errors.New("the client hung up"))
	if err := m.LockContext(client); err != nil {
		fmt.Println(err)
	}
	// Output: the client hung up
}

// Many read at the same time, one writes.
func ExampleRWMutex() {
	var m lock.RWMutex
	prices := map[string]float64{"tea": 2.5}

	lock.With(m.RLocker(), func() {
		fmt.Println(prices["tea"], m.TryRLock(), m.TryLock())
		m.RUnlock()
	})
	lock.With(&m, func() {
		prices["tea"] = 3
		fmt.Println(prices["tea"], m.TryRLock())
	})
	// Output:
	// 2.5 true false
	// 3 false
}

type account struct {
	lock    lock.Reentrant
	balance int
}

func (a *account) deposit(me *lock.Owner, amount int) {
	me.Lock()
	defer me.Unlock()
	a.balance += amount
}

func (a *account) double(me *lock.Owner) {
	me.Lock()
	defer me.Unlock()
	a.deposit(me, a.balance) // locks once more
}

// Python: with rlock: …, in a function that is called with rlock held.
func ExampleReentrant() {
	a := account{balance: 21}
	me := a.lock.Owner()
	a.double(me)
	fmt.Println(a.balance)
	// Output: 42
}

// Python: with condition: condition.wait_for(lambda: items)
func ExampleCondition_WaitFor() {
	var (
		m     lock.Mutex
		items []string
		wg    sync.WaitGroup
	)
	notEmpty := lock.NewCondition(&m)
	wg.Go(func() {
		m.Lock()
		defer m.Unlock()
		if err := notEmpty.WaitFor(context.Background(), func() bool { return len(items) > 0 }); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(items[0])
	})

	lock.With(&m, func() {
		items = append(items, "tea")
		notEmpty.NotifyOne()
	})
	wg.Wait()
	// Output: tea
}

// Python: with condition: condition.wait(timeout=0.01)
func ExampleCondition_Wait() {
	var m lock.Mutex
	c := lock.NewCondition(&m)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()

	m.Lock()
	defer m.Unlock() // also after an error, Wait has locked it again
	fmt.Println(c.Wait(ctx))
	// Output: context deadline exceeded
}

// Python: ready.wait(), ready.set()
func ExampleEvent() {
	var ready lock.Event
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := ready.Wait(context.Background()); err == nil {
			fmt.Println("go")
		}
	})
	fmt.Println("ready", ready.IsSet())
	ready.Set()
	wg.Wait()
	// Output:
	// ready false
	// go
}

// A channel lets select wait for an event and something else.
func ExampleEvent_C() {
	var stop lock.Event
	stop.Set()
	select {
	case <-stop.C():
		fmt.Println("stopped")
	case <-time.After(time.Minute):
		fmt.Println("did a minute's work")
	}
	// Output: stopped
}

// Python: semaphore = BoundedSemaphore(2); with semaphore: …
func ExampleSemaphore() {
	connections := lock.NewSemaphore(2)
	query := func(ctx context.Context) error {
		if err := connections.Acquire(ctx, 1); err != nil {
			return err
		}
		defer connections.Release(1)
		return nil // at most two do this at the same time
	}
	fmt.Println(query(context.Background()))
	fmt.Println(connections.Release(1))
	// Output:
	// <nil>
	// lock: not held: Release(1) of a Semaphore of which 0 of 2 tokens are taken; release what was acquired, once
}

// Python: barrier = Barrier(3, action); barrier.wait()
func ExampleBarrier() {
	var results [3]int
	barrier := lock.NewBarrier(len(results), func() error {
		fmt.Println("all are here:", results)
		return nil
	})
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			results[i] = i * i
			if _, err := barrier.Wait(context.Background()); err != nil {
				fmt.Println(err)
			}
		})
	}
	wg.Wait()
	// Output: all are here: [0 1 4]
}

// Python: except BrokenBarrierError
func ExampleBarrier_Abort() {
	barrier := lock.NewBarrier(2, nil)
	barrier.Abort()
	_, err := barrier.Wait(context.Background())
	fmt.Println(errors.Is(err, lock.ErrBroken), barrier.Broken())
	barrier.Reset()
	fmt.Println(barrier.Broken())
	// Output:
	// true true
	// false
}
