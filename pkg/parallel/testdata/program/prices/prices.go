// Package prices has a function, and a list that others fill in.
package prices

import (
	"context"

	"github.com/threads2go/course/pkg/parallel"
)

// Sources is filled in by packages that import this one.
var Sources = []string{"own"}

// Count counts the sources.
var Count = parallel.Func("count", func(context.Context, int) (int, error) { return len(Sources), nil })
