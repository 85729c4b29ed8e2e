package notebooks

import (
	"strings"
	"testing"
)

// claims00: what persists and what does not, and the texts of the failures that are explained.
func claims00(t *testing.T, n notebook) {
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")
	contains("cell-first", "orders filled: 1\norders filled: 2\n")
	if out := n.cell(t, "cell-again").output(); out != "orders filled: 1\n" {
		t.Errorf("cell-again: %q, want a count that began anew", out)
	}

	contains("error-compile", "Cell[", ": Line 4", "^", "undefined: prise", "declared and not used: price")
	n.lacks(t, "error-compile", "sold at 1")
	contains("error-panic", "105\n74\n143\n", "panic: runtime error: index out of range [3] with length 3", "[[ Cell [", "exit status 2")

	contains("race-cell", "orders: ")
	contains("race-detector", "WARNING: DATA RACE", "Previous ")
	contains("chart-sleeps", "Histogram of 1,000 goroutines")
	if least := n.numbers(t, "chart-sleeps", `until awake, from ([\d.]+) to`)[0]; least < 10 {
		t.Errorf("chart-sleeps: a goroutine woke after %v ms, want none before 10", least)
	}
	contains("crib-doc", "func Go[T any](ctx context.Context, name string,")

	rows := 0
	for line := range strings.Lines(string(n.cell(t, "crib").Source)) {
		if strings.HasPrefix(line, "| `") || strings.HasPrefix(line, "| a ") {
			rows++
		}
	}
	if rows != 15 {
		t.Errorf("crib: %d rows, want the fifteen that its heading promises", rows)
	}
}
