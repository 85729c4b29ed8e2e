package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A program is the executable of this process, as it is sent to workers.
type program struct {
	path string
	sum  string // SHA-256
	size int64
}

// self reads the executable once: that costs about a second for each GB.
var self = sync.OnceValues(func() (program, error) {
	path := "/proc/self/exe" // the same file even after it was replaced
	if runtime.GOOS != "linux" {
		var err error
		if path, err = os.Executable(); err != nil {
			return program{}, fmt.Errorf("cluster: cannot find this program, to send it to workers: %w", err)
		}
	}
	sum, size, err := sumOf(path)
	if err != nil {
		return program{}, fmt.Errorf("cluster: cannot read this program, to send it to workers: %w", err)
	}
	return program{path, sum, size}, nil
})

func sumOf(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// upload has this program be in the store, where it may be already.
func (l *link) upload(ctx context.Context) (program, error) {
	p, err := self()
	if err != nil {
		return p, err
	}
	l.sending.Lock() // runs that begin at once send it once
	defer l.sending.Unlock()
	_, programs, _ := l.stores()
	info, err := programs.GetInfo(ctx, p.sum)
	if err == nil && int64(info.Size) == p.size && time.Since(info.ModTime) < l.age/2 {
		return p, nil
	}
	meta := jetstream.ObjectMeta{Name: p.sum, Description: filepath.Base(os.Args[0])}
	err = l.put(ctx, programs, meta, int(p.size), func() (io.ReadCloser, error) { return os.Open(p.path) })
	if err != nil {
		return p, l.explain(fmt.Errorf("this program, of %d bytes, cannot be stored: %w", p.size, err))
	}
	return p, nil
}

// keptPrograms is how many programs a worker keeps beside the one that it was sent last.
const keptPrograms = 3

// A cache has the programs that a worker was sent.
type cache struct {
	folder string

	mu       sync.Mutex
	verified []string // by this process; the last used is the last
}

// get returns the path of a program. It fetches it if it is not there, and verifies it
// if this process has not yet.
func (c *cache) get(ctx context.Context, l *link, sum string, size int64) (string, error) {
	if b, err := hex.DecodeString(sum); err != nil || len(b) != sha256.Size {
		return "", fmt.Errorf("%q is not the SHA-256 of a program", sum)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	path := filepath.Join(c.folder, sum)
	if i := slices.Index(c.verified, sum); i >= 0 {
		c.verified = append(slices.Delete(c.verified, i, i+1), sum)
		return path, nil
	}
	if got, _, err := sumOf(path); err != nil || got != sum {
		if err := c.fetch(ctx, l, path, sum, size); err != nil {
			return "", err
		}
	}
	c.verified = append(c.verified, sum)
	c.prune()
	return path, nil
}

func (c *cache) fetch(ctx context.Context, l *link, path, sum string, size int64) error {
	f, err := os.CreateTemp(c.folder, "new-*")
	if err != nil {
		return fmt.Errorf("program %s: no place to keep it: %w", sum, err)
	}
	defer os.Remove(f.Name())
	_, programs, _ := l.stores()
	h, n := sha256.New(), counter(0)
	err = l.get(ctx, programs, sum, io.MultiWriter(f, h, &n))
	if err == nil {
		err = f.Chmod(0o500)
	}
	if err := errors.Join(err, f.Close()); err != nil && !errors.Is(err, jetstream.ErrDigestMismatch) {
		return fmt.Errorf("program %s: %w", sum, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); int64(n) != size || got != sum {
		programs.Delete(ctx, sum)
		return fmt.Errorf("program %s is corrupt in the store: what is there has %d bytes, want %d, and SHA-256 %s; it is refused, and removed, so that the next run sends it again", sum, n, size, got)
	}
	return os.Rename(f.Name(), path)
}

// A counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// prune removes all but the programs that were used last. Processes that run them
// go on.
func (c *cache) prune() {
	keep := c.verified[max(0, len(c.verified)-1-keptPrograms):]
	c.verified = slices.Clone(keep)
	files, _ := os.ReadDir(c.folder)
	for _, f := range files {
		if !slices.Contains(keep, f.Name()) {
			os.Remove(filepath.Join(c.folder, f.Name()))
		}
	}
}
