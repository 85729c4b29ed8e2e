// Package lesson holds what the course's notebooks need and a library's users do not: the
// line that says where a page's numbers come from, the scale of the workloads, a short way to
// stop a cell on an error, and the checks of exercises, whose gates are data (Exercise).
package lesson

import (
	"debug/buildinfo"
	"fmt"
	"html"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/threads2go/course/charts/web"
	"github.com/threads2go/course/pkg/display"
	"github.com/threads2go/course/pkg/timing"
)

// Begin is a notebook's first call. It shows the Watermark and puts the chart library into
// the page, which wakes every figure on it, also those that were drawn before. Where the
// library is missing it says how to get it, and ends the program.
func Begin() {
	line := Watermark()
	script, err := web.Script()
	Must(err)
	Must(display.HTML("<p><small>"+html.EscapeString(line)+"</small></p>"+script, line))
}

// Watermark is one line with the machine of timing.Machine (CPU, cores, GOMAXPROCS, Go), the
// version of GoNB, the scale and the date.
func Watermark() string {
	scale := "full"
	if small() {
		scale = "small"
	}
	return strings.Join([]string{
		timing.Machine(),
		"GoNB " + gonbVersion(),
		"scale " + scale,
		time.Now().Format(time.DateOnly),
	}, " · ")
}

// gonbVersion reads the kernel's program, as the version in the kernel's environment is not
// the module's.
func gonbVersion() string {
	if path, err := exec.LookPath("gonb"); err == nil {
		if info, err := buildinfo.ReadFile(path); err == nil {
			return info.Main.Version
		}
	}
	return "not found"
}

// Scale chooses a workload's size by the environment variable COURSE_SCALE: the first where it
// is "full" or unset (a laptop: the documents' sizes), the second where it is "small" (tests,
// Binder, the image). Any other value ends the program with an error.
func Scale(fullSize, smallSize int) int {
	if small() {
		return smallSize
	}
	return fullSize
}

func small() bool {
	switch s := os.Getenv("COURSE_SCALE"); s {
	case "", "full":
		return false
	case "small":
		return true
	default:
		Must(fmt.Errorf("COURSE_SCALE is %q: set it to full or small, or leave it out", s))
		return false
	}
}

// Must ends the program with exit status 1 and the error on standard error, unless err is
// nil. A cell's error handling fits in one line with it.
func Must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
