package notebooks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runCells runs Go cells on the kernel, and returns their outputs. Those that begin with
// "fails" are meant to fail.
func runCells(t *testing.T, sources ...string) (outputs []string) {
	t.Helper()
	type object = map[string]any
	var cells []object
	for i, source := range sources {
		tags := []string{}
		source, fails := strings.CutPrefix(source, "fails\n")
		if fails {
			tags = append(tags, "raises-exception")
		}
		cells = append(cells, object{"cell_type": "code", "id": string(rune('a' + i)), "source": source, "metadata": object{"tags": tags}, "outputs": []any{}, "execution_count": nil})
	}
	b, err := json.Marshal(object{
		"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": object{"kernelspec": object{"name": "gonb", "display_name": "Go", "language": "go"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(t.TempDir(), "cells.ipynb"), filepath.Join(t.TempDir(), "cells.ipynb")
	if err := os.WriteFile(in, b, 0o666); err != nil {
		t.Fatal(err)
	}
	if log, err := python(t, nil, "run.py", "--timeout=60", in, out); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	for _, c := range read(t, out).Cells {
		outputs = append(outputs, c.output())
	}
	return outputs
}

// On the kernel, whatever a learner's function does, or is not, the check says it and the
// notebook goes on; after an error of the compiler it shows that the older version was tested.
func TestExercisesBadInput(t *testing.T) {
	const (
		imports = "import (\n\t\"github.com/threads2go/course/notebooks/exercises\"\n\t\"github.com/threads2go/course/pkg/lesson\"\n)\n\n%%\n"
		check   = imports + "lesson.Check(exercises.FillAll, fillAll)"
		summary = imports + "lesson.Summary(exercises.FillAll, exercises.ReadStations)"
	)
	answer := func(body string) string { return "func fillAll(orders []int, fill func(int)) {\n\t" + body + "\n}" }
	steps := []struct {
		source string
		says   []string
	}{
		// A lesson's type, which has a method, may have the name of the answer's parameter.
		{"type fill struct{}\n\nfunc (f fill) half() {}", nil},
		{answer("panic(\"not written\") // the first version"), nil},
		{check, []string{"// the first version\n}\nfillAll fails: right answer\n", "fillAll([7]): panic: not written", "at: panic(\"not written\") // the first version"}},
		{"fails\n" + answer("go fill(order) // does not compile"), []string{"undefined: order"}},
		{check, []string{"// the first version\n}\nfillAll fails: right answer\n"}},
		{"func countAll(orders []int) int { return len(orders) }", nil},
		{imports + "lesson.Check(exercises.FillAll, countAll)", []string{"fillAll fails: right type\n", "it is      func([]int) int\n    asked for  func([]int, func(int))\n"}},
		{"import \"os\"\n\n" + answer("os.Exit(0)"), nil},
		{check, []string{"it ended the program, as os.Exit(0) does"}},
		{"import \"fmt\"\nimport \"strings\"\n\n" + answer("for range 1000 {\n\t\tfmt.Println(strings.Repeat(\"filled \", 15_000))\n\t}"), nil},
		{check, []string{"it printed more than 1 MB and was stopped", "it printed:\n    filled filled"}},
		{answer("for _, order := range orders {\n\t\tfill(order)\n\t}"), nil},
		{check, []string{"fillAll fails: all at once\n"}},
		{summary, []string{": 0 of 2 exercises pass\n", "fails: all at once (", "was not checked since the kernel was started\n"}},
		{"import \"sync\"\n\n" + answer("var group sync.WaitGroup\n\tfor _, order := range orders {\n\t\tgroup.Go(func() { fill(order) })\n\t}\n\tgroup.Wait()"), nil},
		{check + "\nlesson.Check(exercises.ReadStations, countAll)", []string{"fillAll passes: right answer, all at once, no leak, no race\n", "readStations fails: right type\n"}},
		{summary, []string{": 1 of 2 exercises pass\n", "5 minutes  passes ("}},
		{answer("// changed, and not checked"), nil},
		{summary, []string{"readStations 15 minutes fails: right type (", ": 0 of 2 exercises pass\n", "was changed after its check: check it again\n"}},
	}
	var sources []string
	for _, s := range steps {
		sources = append(sources, s.source)
	}
	for i, got := range runCells(t, sources...) {
		for _, says := range steps[i].says {
			if !strings.Contains(oneLine(got), oneLine(says)) {
				t.Errorf("step %d does not say %q:\n%s", i, says, got)
			}
		}
		if len(got) > 4000 {
			t.Errorf("step %d printed %d bytes", i, len(got))
		}
	}
}
