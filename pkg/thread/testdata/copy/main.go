// Copies what must not be copied: go vet has to say so.
package main

import "github.com/threads2go/course/pkg/thread"

func main() {
	original := thread.New[int]("original", nil)
	t := *original
	var g thread.Group[int]
	h := g
	_, _ = &t, &h
}
