package cluster

import (
	"fmt"
	"os"
	"path/filepath"
)

// A scratch is a folder among the temporary files. It is removed at the end; and if this
// process is killed, by the next one that makes a scratch.
type scratch struct {
	path string
	lock *os.File // held while the folder is in use
}

const (
	scratchName = "go-cluster-"
	lockName    = "lock"
)

func newScratch() (*scratch, error) {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), scratchName+"*", lockName))
	for _, file := range left {
		if lock, err := lockFile(file); err == nil {
			os.RemoveAll(filepath.Dir(file))
			lock.Close()
		}
	}
	s := &scratch{}
	fresh, err := os.MkdirTemp("", "new-"+scratchName+"*")
	if err == nil {
		s.lock, err = lockFile(filepath.Join(fresh, lockName))
	}
	if err == nil { // only now can others see it
		s.path = filepath.Join(os.TempDir(), filepath.Base(fresh)[len("new-"):])
		err = os.Rename(fresh, s.path)
	}
	if err != nil {
		return nil, fmt.Errorf("cluster: no folder to work in; that for temporary files, TMPDIR, must be writable: %w", err)
	}
	return s, nil
}

func (s *scratch) remove() error {
	err := os.RemoveAll(s.path)
	s.lock.Close()
	return err
}
