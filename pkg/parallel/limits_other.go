//go:build unix && !linux

package parallel

import (
	"fmt"
	"os"
	"runtime"
)

// canLimit reports what of a Parallel's limits this system lacks.
func canLimit(o Options) error {
	if o.MemoryLimit > 0 || len(o.CPUs) > 0 {
		return fmt.Errorf("parallel: limits of memory and CPUs need Linux, this is %s; leave WithMemoryLimit and WithCPUs away", runtime.GOOS)
	}
	return nil
}

func limitMemory(int64) error { return fmt.Errorf("no limit of memory on %s", runtime.GOOS) }

func startOn(_ []int, _ int, path string, args []string, attr *os.ProcAttr) (*os.Process, error) {
	return os.StartProcess(path, args, attr)
}
