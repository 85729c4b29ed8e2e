// Shows a Markdown text and then waits for a value that nobody sends.
package main

import "github.com/threads2go/course/pkg/display"

func main() {
	if err := display.Markdown("before the deadlock"); err != nil {
		panic(err)
	}
	<-make(chan int)
}
