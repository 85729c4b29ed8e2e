// Package behaviour makes tables of what libraries do in the same case: each cell is a small
// program that is run, in a process of its own, by the tests. A cell that hangs is shown as
// "hangs", one that kills its process with the process's last words.
//
// A table's test file looks like this:
//
//	var table = behaviour.Table{Title: …, Columns: …, Rows: …}
//
//	func TestMain(m *testing.M)   { table.Main(m) }
//	func TestTable(t *testing.T)  { table.Check(t, "lock.md") }
//
// Check compares what it ran with the Markdown file; `go test -update` writes the file anew.
package behaviour

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the behaviour tables anew")

// A Cell does something and says in a few words what happened; the words must be the same in
// every run. A nil Cell does not apply.
type Cell func() string

// A Row is one case, with a cell for each column.
type Row struct {
	Case  string
	Cells []Cell
}

// A Table is a set of cases, tried with the library of each column.
type Table struct {
	Title   string
	Intro   string // a sentence or two below the title
	Columns []string
	Rows    []Row
	Limit   time.Duration // after which a cell's program hangs; 0: 5 s
}

// Python is a cell that runs a script with python3 and gives what it prints.
func Python(script string) Cell {
	return func() string {
		cmd := exec.Command("python3", "-c", script)
		cmd.WaitDelay = 100 * time.Millisecond // for its processes have its output, too
		out, err := cmd.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return cmp.Or(lastLine(string(exit.Stderr)), "the program dies: "+exit.Error())
		} else if err != nil && err != exec.ErrWaitDelay {
			return err.Error()
		}
		return strings.TrimSpace(string(out))
	}
}

// Settled waits until a counter has moved and then, at 50 looks in so long a time, has not, and
// gives it. If it never moves, the cell hangs.
func Settled(n *atomic.Int64, quiet time.Duration) int64 {
	last := int64(0)
	for looks := 0; looks < 50; time.Sleep(quiet / 50) {
		looks++
		if now := n.Load(); now != last || now == 0 {
			last, looks = now, 0
		}
	}
	return last
}

const cellVariable = "BEHAVIOUR_CELL"

// Main runs one cell where the process was started for it, and the tests otherwise.
func (t Table) Main(m *testing.M) {
	var row, column int
	if _, err := fmt.Sscanf(os.Getenv(cellVariable), "%d/%d", &row, &column); err == nil {
		fmt.Print("\x00" + t.Rows[row].Cells[column]())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Check runs every cell and fails if the table differs from the file.
func (t Table) Check(tb testing.TB, file string) {
	tb.Helper()
	got := make([][]string, len(t.Rows))
	slots := make(chan struct{}, 4) // programs at once: they wait more than they work
	var wg sync.WaitGroup
	for i, row := range t.Rows {
		if len(row.Cells) != len(t.Columns) {
			tb.Fatalf("case %q has %d cells for %d columns", row.Case, len(row.Cells), len(t.Columns))
		}
		got[i] = make([]string, len(row.Cells))
		for j, cell := range row.Cells {
			got[i][j] = "–"
			if cell == nil {
				continue
			}
			wg.Go(func() {
				slots <- struct{}{}
				got[i][j] = t.run(i, j)
				<-slots
			})
		}
	}
	wg.Wait()
	page := t.markdown(got)
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			tb.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(page, "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		if w, g := line(wantLines, i), line(gotLines, i); w != g {
			tb.Errorf("%s, line %d\n is   %s\n want %s", file, i+1, g, w)
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// run starts this test's program for one cell, and ends it with all that it started.
func (t Table) run(row, column int) string {
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(t.Limit, 5*time.Second))
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d/%d", cellVariable, row, column))
	var out, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel, cmd.WaitDelay = kill, time.Second
	err := cmd.Run()
	if cmd.Process != nil {
		_ = kill() // what the cell has left behind
	}
	if ctx.Err() != nil {
		return "hangs"
	}
	if _, said, ok := strings.Cut(out.String(), "\x00"); ok && (err == nil || err == exec.ErrWaitDelay) {
		return said
	}
	return "the program dies: " + cmp.Or(firstLine(stderr.String()), fmt.Sprint(err))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

func (t Table) markdown(cells [][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", t.Title)
	if t.Intro != "" {
		fmt.Fprintf(&b, "%s\n\n", t.Intro)
	}
	fmt.Fprintf(&b, "| case | %s |\n|%s\n", strings.Join(t.Columns, " | "), strings.Repeat("---|", len(t.Columns)+1))
	for i, row := range t.Rows {
		fmt.Fprintf(&b, "| %s |", row.Case)
		for _, c := range cells[i] {
			fmt.Fprintf(&b, " %s |", strings.NewReplacer("|", `\|`, "\n", " ").Replace(c))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
