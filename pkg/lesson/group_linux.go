package lesson

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a child into a process group of its own, which can be killed as a whole, and
// has it killed if the cell is.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
