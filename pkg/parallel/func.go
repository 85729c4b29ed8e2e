package parallel

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// A Function is a function with a name, by which another process finds it. Func
// makes one.
type Function[T, R any] struct {
	name  string
	f     func(context.Context, T) (R, error)
	where string // file:line of the call of Func
	late  bool   // that call was not a part of the program's initialisation

	check sync.Once
	wrong error // why it cannot be called in another process
}

// Func registers f under a name. Call it where a package-level variable is
// declared:
//
//	var root = parallel.Func("root", func(ctx context.Context, x float64) (float64, error) {
//		return math.Sqrt(x), nil
//	})
//
// A function of several arguments takes a struct. The context is the task's: it
// ends when the call does, with the first failure, and at the task's timeout.
//
// In the process of a worker this very call does not return: the process serves
// the function from here and then ends. So nothing that the program would do
// later happens there; the package's documentation says what that means.
//
// Func panics if the name is empty or registered already, or if f is nil.
func Func[T, R any](name string, f func(context.Context, T) (R, error)) *Function[T, R] {
	where, late := callSite()
	switch {
	case name == "":
		panic("parallel: Func without a name at " + where + "; give one that no other function of the program has")
	case f == nil:
		panic(fmt.Sprintf("parallel: Func(%q) with a nil function at %s; give the function to run", name, where))
	}
	fn := &Function[T, R]{name: name, f: f, where: where, late: late}
	functions.add(name, fn)
	if asked.name == name && !asked.inMain {
		serve(fn)
	}
	return fn
}

// Name returns the name given to Func.
func (f *Function[T, R]) Name() string { return f.name }

// Delayed keeps calls of f for later, one for each argument, as joblib's
// delayed(f)(x) does: Run or Stream makes them. The arguments are not copied.
func (f *Function[T, R]) Delayed(args ...T) Calls[R] {
	return Calls[R]{f, args, len(args)}
}

// DelayedSeq keeps a call of f for each argument of a sequence, for Stream, which
// takes them from it as it needs them.
func (f *Function[T, R]) DelayedSeq(args iter.Seq[T]) iter.Seq[Calls[R]] {
	return func(yield func(Calls[R]) bool) {
		for x := range args {
			if !yield(f.Delayed(x)) {
				return
			}
		}
	}
}

// Calls are calls of one function, with their arguments, that have not been made
// yet. The zero value is none.
type Calls[R any] struct {
	f    caller[R]
	args any // []T
	n    int
}

// Len returns how many calls they are.
func (c Calls[R]) Len() int { return c.n }

func (c Calls[R]) slice(lo, hi int) Calls[R] {
	if lo == 0 && hi == c.n {
		return c
	}
	return Calls[R]{c.f, c.f.slice(c.args, lo, hi), hi - lo}
}

// A caller is a *Function[T, R] of which T is not known.
type caller[R any] interface {
	chunk(args any, lo, hi int, out []R) chunk
	slice(args any, lo, hi int) any
	join(calls []Calls[R]) any
}

// chunk returns the calls with args[lo:hi], whose results go to out.
func (f *Function[T, R]) chunk(args any, lo, hi int, out []R) chunk {
	return &piece[T, R]{f, args.([]T)[lo:hi], out}
}

func (f *Function[T, R]) slice(args any, lo, hi int) any { return args.([]T)[lo:hi] }

// join returns the arguments of calls of f in one slice.
func (f *Function[T, R]) join(calls []Calls[R]) any {
	if len(calls) == 1 {
		return calls[0].args
	}
	var args []T
	for _, c := range calls {
		args = append(args, c.args.([]T)...)
	}
	return args
}

// A registry has what is registered during initialisation, by name.
type registry[V any] struct {
	kind string
	mu   sync.Mutex
	m    map[string]V
}

var functions = registry[servant]{kind: "Func"}

func (r *registry[V]) add(name string, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.m[name]; taken {
		panic(fmt.Sprintf("parallel: %s(%q): this name is taken; give another", r.kind, name))
	}
	if r.m == nil {
		r.m = map[string]V{}
	}
	r.m[name] = v
}

func (r *registry[V]) get(name string) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.m[name]
	return v, ok
}

func (r *registry[V]) names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.m))
}

// callSite tells where Func is called, and whether that is too late for a child
// process, which stops at this call only if it comes before main runs.
func callSite() (where string, late bool) {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	late = true
	for {
		frame, more := frames.Next()
		if where == "" {
			where = fmt.Sprintf("%s:%d", frame.File, frame.Line)
		}
		if frame.Function == "runtime.doInit1" || initialises(frame.Function) {
			late = false
		}
		if !more {
			return where, late
		}
	}
}

// initialises reports whether a function's name is that of a package's
// initialisation: path/pkg.init or, for an init function, path/pkg.init.0.
func initialises(name string) bool {
	_, name, _ = strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ".")
	return name == "init" || strings.HasPrefix(name, "init.") && !strings.Contains(name, "func")
}
