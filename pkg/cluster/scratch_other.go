//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package cluster

import "os"

// lockFile makes a file. It fails for those that are there: whether another process has
// them is not known here.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
}
