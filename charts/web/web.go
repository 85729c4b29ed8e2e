// Package web brings the chart library into a notebook's page. The folder holds its sources
// too, in JavaScript; build.mjs makes the library from them at set-up, with ECharts from npm.
package web

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Script gives the HTML element that makes the figures of package charts live, those that are
// on the page and those that come later. A page needs it once; a second one does nothing. It
// holds the whole library (560 KB) and loads nothing. The element is
//
//	<script data-course="charts">…</script>
//
// so that an exporter can find it, and put the library elsewhere or leave it out.
//
// The library is read from the environment that COURSE_ENV names. It is an error if it is not
// there.
func Script() (string, error) {
	path, err := file("charts.js")
	if err != nil {
		return "", err
	}
	library, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("web: the chart library %s does not exist; run `make lab` once, which builds it", path)
	} else if err != nil {
		return "", fmt.Errorf("web: the chart library: %w", err)
	}
	if s := strings.ToLower(string(library)); strings.Contains(s, "</script") || strings.Contains(s, "<!--") {
		return "", fmt.Errorf("web: the chart library %s holds text that would end its script element; run `make lab` to build it anew", path)
	}
	return `<script data-course="charts">` + string(library) + `</script>`, nil
}

// file is the path of a part of the library, which build.mjs made.
func file(name string) (string, error) {
	env := os.Getenv("COURSE_ENV")
	if env == "" {
		return "", errors.New("web: COURSE_ENV is not set, so the chart library cannot be found; run `make lab`, which sets it up and starts JupyterLab with it")
	}
	return filepath.Join(env, "share", "course", name), nil
}
