package queue_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// A call is an operation of a history, and what it takes.
type call struct {
	name string
	x    thing
	n    int // length of a batch
}

// step does the call with the model, which it changes, and returns what the
// queue should. Calls that found nothing to do before their context ended say
// errCause.
func (c call) step(m *model) string {
	cause := func(err error) error {
		if err != nil && !m.shut {
			return errCause
		}
		return err
	}
	switch c.name {
	case "TryPut":
		return fmt.Sprint(m.put(c.x))
	case "Put":
		return fmt.Sprint(cause(m.put(c.x)))
	case "TryGet":
		return fmt.Sprint(m.get())
	case "Get":
		x, err := m.get()
		return fmt.Sprint(x, cause(err))
	case "GetN":
		var items []thing
		_, err := m.peek()
		for len(items) < c.n && len(m.items) > 0 {
			x, _ := m.get()
			items = append(items, x)
		}
		return fmt.Sprint(items, cause(err))
	case "Peek":
		return fmt.Sprint(m.peek())
	case "Len":
		return fmt.Sprint(len(m.items))
	case "Full":
		return fmt.Sprint(m.full())
	case "TaskDone":
		return fmt.Sprint(m.taskDone())
	case "Join":
		if m.unfinished > 0 {
			return fmt.Sprint(errCause)
		}
		return fmt.Sprint(nil)
	case "Shutdown":
		m.shut = true
		return ""
	case "ShutdownNow":
		return fmt.Sprint(m.shutdownNow())
	}
	panic(c.name)
}

// do makes the call and returns what step does.
func (c call) do(ctx context.Context, p *pair) string {
	switch c.name {
	case "TryPut":
		return fmt.Sprint(p.TryPut(c.x))
	case "Put":
		return fmt.Sprint(p.Put(ctx, c.x))
	case "TryGet":
		return fmt.Sprint(p.TryGet())
	case "Get":
		return fmt.Sprint(p.Get(ctx))
	case "GetN":
		dst := make([]thing, c.n)
		n, err := p.GetN(ctx, dst)
		return fmt.Sprint(dst[:n], err)
	case "Peek":
		return fmt.Sprint(p.Peek())
	case "Len":
		return fmt.Sprint(p.Len())
	case "Full":
		return fmt.Sprint(p.Full())
	case "TaskDone":
		return fmt.Sprint(p.TaskDone())
	case "Join":
		return fmt.Sprint(p.Join(ctx))
	case "Shutdown":
		p.Shutdown()
		return ""
	case "ShutdownNow":
		return fmt.Sprint(p.ShutdownNow())
	}
	panic(c.name)
}

// calls are the calls of a history, the frequent ones more than once.
var calls = []string{"Put", "Put", "Put", "Put", "Put", "TryPut", "TryPut", "Get", "Get", "Get", "Get", "TryGet", "TryGet",
	"GetN", "GetN", "Peek", "Len", "Full", "TaskDone", "TaskDone", "Join"}

// history has four goroutines use one small queue and records what they saw.
func history(p *pair) []porcupine.Operation {
	const goroutines, each = 4, 9
	var clock atomic.Int64
	var mu sync.Mutex
	var operations []porcupine.Operation
	var wg sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		wg.Go(func() {
			<-start
			for i := range each {
				if rand.IntN(3) == 0 {
					runtime.Gosched()
				}
				c := call{calls[rand.IntN(len(calls))], thing{rand.IntN(3), each*g + i + 1}, 1 + rand.IntN(3)}
				if i == each-1 && rand.IntN(4) == 0 {
					c.name = []string{"Shutdown", "ShutdownNow"}[rand.IntN(2)]
				}
				ctx := ended
				if rand.IntN(3) > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeoutCause(background, time.Duration(rand.IntN(500))*time.Microsecond, errCause)
					defer cancel()
				}
				begin := clock.Add(1)
				result := c.do(ctx, p)
				end := clock.Add(1)
				mu.Lock()
				operations = append(operations, porcupine.Operation{ClientId: g, Input: c, Call: begin, Output: result, Return: end})
				mu.Unlock()
			}
		})
	}
	close(start)
	wg.Wait()
	return operations
}

// linearizable reports whether the history could have come from one call after
// the other.
func linearizable(start model, h []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(porcupine.Model{
		Init: func() any { return start },
		Step: func(state, input, output any) (bool, any) {
			m := state.(model)
			m.items = slices.Clone(m.items)
			return input.(call).step(&m) == output.(string), m
		},
		Equal: func(a, b any) bool {
			x, y := a.(model), b.(model)
			return slices.Equal(x.items, y.items) && x.unfinished == y.unfinished && x.shut == y.shut
		},
	}, h, time.Minute)
}

// What concurrent callers see is what they would have seen one after the other,
// each at some moment during its call.
func TestLinearizable(t *testing.T) {
	rounds := 300
	if os.Getenv("SOAK") != "" {
		rounds = 10_000
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			noticed := 0 // histories that a queue of another kind could not have
			for i := range rounds {
				p := newPair(k.name, i%4)
				h := history(p)
				if result := linearizable(p.model, h); result != porcupine.Ok {
					for _, o := range h {
						t.Logf("goroutine %d, %d to %d: %+v: %s", o.ClientId, o.Call, o.Return, o.Input, o.Output)
					}
					t.Fatalf("capacity %d: %s", i%4, result)
				}
				other := p.model
				other.kind = map[string]string{"FIFO": "LIFO", "LIFO": "priority", "priority": "FIFO"}[k.name]
				if i%4 != 1 && linearizable(other, h) == porcupine.Illegal {
					noticed++
				}
			}
			if noticed < rounds/8 {
				t.Errorf("only %d of %d histories tell the kinds apart: the check sees nothing", noticed, rounds)
			}
		})
	}
}

// Many goroutines put and get with contexts that end at any time: each item
// comes out once, or its put has failed.
func TestNothingIsLostOrDoubled(t *testing.T) {
	for _, k := range kinds {
		for _, capacity := range []int{0, 1, 7} {
			t.Run(fmt.Sprint(k.name, "/", capacity), func(t *testing.T) {
				q := k.make(capacity)
				const goroutines, each = 8, 400
				var seen [goroutines * each]atomic.Int32 // +1 for a put, +2 for a get
				var puts, gets sync.WaitGroup
				impatient := func() (context.Context, context.CancelFunc) {
					switch rand.IntN(3) {
					case 0:
						return ended, func() {}
					case 1:
						return context.WithTimeout(background, time.Duration(rand.IntN(50))*time.Microsecond)
					}
					return background, func() {}
				}
				for g := range goroutines {
					puts.Go(func() {
						for i := g * each; i < (g+1)*each; {
							ctx, cancel := impatient()
							batch := []int{i, i + 1, i + 2, i + 3}[:min(1+rand.IntN(4), (g+1)*each-i)]
							var n int
							if len(batch) == 1 {
								if q.Put(ctx, i) == nil {
									n = 1
								}
							} else {
								n, _ = q.PutN(ctx, batch)
							}
							for j := range n {
								seen[i+j].Add(1)
							}
							i += len(batch)
							cancel()
						}
					})
					gets.Go(func() {
						dst := make([]int, 4)
						for over := false; !over; {
							ctx, cancel := impatient()
							var n int
							var err error
							if rand.IntN(2) == 0 {
								n, err = q.GetN(ctx, dst)
							} else if dst[0], err = q.Get(ctx); err == nil {
								n = 1
							}
							for _, x := range dst[:n] {
								seen[x].Add(2)
							}
							over = err != nil && ctx.Err() == nil // shut down
							cancel()
						}
					})
				}
				puts.Wait()
				q.Shutdown()
				gets.Wait()
				count := map[int32]int{}
				for i := range seen {
					count[seen[i].Load()]++
				}
				if count[0]+count[3] != len(seen) || count[3] == 0 {
					t.Errorf("%d items not put, %d put and got, %d lost, all: %v", count[0], count[3], count[1], count)
				}
				if q.Len() != 0 {
					t.Errorf("%d items left", q.Len())
				}
			})
		}
	}
}
