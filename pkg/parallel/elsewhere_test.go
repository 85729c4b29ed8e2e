//go:build unix

package parallel_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/parallel"
)

// surroundings tells what a process has been given.
var surroundings = parallel.Func("surroundings", func(context.Context, struct{}) ([]string, error) {
	dir, err := os.Getwd()
	return append([]string{dir, strings.Join(os.Args, " ")}, os.Environ()...), err
})

// there is a backend that makes each batch in a child of another program: a copy of this
// one, in a folder and with an environment of its own.
func there(t *testing.T, timeout time.Duration, o parallel.Options, broken func(i int, lost *parallel.ExitError, at int)) (ctx context.Context, dir string) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "program")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return parallel.WithBackend(bg, &tap{func(b *parallel.Batch) {
		errand, err := b.Errand()
		if err != nil {
			b.Fail(0, err)
			return
		}
		request, err := b.Request()
		if err != nil {
			t.Error(err)
		}
		c, err := parallel.StartChild(bg, parallel.Program{
			Path: path, Args: []string{"other", "program"}, Env: []string{"NAMED=yes"}, Dir: dir, Errand: errand,
		}, o, 0)
		if err != nil {
			b.Fail(0, err)
			return
		}
		defer c.Close() // again
		defer c.Close()
		ctx, cancel := context.WithTimeout(bg, 10*time.Second)
		defer cancel()
		replies, lost, at := c.Do(ctx, request, timeout)
		if lost != nil {
			broken(b.First(), lost, at)
			b.Fail(at, lost)
			return
		}
		for i, r := range replies {
			if last, err := b.Reply(0, c.Epoch(), r); err != nil || last != (i == len(replies)-1) {
				t.Errorf("reply %d of %d: last %v, %v", i, len(replies), last, err)
			}
		}
	}}), dir
}

func TestChildOfAnotherProgram(t *testing.T) {
	ctx, dir := there(t, 0, parallel.Options{}, nil)
	out, err := parallel.Run(ctx, open(t, 1), surroundings.Delayed(struct{}{}))
	if want := []string{dir, "other program", "NAMED=yes"}; err != nil || !slices.Equal(out[0], want) {
		t.Errorf("%q, %v; want %q", out, err, want)
	}
	many, err := parallel.Run(ctx, open(t, 1, parallel.WithBatchSize(400)), square.Delayed(numbers(1000)...))
	if err != nil || many[999] != 999*999 {
		t.Errorf("%v, %v", many, err)
	}
}

func TestChildThatIsLost(t *testing.T) {
	quiet(t)
	seen := 0
	ctx, _ := there(t, 300*time.Millisecond, parallel.Options{}, func(first int, lost *parallel.ExitError, at int) {
		seen++
		if first != 0 || at != 2 {
			t.Errorf("lost at call %d of the batch from %d on", at, first)
		}
	})
	p := open(t, 1, parallel.WithBatchSize(4))
	_, err := parallel.Run(ctx, p, do.Delayed(deed{}, deed{}, deed{"exit", 7}, deed{}))
	if failed, exit := exitOf(t, err); failed.Index != 2 || exit.ExitCode() != 7 {
		t.Error(err)
	}
	_, err = parallel.Run(ctx, p, do.Delayed(deed{}, deed{}, deed{"nap", 100_000}, deed{}))
	if failed, exit := exitOf(t, err); failed.Index != 2 || exit.Timeout != 300*time.Millisecond {
		t.Error(err)
	}
	if seen != 2 {
		t.Errorf("%d were lost", seen)
	}
}

func TestErrandsThatCannotBe(t *testing.T) {
	ctx, _ := there(t, 0, parallel.Options{}, nil)
	_, err := parallel.Run(ctx, open(t, 1), takesChan.Delayed(nil))
	if err == nil || !strings.Contains(err.Error(), `the argument of "takes chan" cannot cross`) {
		t.Error(err)
	}
	late := parallel.Func("late for an errand", func(context.Context, int) (int, error) { return 0, nil })
	_, err = parallel.Run(ctx, open(t, 1), late.Delayed(1))
	if err == nil || !strings.Contains(err.Error(), "was called after the program's initialisation") {
		t.Error(err)
	}
	quiet(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, err = parallel.StartChild(bg, parallel.Program{Path: self, Args: []string{"x"}, Errand: parallel.Errand{Func: "nobody's", InMain: true}}, parallel.Options{}, 0)
	var exit *parallel.ExitError
	if !errors.As(err, &exit) {
		t.Error(err)
	}
	if _, err = parallel.StartChild(bg, parallel.Program{Path: "/not/there"}, parallel.Options{}, 0); err == nil || !strings.Contains(err.Error(), "/not/there") {
		t.Error(err)
	}
}
