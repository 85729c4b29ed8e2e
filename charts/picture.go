package charts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/threads2go/course/charts/web"
)

// A sketch is what the program echarts-svg draws: an option of ECharts at a size in pixels.
type sketch struct {
	Width  int             `json:"width"`
	Height int             `json:"height"`
	Option json.RawMessage `json:"option"`
}

// pictures draws the sketches as SVG documents. It runs echarts-svg, as a JavaScript engine
// linked into a cell would cost each cell a second. The program ends by itself after half a
// minute: a timer here would hide Go's report of a deadlock after the figure.
func pictures(sketches ...sketch) ([]string, error) {
	library, err := web.Picture()
	if err != nil {
		return nil, fmt.Errorf("charts: %w", err)
	}
	program, err := findProgram()
	if err != nil {
		return nil, err
	}
	in, err := json.Marshal(sketches)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "-library", library)
	cmd.Stdin = bytes.NewReader(in)
	var out, report bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &report
	for _, e := range os.Environ() {
		// A child that inherits the notebook's pipe would break the parent's displays.
		if !strings.HasPrefix(e, "GONB_PIPE") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("charts: %s: %w: %s", program, err, strings.TrimSpace(report.String()))
	}
	var svgs []string
	if err := json.Unmarshal(out.Bytes(), &svgs); err != nil || len(svgs) != len(sketches) {
		return nil, fmt.Errorf("charts: %s did not answer with %d pictures; run `make lab` to build it anew", program, len(sketches))
	}
	return svgs, nil
}

func findProgram() (string, error) {
	path := filepath.Join(os.Getenv("COURSE_ENV"), "bin", "echarts-svg")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if path, err := exec.LookPath("echarts-svg"); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("charts: the program %s, which draws the pictures, does not exist; run `make lab` once, which builds it", path)
}
