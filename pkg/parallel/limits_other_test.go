//go:build unix && !linux

package parallel_test

import (
	"strings"
	"testing"

	"github.com/threads2go/course/pkg/parallel"
)

func TestLimitsNeedLinux(t *testing.T) {
	for _, o := range []parallel.Option{parallel.WithMemoryLimit(1 << 30), parallel.WithCPUs(0)} {
		_, err := parallel.Run(processes, open(t, 1, o), square.Delayed(1))
		if err == nil || !strings.HasPrefix(err.Error(), "parallel: limits of memory and CPUs need Linux") {
			t.Error(err)
		}
	}
}
