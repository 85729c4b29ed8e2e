//go:build !unix

package parallel

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

func (processes) Open(Options) (Workers, error) {
	return nil, fmt.Errorf(`parallel: backend "processes" needs Unix, this is %s; use Goroutines`, runtime.GOOS)
}

// Nothing starts this program as a worker.

var (
	asked struct {
		name   string
		inMain bool
	}
	serves atomic.Bool
)

func mainNeverRuns() {}

func giveUp(string, ...any) {}

func serve(servant) {}

func signal(*os.ProcessState) string { return "" }

type child struct{ epoch time.Time }

// StartChild needs Unix.
func StartChild(context.Context, Program, Options, int) (*Child, error) {
	return nil, fmt.Errorf("parallel: a worker's process needs Unix, this is %s", runtime.GOOS)
}

// Do needs Unix.
func (c *Child) Do(context.Context, []byte, time.Duration) (replies [][]byte, lost *ExitError, at int) {
	return nil, nil, 0
}

// Pid needs Unix.
func (c *Child) Pid() int { return 0 }

// Close needs Unix.
func (c *Child) Close() {}
