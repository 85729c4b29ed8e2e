package timing

import "syscall"

func systemModel() string {
	m, err := syscall.Sysctl("machdep.cpu.brand_string")
	if err != nil {
		return ""
	}
	return m
}
