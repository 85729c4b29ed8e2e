package notebooks

// What cells import and no package of the course does: here, so that go.mod keeps it.
import _ "golang.org/x/sync/errgroup"
