package lesson

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts a child into a process group of its own, which can be killed as a whole, and
// has it killed if the cell is.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// memory returns how many bytes of memory a process has, or 0 if it has ended.
func memory(pid int) int {
	var virtual, resident int
	statm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fmt.Sscan(string(statm), &virtual, &resident)
	return resident * os.Getpagesize()
}
