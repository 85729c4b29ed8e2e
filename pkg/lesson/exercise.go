package lesson

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"
)

// An Exercise asks for a function. It is data: the task's words are in a notebook, and its
// gates say what an answer has to do. Every answer has two gates more, no leak and no race.
type Exercise struct {
	Name    string // of the function
	Minutes int
	Trains  string // half a sentence
	Gates   []Gate
}

// A Gate is one thing that an answer must do, by its name, and the test of it.
type Gate struct {
	name string
	want reflect.Type // of the answer
	test func(t *T, answer any)
}

// NewGate returns a gate for answers of type F. Its test calls the answer, says by t what it
// tries, and ends by t.Fatalf where the answer is wrong. It must release whatever may still
// wait for it before it returns: what is left then is the answer's leak.
//
// The test runs a second time, under the race detector, and so it should take no longer than
// some 0.3 s.
func NewGate[F any](name string, test func(t *T, answer F)) Gate {
	return Gate{name, reflect.TypeFor[F](), func(t *T, answer any) {
		f := reflect.ValueOf(answer).Convert(reflect.TypeFor[F]()).Interface()
		test(t, f.(F))
	}}
}

// accepts says in words why a value cannot be an answer to e, or nothing if it can.
func (e Exercise) accepts(answer any) string {
	want := e.Gates[0].want
	switch v := reflect.ValueOf(answer); {
	case !v.IsValid(), v.Kind() == reflect.Func && v.IsNil():
		return fmt.Sprintf("there is no function: give Check %s", e.Name)
	case v.Kind() != reflect.Func:
		return fmt.Sprintf("its type is %v, not a function's: give Check %s without a call", v.Type(), e.Name)
	case !v.Type().AssignableTo(want):
		return fmt.Sprintf("its type is not what was asked for\n    it is      %v\n    asked for  %v", v.Type(), want)
	}
	return ""
}

// A T is what a gate's test talks to. Its methods are for the goroutine that runs the test.
type T struct {
	log     *log
	tried   string
	failure string
	race    bool
	source  source
}

// Race reports whether the program was built with the race detector: figures of time mean
// nothing then.
func (t *T) Race() bool { return t.race }

// Try says what is tried from here on, as in t.Try("sell(%d)", n). If the answer is wrong, or
// the program ends, or takes too long, the verdict begins with it.
func (t *T) Try(format string, args ...any) {
	t.tried = fmt.Sprintf(format, args...)
	t.log.note(event{Tried: t.tried})
}

// Fatalf says what is wrong, and ends the test.
func (t *T) Fatalf(format string, args ...any) {
	for i, arg := range args {
		if err, ok := arg.(error); ok {
			args[i] = oneError(err)
		}
	}
	t.failure = fmt.Sprintf(format, args...)
	if t.tried != "" {
		t.failure = t.tried + ": " + t.failure
	}
	runtime.Goexit()
}

// oneError is the text of an error in one line, also if it is one of many.
func oneError(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// Equal ends the test unless got and want are deeply equal. The name says what they are, as
// in "the totals".
func (t *T) Equal(name string, got, want any) {
	if reflect.DeepEqual(got, want) {
		return
	}
	g, w := show(got), show(want)
	if g == w {
		g, w = fmt.Sprintf("%s (a %T)", g, got), fmt.Sprintf("%s (a %T)", w, want)
	}
	t.Fatalf("%s: got %s, want %s", name, g, w)
}

// patience is how long a test waits for what a right answer does at once.
const patience = 2 * time.Second

// Soon calls f, which a right answer lets return at once. If f has not returned in 2 s, the test
// ends with these words, and the verdict says where the answer's goroutines are.
func (t *T) Soon(f func(), otherwise string, args ...any) {
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		f()
	}()
	select {
	case <-returned:
	case <-time.After(patience):
		t.Fatalf("%s%s", fmt.Sprintf(otherwise, args...), t.source.places(allStacks()))
	}
}

// Settle waits until every goroutine but its own waits for another: what the answer has begun
// has then come as far as it can. It ends the test if that does not come true in 2 s, as where
// a goroutine looks again and again, or sleeps in between, instead of waiting.
func (t *T) Settle() {
	var busy []string
	for start := time.Now(); time.Since(start) < patience; time.Sleep(time.Millisecond) {
		busy = nil
		for _, g := range parseStacks(allStacks())[1:] { // the first one is this
			switch g.state {
			case "running", "runnable", "sleep", "syscall":
				busy = append(busy, g.text)
			}
		}
		if busy == nil {
			return
		}
	}
	t.Fatalf("a goroutine looks again and again instead of waiting%s", t.source.places(strings.Join(busy, "\n\n")))
}

// show prints a value so that nil, empty and strings can be told apart, and not too long.
func show(v any) (s string) {
	switch v := v.(type) {
	case error:
		s = oneError(v)
	case string, []string:
		s = fmt.Sprintf("%q", v)
	default:
		s = fmt.Sprint(v)
	}
	if r := reflect.ValueOf(v); (r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.IsNil() {
		s = "nil"
	}
	if r := []rune(s); len(r) > 120 {
		s = string(r[:80]) + " … " + string(r[len(r)-30:])
	}
	return s
}

// run runs a gate's test. It returns what is wrong, in words, or nothing.
func (t *T) run(g Gate, answer any) string {
	t.tried, t.failure = "", ""
	returned, ended := false, make(chan struct{})
	go func() {
		defer func() {
			// A panic comes here, too. It ends the program, and until it has, run must wait.
			if returned || exiting() {
				close(ended)
			}
		}()
		g.test(t, answer)
		returned = true
	}()
	<-ended
	if !returned && t.failure == "" {
		return t.tried + ": it ended its goroutine (runtime.Goexit) and never returned"
	}
	return t.failure
}

// exiting reports, for a deferred function, whether runtime.Goexit has called it.
func exiting() bool {
	b := make([]byte, 64<<10)
	return strings.Contains(string(b[:runtime.Stack(b, false)]), "\nruntime.Goexit(")
}
