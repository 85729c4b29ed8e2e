//go:build unix

package lesson

import (
	"os/exec"
	"syscall"
)

// dump has a child print the stacks of its goroutines and end.
func dump(cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGQUIT) }

// killGroup kills a child and what it has started.
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
