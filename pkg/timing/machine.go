package timing

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine returns a line that says what a time was measured on: the CPU's model,
// the cores that the process may use, GOMAXPROCS, and the version of Go with the
// operating system and the architecture. Where the system does not tell the model,
// the architecture stands for it.
func Machine() string {
	cores := "1 core"
	if n := runtime.NumCPU(); n > 1 {
		cores = fmt.Sprint(n, " cores")
	}
	return fmt.Sprintf("%s, %s, GOMAXPROCS %d, %s %s/%s",
		model(), cores, runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// linuxModel finds the CPU's model in the text of Linux's /proc/cpuinfo, which
// has it on most architectures, or "".
func linuxModel(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == "model name" {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return ""
}

func model() string {
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := linuxModel(string(text)); m != "" {
			return m
		}
	}
	if m := systemModel(); m != "" {
		return m
	}
	return runtime.GOARCH
}
