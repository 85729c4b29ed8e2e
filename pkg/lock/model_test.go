package lock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
)

// Sequences of operations are done by a few actors, each with a goroutine of its own while it is in a
// call, and by a model. The next operation comes when all goroutines have returned or wait. So what
// an operation leads to is certain: who returns, with what, and who goes on waiting. The model is
// written for one operation at a time, as plainly as can be.

const actors = 6

// A model does what the operation op, with the number n, does for an actor, who is in no call. It tells
// (by end) which calls end by that and how, in any order; that of the actor may be among them.
type model interface {
	do(actor int, op, n int, end func(actor int, result string))
	cancel(actor int, end func(actor int, result string)) // of an actor whose call waits
}

// A kind is what is tested: the real calls, as operations 0 to ops-1, beside their model.
type kind struct {
	name string
	ops  int
	make func() (real func(ctx context.Context, actor, op, n int) string, m model)
}

// word is err in a word.
func word(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrNotHeld):
		return "not held"
	case err == errEnough:
		return "enough"
	}
	return err.Error()
}

// run does the operations, two bytes each, and says at which one the model and reality differ.
func (k kind) run(t *testing.T, data []byte) (done int) {
	synctest.Test(t, func(t *testing.T) {
		all, cancel := context.WithCancel(background)
		defer cancel() // if it fails
		real, m := k.make()
		results := make(chan string, 1000)
		var cancels [actors]context.CancelCauseFunc // of those who are in a call
		say := func(actor int, result string) string { return fmt.Sprintf("%d: %s", actor, result) }
		step := func(what string, act func(end func(actor int, result string))) {
			var want, got []string
			act(func(actor int, result string) {
				want = append(want, say(actor, result))
				cancels[actor](nil)
				cancels[actor] = nil
			})
			synctest.Wait()
			for len(results) > 0 {
				got = append(got, <-results)
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("operation %d, %s, ended the calls %q, want %q (of %v)", done, what, got, want, data)
			}
			done++
		}
		stop := func(actor int) {
			step(fmt.Sprintf("cancel of %d", actor), func(end func(int, string)) {
				cancels[actor](errEnough)
				synctest.Wait()
				m.cancel(actor, end)
			})
		}
		for i := 0; i+1 < len(data); i += 2 {
			actor, op, n := int(data[i])%actors, int(data[i])/actors%k.ops, int(data[i+1])
			if cancels[actor] != nil {
				stop(actor)
				continue
			}
			ctx, cancel := context.WithCancelCause(all)
			cancels[actor] = cancel
			step(fmt.Sprintf("%d(%d) of %d", op, n, actor), func(end func(int, string)) {
				go func() { results <- say(actor, real(ctx, actor, op, n)) }()
				synctest.Wait()
				m.do(actor, op, n, end)
			})
		}
		for actor := range cancels {
			if cancels[actor] != nil {
				stop(actor)
			}
		}
	})
	return done
}

// caught is the result of a call that may panic.
func caught(f func()) string { return word(mistake(f)) }

func yes(ok bool) string { return fmt.Sprint(ok) }

// wanting is an actor that waits for n tokens.
type wanting struct{ actor, n int }

// tokenModel is the model of what is given out in the order of arrival.
type tokenModel struct {
	size, taken int
	queue       []wanting
}

func (m *tokenModel) free(n int) bool { return len(m.queue) == 0 && m.taken+n <= m.size }

func (m *tokenModel) acquire(actor, n int, end func(int, string)) {
	m.queue = append(m.queue, wanting{actor, n})
	m.serve(end)
}

func (m *tokenModel) serve(end func(int, string)) {
	for len(m.queue) > 0 && m.taken+m.queue[0].n <= m.size {
		m.taken += m.queue[0].n
		end(m.queue[0].actor, "ok")
		m.queue = m.queue[1:]
	}
}

func (m *tokenModel) cancel(actor int, end func(int, string)) {
	m.queue = slices.DeleteFunc(m.queue, func(w wanting) bool { return w.actor == actor })
	end(actor, "enough")
	m.serve(end)
}

// do has the operations of Mutex (with n always 1) and Semaphore.
func (m *tokenModel) do(actor, op, n int, end func(int, string)) {
	n = n%m.size + 1
	switch op {
	case 0, 1:
		m.acquire(actor, n, end)
	case 2: // the context has ended
		if m.free(n) {
			m.acquire(actor, n, end)
		} else {
			end(actor, "enough")
		}
	case 3:
		got := m.free(n)
		if got {
			m.taken += n
		}
		end(actor, yes(got))
	default:
		if m.taken < n {
			end(actor, "not held")
			return
		}
		m.taken -= n
		end(actor, "ok")
		m.serve(end)
	}
}

// ownerModel is the model of Reentrant, where an actor holds the lock several times.
type ownerModel struct {
	tokenModel
	owner, depth int
}

func (m *ownerModel) do(actor, op, n int, end func(int, string)) {
	took := func(actor int, result string) {
		if end(actor, result); result == "ok" || result == "true" {
			m.owner, m.depth = actor, 1
		}
	}
	switch mine := m.depth > 0 && m.owner == actor; {
	case op < 4 && mine:
		m.depth++
		end(actor, [...]string{"ok", "ok", "ok", "true"}[op])
	case op < 4:
		m.tokenModel.do(actor, op, 0, took)
	case !mine:
		end(actor, "not held")
	case m.depth > 1:
		m.depth--
		end(actor, "ok")
	default:
		m.depth = 0
		end(actor, "ok")
		m.taken = 0
		m.serve(took)
	}
}

// rwModel is the model of RWMutex: writers take turns, and then readers and the writer whose turn it is
// wait in the order of arrival.
type rwModel struct {
	tokenModel
	turn    bool // it is a writer's turn; who has it holds the lock or is in queue
	writers []int
}

func (m *rwModel) write(actor int, end func(int, string)) {
	m.turn = true
	m.acquire(actor, m.size, end)
}

func (m *rwModel) next(end func(int, string)) {
	m.turn = false
	if len(m.writers) > 0 {
		actor := m.writers[0]
		m.writers = m.writers[1:]
		m.write(actor, end)
	}
}

func (m *rwModel) cancel(actor int, end func(int, string)) {
	if i := slices.Index(m.writers, actor); i >= 0 {
		m.writers = slices.Delete(m.writers, i, i+1)
		end(actor, "enough")
		return
	}
	writer := slices.Contains(m.queue, wanting{actor, m.size})
	m.tokenModel.cancel(actor, end)
	if writer {
		m.next(end)
	}
}

func (m *rwModel) do(actor, op, n int, end func(int, string)) {
	switch op {
	case 0, 1:
		if m.turn {
			m.writers = append(m.writers, actor)
		} else {
			m.write(actor, end)
		}
	case 2, 3:
		got := !m.turn && m.free(m.size)
		if got {
			m.turn, m.taken = true, m.size
		}
		end(actor, map[bool]string{true: [...]string{"ok", "true"}[op-2], false: [...]string{"enough", "false"}[op-2]}[got])
	case 4, 5:
		if m.taken < m.size {
			end(actor, "not held")
			return
		}
		m.taken = 0
		end(actor, "ok")
		m.serve(end)
		m.next(end)
	case 6, 7:
		m.acquire(actor, 1, end)
	case 8, 9:
		m.tokenModel.do(actor, op-6, 0, end)
	default:
		if m.taken == m.size {
			end(actor, "not held")
			return
		}
		m.tokenModel.do(actor, 4, 0, end)
	}
}

// conditionModel has waiters that are notified one by one, and others that wait for a number to be
// reached, on a Condition of their own.
type conditionModel struct {
	number  int
	waiting []int
	numbers []wanting
}

func (m *conditionModel) cancel(actor int, end func(int, string)) {
	m.waiting = slices.DeleteFunc(m.waiting, func(a int) bool { return a == actor })
	m.numbers = slices.DeleteFunc(m.numbers, func(w wanting) bool { return w.actor == actor })
	end(actor, "enough")
}

func (m *conditionModel) do(actor, op, n int, end func(int, string)) {
	switch op {
	case 0, 1:
		m.waiting = append(m.waiting, actor)
		return
	case 2:
		m.numbers = append(m.numbers, wanting{actor, m.number + n%4})
	case 3:
		for k := n%(actors+2) - 1; k > 0 && len(m.waiting) > 0; k-- {
			end(m.waiting[0], "ok")
			m.waiting = m.waiting[1:]
		}
		end(actor, "ok")
	case 4:
		for _, a := range m.waiting {
			end(a, "ok")
		}
		m.waiting = nil
		end(actor, "ok")
	case 5:
		m.number++
		end(actor, "ok")
	case 6:
		end(actor, "enough")
	default:
		end(actor, "not held")
	}
	m.numbers = slices.DeleteFunc(m.numbers, func(w wanting) bool {
		if w.n <= m.number {
			end(w.actor, "ok")
		}
		return w.n <= m.number
	})
}

type eventModel struct {
	set     bool
	waiting []int
}

func (m *eventModel) cancel(actor int, end func(int, string)) {
	m.waiting = slices.DeleteFunc(m.waiting, func(a int) bool { return a == actor })
	end(actor, "enough")
}

func (m *eventModel) do(actor, op, n int, end func(int, string)) {
	switch op {
	case 0, 1, 2:
		if m.set {
			end(actor, "ok")
		} else {
			m.waiting = append(m.waiting, actor)
		}
		return
	case 3:
		end(actor, map[bool]string{true: "ok", false: "enough"}[m.set])
		return
	case 4:
		end(actor, yes(m.set))
		return
	case 5:
		m.set = true
	case 6:
		m.set = false
	case 7: // set and cleared at once
		m.set = false
	}
	if op == 5 || op == 7 {
		for _, a := range m.waiting {
			end(a, "ok")
		}
		m.waiting = nil
	}
	end(actor, "ok")
}

type barrierModel struct {
	parties int
	broken  bool
	fails   bool // the next action
	waiting []int
}

func (m *barrierModel) dismiss(end func(int, string)) {
	for _, a := range m.waiting {
		end(a, "-1 "+ErrBroken.Error())
	}
	m.waiting = nil
}

func (m *barrierModel) cancel(actor int, end func(int, string)) {
	m.waiting = slices.DeleteFunc(m.waiting, func(a int) bool { return a == actor })
	end(actor, "-1 enough")
	m.broken = true
	m.dismiss(end)
}

func (m *barrierModel) do(actor, op, n int, end func(int, string)) {
	switch op {
	case 0, 1, 2, 3, 4: // in case 4 with a context that has ended
		switch last := len(m.waiting) == m.parties-1; {
		case m.broken:
			end(actor, "-1 "+ErrBroken.Error())
		case last && m.fails:
			m.broken, m.fails = true, false
			end(actor, "-1 it fails")
			m.dismiss(end)
		case last:
			for i, a := range append(m.waiting, actor) {
				end(a, fmt.Sprintf("%d ok", i))
			}
			m.waiting = nil
		case op == 4:
			m.cancel(actor, end)
		default:
			m.waiting = append(m.waiting, actor)
		}
	case 5:
		m.broken = true
		m.dismiss(end)
		end(actor, "ok")
	case 6:
		m.broken = false
		m.dismiss(end)
		end(actor, "ok")
	case 7:
		m.fails = true
		end(actor, "ok")
	default:
		end(actor, fmt.Sprint(m.broken, len(m.waiting)))
	}
}

// locking is what Mutex, Semaphore and Owner do in the operations 0 to 4.
func locking(ctx context.Context, l lockable, op int) string {
	switch op {
	case 0, 1:
		return word(l.context(ctx))
	case 2:
		return word(l.context(ended))
	case 3:
		return yes(l.try())
	default:
		return caught(l.unlock)
	}
}

var kinds = []kind{
	{"Mutex", 6, func() (func(ctx context.Context, actor, op, n int) string, model) {
		l := exclusive(new(Mutex))
		return func(ctx context.Context, actor, op, n int) string { return locking(ctx, l, op) },
			&tokenModel{size: 1}
	}},
	{"Semaphore", 7, func() (func(ctx context.Context, actor, op, n int) string, model) {
		s := NewSemaphore(4)
		return func(ctx context.Context, actor, op, n int) string { return locking(ctx, acquiring(s, n%4+1), op) },
			&tokenModel{size: 4}
	}},
	{"Reentrant", 6, func() (func(ctx context.Context, actor, op, n int) string, model) {
		var r Reentrant
		var owners [actors]lockable
		for i := range owners {
			owners[i] = exclusive(r.Owner())
		}
		return func(ctx context.Context, actor, op, n int) string { return locking(ctx, owners[actor], op) },
			&ownerModel{tokenModel: tokenModel{size: 1}}
	}},
	{"RWMutex", 12, func() (func(ctx context.Context, actor, op, n int) string, model) {
		rw := new(RWMutex)
		writer, reader := exclusive(rw), reading(rw)
		return func(ctx context.Context, actor, op, n int) string {
			if op < 6 {
				return locking(ctx, writer, op)
			}
			return locking(ctx, reader, op-6)
		}, &rwModel{tokenModel: tokenModel{size: 1 << 20}} // more than a sequence has readers
	}},
	{"Condition", 8, func() (func(ctx context.Context, actor, op, n int) string, model) {
		var m Mutex
		c, numbers := NewCondition(&m), NewCondition(&m)
		number := 0
		return func(ctx context.Context, actor, op, n int) (result string) {
			if op == 7 {
				return word(c.Wait(ctx))
			}
			m.Lock()
			defer m.Unlock()
			switch op {
			case 0, 1:
				return word(c.Wait(ctx))
			case 2:
				target := number + n%4
				return word(numbers.WaitFor(ctx, func() bool { return number >= target }))
			case 3:
				c.Notify(n%(actors+2) - 1)
			case 4:
				c.NotifyAll()
			case 5:
				number++
				numbers.NotifyAll()
			case 6:
				return word(c.Wait(ended))
			}
			return "ok"
		}, new(conditionModel)
	}},
	{"Event", 8, func() (func(ctx context.Context, actor, op, n int) string, model) {
		var e Event
		return func(ctx context.Context, actor, op, n int) string {
			switch op {
			case 0, 1:
				return word(e.Wait(ctx))
			case 2:
				select {
				case <-e.C():
					return "ok"
				case <-ctx.Done():
					return word(context.Cause(ctx))
				}
			case 3:
				return word(e.Wait(ended))
			case 4:
				return yes(e.IsSet())
			case 5:
				e.Set()
			case 6:
				e.Clear()
			case 7:
				e.Set()
				e.Clear()
			}
			return "ok"
		}, new(eventModel)
	}},
	{"Barrier", 9, func() (func(ctx context.Context, actor, op, n int) string, model) {
		fails := false
		b := NewBarrier(3, func() error {
			if fails {
				fails = false
				return errors.New("it fails")
			}
			return nil
		})
		return func(ctx context.Context, actor, op, n int) string {
			switch op {
			case 4:
				ctx = ended
				fallthrough
			case 0, 1, 2, 3:
				i, err := b.Wait(ctx)
				return fmt.Sprint(i, " ", word(err))
			case 5:
				b.Abort()
			case 6:
				b.Reset()
			case 7:
				fails = true
			default:
				return fmt.Sprint(b.Broken(), b.Waiting())
			}
			return "ok"
		}, &barrierModel{parties: 3}
	}},
}

func TestSequencesFollowTheModel(t *testing.T) {
	operations := 10_000
	if *soak {
		operations = 1_000_000
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			data := make([]byte, 500)
			for done := 0; done < operations; done += k.run(t, data) {
				for i := range data {
					data[i] = byte(rand.Uint32())
				}
			}
		})
	}
}

func FuzzModel(f *testing.F) {
	for i := range kinds {
		f.Add(byte(i), []byte("every actor does something, then another cancels"))
	}
	f.Add(byte(3), bytes.Repeat([]byte{48}, 400)) // 200 readers at once
	f.Fuzz(func(t *testing.T, i byte, data []byte) {
		if len(data) > 1000 {
			t.Skip("longer than need be")
		}
		kinds[int(i)%len(kinds)].run(t, data)
	})
}
