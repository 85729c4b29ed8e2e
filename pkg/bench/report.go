package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A Result is what a Row measured. Costs are medians over all rounds.
type Result struct {
	Name      string    `json:"name"`
	Ours      float64   `json:"ours,omitzero"`
	Peer      float64   `json:"peer,omitzero"`
	PeerName  string    `json:"peer_name,omitzero"`
	Unit      string    `json:"unit"`
	Ratio     float64   `json:"ratio,omitzero"`      // median of the rounds' ratios
	RatioLow  float64   `json:"ratio_low,omitzero"`  // its 95 % interval
	RatioHigh float64   `json:"ratio_high,omitzero"` //
	Goal      float64   `json:"goal,omitzero"`
	OK        string    `json:"ok"`              // Yes, No or Undecided
	Bimodal   bool      `json:"bimodal"`         // the ratio has two modes, which no median describes
	Modes     []float64 `json:"modes,omitempty"` // where they are
	Rounds    int       `json:"rounds"`

	Peers   map[string]float64 `json:"peers,omitempty"` // costs of all peers
	Note    string             `json:"note,omitzero"`
	Error   string             `json:"error,omitzero"` // why there are no numbers
	Machine string             `json:"machine"`
}

const (
	columns = "%-33s %10s %10s  %-8s %-27s %22s %6s  %s"
)

var header = fmt.Sprintf(columns,
	"row", "ours", "peer", "unit", "best peer", "ratio [95 % interval]", "goal", "ok")

// String is the result's line of the table, with its remarks on further lines.
func (r Result) String() string {
	if r.Error != "" {
		return fmt.Sprintf("%-33s NOT MEASURED: %s", r.Name, r.Error)
	}
	goal, ok := "", r.OK
	if r.Goal > 0 {
		goal = short(r.Goal)
	}
	if r.Bimodal {
		ok += " *"
	}
	ratio := fmt.Sprintf("%s [%s, %s]", short(r.Ratio), short(r.RatioLow), short(r.RatioHigh))
	line := fmt.Sprintf(columns, r.Name, short(r.Ours), short(r.Peer), r.Unit, r.PeerName, ratio, goal, ok)
	if r.Bimodal {
		line += fmt.Sprintf("\n  * bimodal: the rounds' ratios gather around %s and %s, their median says little",
			short(r.Modes[0]), short(r.Modes[1]))
	}
	if r.Note != "" {
		line += "\n  " + r.Note
	}
	return line
}

// short formats x to about three digits, without an exponent.
func short(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3f", x)
}

func writeJSON(file string, results []Result) error {
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o666)
}

// machine says what the figures were measured on. Where other programs keep the
// cores busy, which the load before the first row shows, not even ratios of
// parallel work can be trusted: its workers seldom run at the same time.
func machine(now time.Time) string {
	return fmt.Sprintf("%s, %d cores%s, GOMAXPROCS %d, %s %s/%s, %s", cpu(), runtime.NumCPU(), load(),
		runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH, now.Format(time.DateOnly))
}

// load is the number of programs that ran in the last minute, where it can be had.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	minute, _, _ := strings.Cut(string(text), " ")
	return " with a load of " + minute
}

func cpu() string {
	switch runtime.GOOS {
	case "linux":
		text, _ := os.ReadFile("/proc/cpuinfo")
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	case "darwin":
		if text, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
			return strings.TrimSpace(string(text))
		}
	}
	return "unknown CPU"
}
