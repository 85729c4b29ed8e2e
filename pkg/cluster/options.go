package cluster

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// An Option configures a cluster, or a worker.
type Option func(*config)

type config struct {
	credentials string
	ca          string
	replicas    int           // 0 if none were asked for
	lease       time.Duration // 0 too
	age         time.Duration // 0 too
	losses      int
	store       int64
	env         []string
	folder      string
	name        string
	payload     int32             // of a message, on the server of New
	dialer      nats.CustomDialer // of tests
	absence     time.Duration     // so long a server, or all workers, may be away
	misuse      error             // an option had a value that cannot be
}

const (
	defaultLease = 3 * time.Second
	defaultAge   = time.Hour
)

func configure(opts []Option) (*config, error) {
	c := &config{losses: 5, store: 1 << 30, payload: maxPayload, absence: absence}
	for _, o := range opts {
		o(c)
	}
	return c, c.misuse
}

// refuse keeps the first mistake in the options.
func (c *config) refuse(format string, args ...any) {
	if c.misuse == nil {
		c.misuse = fmt.Errorf("cluster: "+format, args...)
	}
}

// WithCredentials names the file of a user's credentials, as nsc and the nats command
// write them: a JWT with its key, or the seed of an nkey alone.
func WithCredentials(file string) Option {
	return func(c *config) {
		if c.credentials = file; file == "" {
			c.refuse(`WithCredentials(""): give the name of a file, or put user:password into the address`)
		}
	}
}

// WithCA names a file of certificates, PEM, of the authorities that the server's
// certificate may be from, instead of those that this machine trusts.
func WithCA(file string) Option {
	return func(c *config) {
		if c.ca = file; file == "" {
			c.refuse(`WithCA(""): give the name of a file, or leave the option away for the authorities that this machine trusts`)
		}
	}
}

// WithReplicas has n servers keep what is under way, 1, 3 or 5 of a cluster, so that a
// minority of them may fail. Without it, one does. The first client of a server, caller
// or worker, chooses for all: it is an error to ask for something else later.
func WithReplicas(n int) Option {
	return func(c *config) {
		if c.replicas = n; n != 1 && n != 3 && n != 5 {
			c.refuse("WithReplicas(%d): give 1, 3 or 5, not more than there are servers", n)
		}
	}
}

// WithLease sets how long nothing is heard of a worker until it is taken for lost,
// and another gets its work: 3 s without it. A worker tells four times in this time
// that it is alive. The first client of a server for a platform chooses for all, as with
// [WithReplicas].
func WithLease(d time.Duration) Option {
	return func(c *config) {
		if c.lease = d; d < 100*time.Millisecond {
			c.refuse("WithLease(%v): give at least 100ms, or workers that are only busy are taken for lost", d)
		}
	}
}

// WithAge sets how long a server keeps what nobody has removed, because its caller was
// killed: 1 hour without it. The first client of a server chooses for all, as with
// [WithReplicas].
func WithAge(d time.Duration) Option {
	return func(c *config) {
		if c.age = d; d < time.Second {
			c.refuse("WithAge(%v): give at least 1s; what lies in the store for longer than this is removed", d)
		}
	}
}

// WithLosses has a call fail with a [LostError] when so many workers were lost that
// had it: 5 without it. Processes that were lost with a call are counted apart, see
// parallel.WithRetries.
func WithLosses(n int) Option {
	return func(c *config) {
		if c.losses = n; n < 1 {
			c.refuse("WithLosses(%d): give at least 1, the number of losses at which a call fails", n)
		}
	}
}

// WithStore limits the memory of the server that New starts: 1 GiB without it.
func WithStore(bytes int64) Option {
	return func(c *config) {
		if c.store = bytes; bytes < 1 {
			c.refuse("WithStore(%d): give a number of bytes, such as 1<<30", bytes)
		}
	}
}

// WithEnv gives the processes of workers an environment, of elements of the form
// NAME=value. Without it they have GOMAXPROCS and TMPDIR, and nothing else.
func WithEnv(vars ...string) Option {
	return func(c *config) {
		c.env = append(c.env, vars...)
		for _, v := range vars {
			if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
				c.refuse("WithEnv(%q): give NAME=value", v)
			}
		}
	}
}

// WithFolder is for workers: it names the folder in which one keeps the programs that it
// was sent, and in which its processes work. Each worker needs one of its own. Without it,
// it is a new one among the temporary files, which is removed at the end.
func WithFolder(path string) Option {
	return func(c *config) {
		if c.folder = path; path == "" {
			c.refuse(`WithFolder(""): give the path of a folder, or leave the option away`)
		}
	}
}

// WithName is for workers: the name by which errors and the crew know them. Without it,
// it is the name of the machine and the number of the process.
func WithName(name string) Option {
	return func(c *config) {
		if c.name = name; name == "" {
			c.refuse(`WithName(""): give a name, or leave the option away`)
		}
	}
}

// ownName is the name of a worker that was given none.
func ownName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}
