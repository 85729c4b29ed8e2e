package main

import (
	_ "embed"
	"fmt"
)

//go:embed kernel.py
var kernelProgram string

// kernelRows compare how long a cell takes, from sending it to its last output. Every round is
// another program, as those of a reader are.
//
// The first has the course's kernel beside GoNB as it installs itself. The goal is what was
// found when the kernel's settings were chosen, 0.15 to 0.20 s against 0.30 s, and a fifth more.
// The second has a figure beside the same numbers as text, both on the course's kernel, where the
// figure may take 250 ms more.
func kernelRows() []Row {
	kernels := &program{source: kernelProgram} // both, behind a program that speaks Jupyter's protocol
	cells := 0
	cell := func(name, kernel, source string, more float64) Contender {
		return Contender{name, func() (float64, error) {
			cells++
			seconds, err := kernels.seconds(map[string]any{"kernel": kernel, "cell": fmt.Sprintf(source, cells)})
			return 1000*seconds + more, err
		}}
	}
	const hello = "import \"fmt\"\n\n%%%%\nfmt.Println(\"hello\", %d)"
	return []Row{
		{Name: "cell, hello", Unit: "ms", Goal: 0.7, Ours: cell("course kernel", "course", hello, 0),
			Peers: []Contender{cell("default kernel", "default", hello, 0)}},
		{Name: "cell, a histogram", Unit: "ms", Goal: 1, Ours: cell("charts.Show", "course", figureCell, 0),
			Peers: []Contender{cell("its numbers as text, and 250 ms", "course", textCell, 250)}},
	}
}

// Both count 100,000 numbers in 40 bins, and show them. Each round has another first number.
const (
	figureCell = `import "github.com/threads2go/course/charts"

%%%%
x := make([]float64, 100_000)
for i := range x {
	x[i] = float64((i*7919 + %d) %% 1_000_003)
}
err := charts.Show(charts.Histogram{Values: x, Bins: 40})
if err != nil {
	panic(err)
}`
	textCell = `import "fmt"

%%%%
counts := make([]int, 40)
for i := range 100_000 {
	counts[(i*7919+%d)%%1_000_003*40/1_000_003]++
}
for bin, n := range counts {
	fmt.Println(bin, n)
}`
)
