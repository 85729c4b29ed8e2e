// Copies a queue, which go vet has to find.
package main

import "github.com/threads2go/course/pkg/queue"

func main() {
	q := queue.New[int](1)
	p := *q
	println(p.Len())
}
