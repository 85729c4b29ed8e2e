package notebooks

// What cells import and no package of the course does: here, so that go.mod keeps it.
import (
	_ "github.com/google/pprof/profile"
	_ "golang.org/x/exp/trace"
	_ "golang.org/x/sync/errgroup"
)
