package cluster

import (
	"fmt"
	"time"
)

// A LostError says of a call that it was lost with the workers, or with the processes,
// that had it, and is not made again.
type LostError struct {
	Calls   int // so many calls were on their way together, this one first
	Workers int // so many workers were lost that had it
	// Worker is the last of them, "" if it was lost before it could tell that it had begun;
	// or the one whose process was lost.
	Worker string
	// Exit says how its process ended, if that is what was lost, and not the worker.
	Exit    string
	Tries   int           // so many processes were lost
	Reason  string        // why Go has ended the last, "fatal error: …" or "panic: …", if Go did
	Stderr  []byte        // the last 4 KB that it has written to its standard error
	Timeout time.Duration // it was killed because the call took longer than this; else 0
}

func (e *LostError) Error() string {
	if e.Exit != "" {
		return fmt.Sprintf("try %d, on worker %s: %s", e.Tries, e.Worker, e.Exit)
	}
	calls, last := "", ""
	if e.Calls > 1 {
		calls = fmt.Sprintf(", together with the %d calls after it", e.Calls-1)
	}
	if e.Worker != "" {
		last = ", the last was " + e.Worker
	}
	return fmt.Sprintf("workers lost that had it%s: %d%s; has it taken all of their memory, or stopped them?", calls, e.Workers, last)
}
