// Command program is what the tests start, and kill: its first argument says what
// it does.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/threads2go/course/pkg/parallel"
	_ "github.com/threads2go/course/pkg/parallel/testdata/program/market"
	"github.com/threads2go/course/pkg/parallel/testdata/program/prices"
)

// When a worker's process serves state, variables that the function refers to are
// initialised, wherever they are declared, but no init function has run.
var (
	state = parallel.Func("state", func(context.Context, int) (string, error) { return strings.Join(done, " "), nil })
	done  = []string{"variable"}
)

func init() { done = append(done, "init") }

// Nor is a variable initialised that is declared later, and that the function reaches
// only through an interface.
var through = parallel.Func("through", func(context.Context, int) (string, error) { return hidden.String(), nil })

var hidden fmt.Stringer = lookup{}

type lookup struct{}

func (lookup) String() string { return fmt.Sprint("a table of ", len(table)) }

var table = map[string]int{"GO": len(os.Args)}

var spin = parallel.Func("spin", func(_ context.Context, name string) (int, error) {
	if err := os.WriteFile(name, fmt.Append(nil, os.Getpid()), 0o600); err != nil {
		return 0, err
	}
	for {
	}
})

var environment = parallel.Func("environment", func(_ context.Context, name string) (string, error) {
	v, ok := os.LookupEnv(name)
	return fmt.Sprint(v, " ", ok), nil
})

func main() {
	ctx := parallel.WithBackend(context.Background(), parallel.Processes)
	p := parallel.New(2)
	defer p.Close()
	if len(os.Args) < 2 {
		return
	}
	switch os.Args[1] {
	case "state":
		fmt.Println(parallel.Run(ctx, p, state.Delayed(0), through.Delayed(0)))
		fmt.Println(parallel.Run(ctx, p, prices.Count.Delayed(0)))
	case "serve":
		done = append(done, "main")
		parallel.Serve()
		fmt.Println("main goes on")
		fmt.Println(parallel.Run(ctx, p, state.Delayed(0), through.Delayed(0)))
		fmt.Println(parallel.Run(ctx, p, prices.Count.Delayed(0)))
	case "late":
		late := parallel.Func("late", func(context.Context, int) (int, error) { return 7, nil })
		fmt.Println(parallel.Run(ctx, p, late.Delayed(0)))
		fmt.Println(parallel.Run(context.Background(), p, late.Delayed(0)))
	case "served late":
		late := parallel.Func("late", func(context.Context, int) (int, error) { return 7, nil })
		parallel.Serve()
		fmt.Println(parallel.Run(ctx, p, late.Delayed(0)))
	case "served early":
		parallel.Serve()
		late := parallel.Func("late", func(context.Context, int) (int, error) { return 7, nil })
		fmt.Println(parallel.Run(ctx, p, late.Delayed(0)))
	case "from an init function":
		fmt.Println(parallel.Run(ctx, p, early.Delayed(0)))
	case "spin": // until the test kills this process
		fmt.Println(parallel.Run(ctx, p, spin.Delayed(os.Args[2:]...)))
	case "environment":
		fmt.Println(parallel.Run(ctx, p, environment.Delayed("GONB_PIPE", "GONB_PIPE_BACK", "GO_PARALLEL_WORKER", "OTHER")))
	}
}

var early *parallel.Function[int, int]

func init() {
	func() {
		early = parallel.Func("early", func(context.Context, int) (int, error) { return 8, nil })
	}()
}
