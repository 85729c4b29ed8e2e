//go:build !unix

package lesson

import "os/exec"

func ownGroup(*exec.Cmd)      {}
func dump(*exec.Cmd)          {}
func memory(int) int          { return 0 }
func killGroup(cmd *exec.Cmd) { cmd.Process.Kill() }
