package notebooks

import (
	"path/filepath"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

// In JupyterLab hints and solutions are folded, and a click shows them, a solution's code as
// code, in a notebook that nobody has trusted.
func TestExercisesFold(t *testing.T) {
	const name = "03_races_conditions_pools.ipynb"
	folder := t.TempDir()
	copyCells(t, name, filepath.Join(folder, name), read(t, name).exerciseCells())
	page := webtest.Start(t).Open(t, startLab(t, folder).open(name), webtest.Setting{Height: 2400})
	defer pictureOfFailure(t, page)
	ready(page, len(read(t, filepath.Join(folder, name)).Cells))
	n := len(read(t, name).exercises())
	page.Wait(`document.querySelectorAll(".jp-RenderedMarkdown details").length > 0`)
	folds(t, page, ".jp-RenderedMarkdown", 3*n, n)
	picture(t, page, "lab-exercise.png")
}

// On the site they are folded alike.
func TestExercisesFoldOnTheSite(t *testing.T) {
	const name = "03_races_conditions_pools"
	page := webtest.Start(t).Open(t, "file://"+filepath.Join(site(t), name+".html"), webtest.Setting{})
	n := len(read(t, name+".ipynb").exercises())
	folds(t, page, "#exercises", 3*n, n)
}

// folds tests that a page has so many folded texts, of which some have code, and that a click
// shows them.
func folds(t *testing.T, page *webtest.Page, in string, texts, code int) {
	t.Helper()
	all := `[...document.querySelectorAll("` + in + ` details")].filter(d => /^(Hint [12]|Solution)$/.test(d.querySelector("summary").textContent.trim()))`
	if got := webtest.Eval[int](page, all+`.length`); got != texts {
		t.Errorf("%d texts are folded, want %d", got, texts)
	}
	if got := webtest.Eval[int](page, all+`.filter(d => !d.open).length`); got != texts {
		t.Errorf("%d of %d texts are folded at first", got, texts)
	}
	if got := webtest.Eval[int](page, all+`.filter(d => d.querySelector("pre")?.textContent.includes("func ")).length`); got != code {
		t.Errorf("%d of %d solutions have code", got, code)
	}
	page.Do(all + `.forEach(d => d.querySelector("summary").click())`)
	if got := webtest.Eval[int](page, all+`.filter(d => d.open && d.lastElementChild.getBoundingClientRect().height > 0).length`); got != texts {
		t.Errorf("%d of %d texts are shown after a click", got, texts)
	}
}
