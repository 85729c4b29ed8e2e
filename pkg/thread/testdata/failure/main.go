// Lets two threads fail and does not join them before they have.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/threads2go/course/pkg/thread"
)

//go:noinline
func divide(a, b int) int { return a / b }

func main() {
	ctx := context.Background()
	reader := thread.Go(ctx, "reader", func(context.Context) (string, error) {
		return "", errors.New("no such shelf")
	})
	<-reader.Done()
	divider := thread.Go(ctx, "divider", func(context.Context) (int, error) {
		return divide(1, 0), nil
	})
	<-divider.Done()
	fmt.Println("main goes on")
}
