// Deadlock shows a figure and then waits for ever.
package main

import (
	"fmt"

	"github.com/threads2go/course/charts"
)

func main() {
	if err := charts.Show(charts.Histogram{Values: []float64{1, 2, 3}}); err != nil {
		fmt.Println(err)
		return
	}
	<-make(chan int)
}
