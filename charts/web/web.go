// Package web brings the chart library into a notebook's page. The folder holds its sources
// too, in JavaScript; build.mjs makes the library from them at set-up, with ECharts from npm.
package web

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Script gives the HTML element that makes the figures of package charts live, those that are
// on the page and those that come later. A page needs it once; a second one does nothing. Where
// outputs of several versions of the course are on a page, each version needs its own. It
// holds the whole library (0.6 MB) and loads nothing. The element is
//
//	<div class="…"><script data-course="charts">…</script></div>
//
// in which an exporter can find the script, and put the library elsewhere or leave it out.
//
// The library is read from the environment that COURSE_ENV names. It is an error if it is not
// there, or was built from other sources than these.
func Script() (string, error) {
	_, library, err := read("charts.js")
	if err != nil {
		return "", err
	}
	if s := strings.ToLower(library); strings.Contains(s, "</script") || strings.Contains(s, "<!--") {
		return "", errors.New("web: the chart library holds text that would end its script element; run `make lab`, which builds it anew")
	}
	return `<div class="` + Hidden + `"><script data-course="charts">` + library + `</script></div>`, nil
}

// Library names the library of this version. Its figures bear the name.
func Library() string { return sum()[:8] }

// Hidden are the classes of an element around scripts. Nbconvert's sanitizer turns a script
// into text; these classes, which JupyterLab's style sheet hides, keep that text off the page.
const Hidden = "lm-Widget lm-mod-hidden"

// Picture gives the path of the library's part that draws pictures, for the program
// echarts-svg. Its errors are those of Script.
func Picture() (path string, err error) {
	path, _, err = read("charts-picture.js")
	return path, err
}

func read(name string) (path, library string, err error) {
	env := os.Getenv("COURSE_ENV")
	if env == "" {
		return "", "", errors.New("web: COURSE_ENV is not set, so the chart library cannot be found; run `make lab`, which sets it up and starts JupyterLab with it")
	}
	path = filepath.Join(env, "share", "course", name)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", "", fmt.Errorf("web: the chart library %s does not exist; run `make lab` once, which builds it", path)
	} else if err != nil {
		return "", "", fmt.Errorf("web: the chart library: %w", err)
	}
	library = string(b)
	if first, _, _ := strings.Cut(library, "\n"); !strings.Contains(first, sum()) {
		return "", "", fmt.Errorf("web: the chart library %s was not built from the sources of this version; run `make lab`, which builds it anew", path)
	}
	return path, library, nil
}

//go:embed *.js
var sources embed.FS

// sum identifies the sources, as build.mjs does.
var sum = sync.OnceValue(func() string {
	h := sha256.New()
	files, _ := sources.ReadDir(".") // sorted by name; an embedded file can always be read
	for _, f := range files {
		b, _ := sources.ReadFile(f.Name())
		io.WriteString(h, f.Name()+"\n")
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
})
