//go:build !unix

package parallel

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
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
