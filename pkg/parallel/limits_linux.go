package parallel

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// canLimit reports what of a Parallel's limits this system lacks.
func canLimit(Options) error { return nil }

// limitMemory ends this process when it allocates more than limit beyond what it
// has mapped so far: the kernel then refuses, and the runtime gives up.
func limitMemory(limit int64) error {
	data, err := dataSize()
	if err != nil {
		return fmt.Errorf("no limit of memory: %w", err)
	}
	debug.SetMemoryLimit(limit)
	most := syscall.Rlimit{Cur: uint64(data + limit), Max: uint64(data + limit)}
	const rlimitData = 2
	if err := syscall.Setrlimit(rlimitData, &most); err != nil {
		return fmt.Errorf("no limit of memory of %d bytes: %w", limit, err)
	}
	return nil
}

// dataSize returns how many bytes of memory this process has that it can write to
// and that is its own.
func dataSize() (int64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(b))
	if len(f) < 6 {
		return 0, errors.New("/proc/self/statm is not as expected")
	}
	pages, err := strconv.ParseInt(f[5], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// startOn starts a process that runs on the CPU that is its turn.
func startOn(cpus []int, number int, path string, args []string, attr *os.ProcAttr) (*os.Process, error) {
	if len(cpus) == 0 {
		return os.StartProcess(path, args, attr)
	}
	cpu := cpus[number%len(cpus)]
	var before, mask [1024 / 64]uint64
	if cpu >= 1024 {
		return nil, fmt.Errorf("CPU %d: there are not so many", cpu)
	}
	mask[cpu/64] = 1 << (cpu % 64)
	// A child has the CPUs of the thread that starts it.
	runtime.LockOSThread()
	if _, err := affinity(syscall.SYS_SCHED_GETAFFINITY, &before); err != nil {
		return nil, fmt.Errorf("the CPUs of this process: %w", err)
	}
	if _, err := affinity(syscall.SYS_SCHED_SETAFFINITY, &mask); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("CPU %d: %w; /proc/self/status names those allowed", cpu, err)
	}
	p, err := os.StartProcess(path, args, attr)
	if _, e := affinity(syscall.SYS_SCHED_SETAFFINITY, &before); e == nil {
		runtime.UnlockOSThread() // else the thread ends with this goroutine
	}
	return p, err
}

func affinity(call uintptr, mask *[1024 / 64]uint64) (uintptr, error) {
	n, _, errno := syscall.RawSyscall(call, 0, unsafe.Sizeof(*mask), uintptr(unsafe.Pointer(mask)))
	if errno != 0 {
		return 0, errno
	}
	return n, nil
}
