package main

import (
	_ "embed"
	"fmt"
)

//go:embed kernel.py
var kernelProgram string

// kernelRow compares how long a cell takes, from sending it to its last output, on the
// course's kernel and on GoNB as it installs itself. Every round is another program, as
// those of a reader are. The goal is what was found when the kernel's settings were chosen,
// 0.15 to 0.20 s against 0.30 s, and a fifth more.
func kernelRow() Row {
	kernels := &program{source: kernelProgram} // both, behind a program that speaks Jupyter's protocol
	cells := 0
	cell := func(kernel string) Contender {
		return Contender{kernel + " kernel", func() (float64, error) {
			cells++
			seconds, err := kernels.seconds(map[string]any{
				"kernel": kernel,
				"cell":   fmt.Sprintf("import \"fmt\"\n\n%%%%\nfmt.Println(\"hello\", %d)", cells),
			})
			return 1000 * seconds, err
		}}
	}
	return Row{Name: "cell, hello", Unit: "ms", Goal: 0.7, Ours: cell("course"), Peers: []Contender{cell("default")}}
}
