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
// The second has a figure beside the same numbers as text, both on the course's kernel; there the
// goal is a difference, 0.25 s, which the note has.
func kernelRows() []Row {
	kernels := &program{source: kernelProgram} // both, behind a program that speaks Jupyter's protocol
	cells := 0
	cell := func(name, kernel, source string, each func(ms float64)) Contender {
		return Contender{name, func() (float64, error) {
			cells++
			seconds, err := kernels.seconds(map[string]any{"kernel": kernel, "cell": fmt.Sprintf(source, cells)})
			if each != nil && err == nil {
				each(1000 * seconds)
			}
			return 1000 * seconds, err
		}}
	}
	const hello = "import \"fmt\"\n\n%%%%\nfmt.Println(\"hello\", %d)"
	var figures, texts []float64
	return []Row{
		{Name: "cell, hello", Unit: "ms", Goal: 0.7, Ours: cell("course kernel", "course", hello, nil),
			Peers: []Contender{cell("default kernel", "default", hello, nil)}},
		{Name: "cell, a histogram", Unit: "ms",
			Ours:  cell("charts.Show", "course", figureCell, func(ms float64) { figures = append(figures, ms) }),
			Peers: []Contender{cell("its numbers as text", "course", textCell, func(ms float64) { texts = append(texts, ms) })},
			Note: func() string {
				return fmt.Sprintf("a figure takes %.0f ms more than its numbers as text; goal 250", median(figures)-median(texts))
			}},
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
