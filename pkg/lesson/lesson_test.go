package lesson

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain runs the test binary again as a cell's program where LESSON_CHILD is set.
func TestMain(m *testing.M) {
	child := os.Getenv("LESSON_CHILD")
	if answer, ok := strings.CutPrefix(child, "check "); ok {
		checkAnswer(answer)
		return
	}
	switch child {
	case "scale":
		println(Scale(1_000_000, 1_000))
	case "begin":
		Begin()
	default:
		os.Exit(m.Run())
	}
}

func child(t *testing.T, name string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "LESSON_CHILD="+name, "GORACE=atexit_sleep_ms=0"), env...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func TestScale(t *testing.T) {
	for value, want := range map[string]string{"": "1000000", "full": "1000000", "small": "1000"} {
		if got, err := child(t, "scale", "COURSE_SCALE="+value); got != want || err != nil {
			t.Errorf("COURSE_SCALE=%q: %q, %v; want %s", value, got, err, want)
		}
	}
	got, err := child(t, "scale", "COURSE_SCALE=big")
	if err == nil || got != `error: COURSE_SCALE is "big": set it to full or small, or leave it out` {
		t.Errorf("a scale that does not exist: %q, %v", got, err)
	}
}

func TestBeginWithoutTheChartLibrary(t *testing.T) {
	got, err := child(t, "begin", "COURSE_ENV=")
	if err == nil || !strings.HasPrefix(got, "error: ") || !strings.Contains(got, "make lab") {
		t.Errorf("want an error with its remedy, got %q, %v", got, err)
	}
}

func TestWatermark(t *testing.T) {
	t.Setenv("COURSE_SCALE", "small")
	got := Watermark()
	want := regexp.MustCompile(`^.+, \d+ cores?, GOMAXPROCS \d+, go1\.\S+ \w+/\w+ · GoNB (v[\d.]+|not found) · scale small · ` + time.Now().Format(time.DateOnly) + `$`)
	if !want.MatchString(got) || !strings.Contains(got, runtime.Version()) {
		t.Errorf("watermark is %q", got)
	}
}
