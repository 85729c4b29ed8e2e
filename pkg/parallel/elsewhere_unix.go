//go:build unix

package parallel

import (
	"context"
	"time"
)

// StartChild starts a process and returns when it has come to its function. Of the
// options it keeps MemoryLimit and CPUs; number says whose turn of these it is. If ctx
// ends before, it returns context.Cause(ctx). If the process ends before, the error
// wraps an *ExitError.
func StartChild(ctx context.Context, p Program, o Options, number int) (*Child, error) {
	if err := canLimit(o); err != nil {
		return nil, err
	}
	c, err := startProgram(ctx, p, identify(p.Path), o, number)
	if err != nil {
		return nil, err
	}
	return &Child{child: c}, nil
}

// Do sends a request, see Batch.Request, and returns the replies to it when they are
// complete, for Batch.Reply. When ctx ends, so does that of the calls, and a process that
// has not answered a second later is killed; so is one in which a call takes longer than
// the timeout, unless that is 0.
//
// If the process ends before the replies are complete, Do returns how, and at which of
// the calls it was. Nothing else can be done with the child then but to close it.
func (c *Child) Do(ctx context.Context, request []byte, timeout time.Duration) (replies [][]byte, lost *ExitError, at int) {
	lost, _, at = c.do(ctx, request, timeout, func(reply []byte) bool {
		replies = append(replies, reply)
		return isLast(reply)
	})
	return replies, lost, at
}

// Pid returns the number of the process.
func (c *Child) Pid() int { return c.proc.Pid }

// Close ends the process and lets go of what it holds here. It may be called again;
// Do then panics.
func (c *Child) Close() {
	if c.closed {
		return
	}
	c.closed = true
	c.pause()
	select {
	case <-c.dead:
		c.release()
	default:
		c.close()
	}
}
