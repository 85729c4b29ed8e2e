//go:build unix && !linux

package lesson

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a child into a process group of its own, which can be killed as a whole.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// memory is not known here.
func memory(int) int { return 0 }
