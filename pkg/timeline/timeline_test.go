package timeline_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/pool"
	"github.com/threads2go/course/pkg/thread"
	"github.com/threads2go/course/pkg/timeline"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lines is what the timeline has, as text.
func lines(tl *timeline.Timeline) string {
	var b strings.Builder
	for _, e := range tl.Events() {
		fmt.Fprintln(&b, e)
	}
	return b.String()
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.ReplaceAll(strings.TrimPrefix(want, "\n"), "\t", ""); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// The document's sleeper: hello comes before it wakes, and when main is done it
// sleeps still.
func TestSleeperInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour) // a timeline counts from its beginning
		tl := timeline.New()
		sleeper := thread.Go(thread.WithObserver(t.Context(), tl.Thread), "sleeper",
			thread.NoResult(func(context.Context) error {
				defer tl.Begin("sleeper", "sleeps")()
				time.Sleep(2 * time.Second)
				return errors.New("no dream")
			}))
		synctest.Wait()
		time.Sleep(time.Millisecond)
		tl.Mark("main", "hello")
		check(t, lines(tl), `
			0s on  sleeper  runs
			0s on  sleeper  sleeps
			1ms  main  hello
		`)
		for i, e := range tl.Events() {
			if open := i < 2; e.Open != open || e.End != time.Millisecond {
				t.Errorf("%+v", e)
			}
		}
		sleeper.Join(t.Context())
		time.Sleep(time.Second)
		tl.Mark("main", "goodbye")
		check(t, lines(tl), `
			0s to 2s  sleeper  runs  error: no dream
			0s to 2s  sleeper  sleeps
			1ms  main  hello
			3s  main  goodbye
		`)
	})
}

// What twelve workers do is the same in every run.
func TestWorkersInVirtualTime(t *testing.T) {
	var first string
	for range 5 {
		synctest.Test(t, func(t *testing.T) {
			tl := timeline.New()
			p := pool.New(12, pool.WithChunkSize(1), pool.WithObserver(tl.Workers("nap")))
			items := make([]time.Duration, 14)
			for i := range items {
				items[i] = time.Duration(1+i) * time.Second
			}
			_, err := pool.Map(t.Context(), p, items, func(_ context.Context, d time.Duration) (int, error) {
				time.Sleep(d)
				return 0, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			workers := map[string]time.Duration{} // what they did last ended then
			for _, e := range tl.Events() {
				if e.Begin < workers[e.Who] {
					t.Errorf("%s does two things at once:\n%s", e.Who, lines(tl))
				}
				workers[e.Who] = e.End
				if !strings.HasPrefix(e.Who, "nap ") || e.What != "nap" || e.Open || e.Err != nil {
					t.Errorf("%+v", e)
				}
			}
			if len(workers) != 12 {
				t.Errorf("%d workers", len(workers))
			}
			// Which worker gets which item is the scheduler's choice.
			var times strings.Builder
			for _, e := range tl.Events() {
				fmt.Fprintln(&times, e.Begin, e.End, e.Detail)
			}
			if first == "" {
				first = times.String()
			}
			if times.String() != first {
				t.Errorf("one run:\n%sanother:\n%s", first, &times)
			}
		})
	}
	if strings.Count(first, "\n") != 14 || !strings.Contains(first, "0s 12s item 11\n") || !strings.Contains(first, "1s 14s item 12\n") {
		t.Errorf("%s", first)
	}
}

// Events that many record at the same instant are in one order, whoever was
// quicker.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl := timeline.New()
		observe := tl.Workers("w")
		var wg sync.WaitGroup
		at := func(d time.Duration) time.Time { return time.Now().Add(d) }
		for _, s := range []pool.Span{
			{Worker: 10, First: 3, N: 1, Begin: at(0), End: at(2)},
			{Worker: 2, First: 4, N: 5, Begin: at(0), End: at(2)},
			{Worker: 2, First: 0, N: 2, Begin: at(0), End: at(2)},
			{Worker: 11, First: 0, N: 0, Begin: at(0), End: at(3), Err: errors.New("no stock")},
			{Worker: 0, First: 0, N: 1, Begin: at(-5), End: at(1)},
			{Worker: 1, First: 0, N: 1, Begin: at(7), End: at(6)}, // runs backwards
		} {
			wg.Go(func() { observe(s) })
		}
		wg.Go(func() { tl.Mark("b", "y") })
		wg.Go(func() { tl.Mark("b", "x") })
		wg.Go(func() { tl.Mark("a", "z") })
		wg.Wait()
		check(t, lines(tl), `
			-5ns to 1ns  w 0  w  item 0
			0s to 3ns  w 11  w  error: no stock
			0s to 2ns  w 2  w  items 0 to 1
			0s to 2ns  w 2  w  items 4 to 8
			0s to 2ns  w 10  w  item 3
			0s  a  z
			0s  b  x
			0s  b  y
			7ns  w 1  w  item 0
		`)
	})
}

func TestTheFirstEndCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tl := timeline.New()
		end := tl.Begin("reader", "waits")
		time.Sleep(time.Second)
		end()
		time.Sleep(time.Second)
		end()
		check(t, lines(tl), `
			0s to 1s  reader  waits
		`)
	})
}

// Nothing is lost where many record at once, while somebody looks.
func TestManyRecordAtOnce(t *testing.T) {
	const goroutines, each = 8, 1000
	tl := timeline.New()
	observe := tl.Workers("w")
	done := make(chan struct{})
	var looks sync.WaitGroup
	looks.Go(func() {
		for seen := 0; ; {
			events := tl.Events()
			if len(events) < seen {
				t.Errorf("of %d events only %d are left", seen, len(events))
			}
			seen = len(events)
			for _, e := range events {
				if e.Who == "" || e.What == "" || e.End < e.Begin {
					t.Errorf("%+v", e)
				}
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range each {
				end := tl.Thread(fmt.Sprint("thread ", g))
				tl.Mark("main", fmt.Sprint(g, i))
				now := time.Now()
				observe(pool.Span{Worker: g, First: i, N: 1, Begin: now, End: now})
				end(nil)
			}
		})
	}
	wg.Wait()
	close(done)
	looks.Wait()
	count := map[string]int{}
	for _, e := range tl.Events() {
		count[e.Who+e.What+e.Detail]++
		if e.Open {
			t.Errorf("%v is open", e)
		}
	}
	for g := range goroutines {
		if n := count[fmt.Sprint("thread ", g, "runs")]; n != each {
			t.Errorf("thread %d ran %d times", g, n)
		}
		for i := range each {
			if count[fmt.Sprint("main", g, i)] != 1 || count[fmt.Sprintf("w %dwitem %d", g, i)] != 1 {
				t.Fatalf("not once: mark or item %d of %d", i, g)
			}
		}
	}
}

func TestAllocations(t *testing.T) {
	const n = 1024
	for name, c := range map[string]struct {
		each   float64
		record func(*timeline.Timeline)
	}{
		"mark":   {0, func(tl *timeline.Timeline) { tl.Mark("a", "b") }},
		"begin":  {1, func(tl *timeline.Timeline) { tl.Begin("a", "b")() }},
		"thread": {1, func(tl *timeline.Timeline) { tl.Thread("a")(nil) }},
	} {
		got := testing.AllocsPerRun(10, func() {
			tl := timeline.New()
			for range n {
				c.record(tl)
			}
		})
		if got > n*c.each+10 {
			t.Errorf("%d times %s: %v allocations", n, name, got)
		}
	}
}

func TestImportsAndLinksLittle(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{.Standard}}", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	var own []string
	for line := range strings.Lines(string(out)) {
		path, standard, _ := strings.Cut(strings.TrimSpace(line), " ")
		if standard != "true" {
			own = append(own, path)
		}
		switch path {
		case "net", "runtime/cgo", "os/user", "os/signal":
			t.Errorf("links %s", path)
		}
	}
	const pkg = "github.com/threads2go/course/pkg/"
	own = slices.DeleteFunc(own, func(path string) bool { // pool may use the two
		return path == pkg+"queue" || path == pkg+"lock"
	})
	if !slices.Equal(own, []string{pkg + "pool", pkg + "timeline"}) {
		t.Errorf("links more than pool and the standard library: %v", own)
	}
}
