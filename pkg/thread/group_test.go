package thread_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/thread"
)

func TestGroupReturnsValuesInTheOrderOfStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g thread.Group[int]
		begin := time.Now()
		for i := range 10 {
			g.Go(ctx, fmt.Sprint(i), func(context.Context) (int, error) {
				time.Sleep(time.Duration(10-i) * time.Second) // the last one ends first
				return i * i, nil
			})
		}
		for range 2 {
			values, err := g.Join(ctx)
			if err != nil || !slices.Equal(values, []int{0, 1, 4, 9, 16, 25, 36, 49, 64, 81}) {
				t.Errorf("got %v, %v", values, err)
			}
		}
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("took %v, want 10 s", d)
		}
		g.Go(ctx, "more", one)
		if values, err := g.Join(ctx); err != nil || len(values) != 11 || values[10] != 1 {
			t.Errorf("used again: %v, %v", values, err)
		}
	})
}

func TestGroupReturnsAllErrorsWithNames(t *testing.T) {
	logged := logs(t)
	synctest.Test(t, func(t *testing.T) {
		var g thread.Group[int]
		for _, name := range []string{"a", "b", "c", "d"} {
			g.Go(ctx, name, func(context.Context) (int, error) {
				time.Sleep(time.Second)
				switch name {
				case "b":
					return 0, errTask
				case "d":
					panic("boom")
				}
				return 1, nil
			})
		}
		values, err := g.Join(ctx)
		if !slices.Equal(values, []int{1, 0, 1, 0}) {
			t.Errorf("values %v", values)
		}
		if err == nil || err.Error() != "thread \"b\": no luck\nthread \"d\": panic: boom" || !errors.Is(err, errTask) {
			t.Errorf("error %v", err)
		}
		if _, ok := errors.AsType[*thread.PanicError](err); !ok {
			t.Error("the panic is lost")
		}
	})
	if logged.Len() > 0 {
		t.Errorf("the hook was told what Join returned: %s", logged)
	}
}

func TestGroupJoinThatExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		hooked := thread.WithHook(ctx, h.hook)
		var g thread.Group[int]
		for i, name := range []string{"slow", "failing", "slower", "quick"} {
			g.Go(hooked, name, func(context.Context) (int, error) {
				switch name {
				case "failing":
					time.Sleep(time.Second)
					return 0, errTask
				case "quick":
					return 4, nil
				}
				time.Sleep(time.Hour)
				return i, errTask
			})
		}
		soon, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		values, err := g.Join(soon)
		if !slices.Equal(values, []int{0, 0, 0, 4}) {
			t.Errorf("values %v", values)
		}
		for _, is := range []error{thread.ErrAlive, context.DeadlineExceeded, errTask} {
			if !errors.Is(err, is) {
				t.Errorf("%v is not %v", err, is)
			}
		}
		wantError(t, err, `thread "failing": no luck`, `2 of 4, first "slow"`)
		h.wants(t) // of "failing" Join has told
		time.Sleep(2 * time.Hour)
		h.wants(t, "slow/slow: no luck", "slower/slower: no luck") // these failed after it had left

		// No Join waits for what is started after it.
		<-g.Go(hooked, "later", func(context.Context) (int, error) { return 0, errTask }).Done()
		h.wants(t, "later/later: no luck", "slow/slow: no luck", "slower/slower: no luck")

		// All have ended: a context that has ended does not matter.
		for range 100 {
			if _, err := g.Join(soon); errors.Is(err, thread.ErrAlive) {
				t.Fatal(err)
			}
		}
	})
}

func TestGroupJoinsWhatIsStartedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		hooked := thread.WithHook(ctx, h.hook)
		var g thread.Group[int]
		var grow func(depth int) func(context.Context) (int, error)
		grow = func(depth int) func(context.Context) (int, error) {
			return func(ctx context.Context) (int, error) {
				time.Sleep(time.Second)
				if depth == 5 {
					return depth, errTask
				}
				g.Go(hooked, fmt.Sprint(depth+1), grow(depth+1))
				return depth, nil
			}
		}
		g.Go(hooked, "0", grow(0))
		values, err := g.Join(ctx)
		if !slices.Equal(values, []int{0, 1, 2, 3, 4, 5}) || !errors.Is(err, errTask) {
			t.Errorf("got %v, %v", values, err)
		}
		h.wants(t) // Join waited for the one that failed, too
	})
}

func TestGroupIsForManyGoroutines(t *testing.T) {
	var g thread.Group[int]
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				g.Go(ctx, "x", one)
				if values, err := g.Join(ctx); err != nil || len(values) == 0 {
					t.Errorf("%v, %v", values, err)
				}
			}
		})
	}
	wg.Wait()
	values, err := g.Join(ctx)
	if len(values) != 400 || slices.Contains(values, 0) || err != nil {
		t.Errorf("%d values, %v", len(values), err)
	}
}

func TestEmptyGroup(t *testing.T) {
	var g thread.Group[string]
	if values, err := g.Join(endedWith(errTask)); len(values) != 0 || err != nil {
		t.Errorf("got %v, %v", values, err)
	}
}

func TestGroupTellsExpiryFromTasksErrors(t *testing.T) {
	release := make(chan struct{})
	slow := thread.Go(ctx, "slow", func(context.Context) (int, error) { <-release; return 1, nil })
	var g thread.Group[int]
	g.Go(quiet(ctx), "impatient", func(context.Context) (int, error) { return slow.Join(endedWith(errTask)) })
	_, err := g.Join(ctx)
	if errors.Is(err, thread.ErrAlive) || !errors.Is(err, errTask) || !strings.Contains(err.Error(), "still alive") {
		t.Errorf("the task's error is %v", err)
	}
	close(release)
	slow.Join(ctx)
}
