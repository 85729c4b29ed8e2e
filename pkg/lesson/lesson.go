// Package lesson holds what the course's notebooks need and a library's users do not: the
// line that says where a page's numbers come from, the scale of the workloads, and a short
// way to stop a cell on an error.
package lesson

import (
	"debug/buildinfo"
	"fmt"
	"html"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/threads2go/course/charts/web"
	"github.com/threads2go/course/pkg/display"
)

// Begin is a notebook's first call. It shows the Watermark and puts the chart library into
// the page, which wakes every figure on it, also those that were drawn before. Where the
// library is missing it says how to get it, and ends the program.
func Begin() {
	line := Watermark()
	script, err := web.Script()
	Check(err)
	Check(display.HTML("<p><small>"+html.EscapeString(line)+"</small></p>"+script, line))
}

// Watermark is one line with the versions of Go and GoNB, the CPU, its cores, GOMAXPROCS, the
// scale and the date.
func Watermark() string {
	scale := "full"
	if small() {
		scale = "small"
	}
	return strings.Join([]string{
		runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		"GoNB " + gonbVersion(),
		fmt.Sprintf("%s, %d cores, GOMAXPROCS %d", cpuModel(), runtime.NumCPU(), runtime.GOMAXPROCS(0)),
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

func cpuModel() string {
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(model)
			}
		}
	}
	if b, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
		return strings.TrimSpace(string(b))
	}
	return runtime.GOARCH
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
		Check(fmt.Errorf("COURSE_SCALE is %q: set it to full or small, or leave it out", s))
		return false
	}
}

// Check ends the program with exit status 1 and the error on standard error, unless err is
// nil. A cell's error handling fits in one line with it.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
