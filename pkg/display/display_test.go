//go:build unix

package display

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"go.uber.org/goleak"
)

// children are the programs that the tests start as a cell's program: the test binary again,
// with DISPLAY_CHILD naming one.
var children = map[string]func() error{
	"10000": func() error {
		for i := range 10_000 {
			if err := HTML(fmt.Sprintf("<b>%d</b>", i), fmt.Sprint(i)); err != nil {
				return err
			}
		}
		return nil
	},
	"updates": func() error {
		errs := make(chan error)
		for g := range 8 {
			go func() {
				var area Area
				var err error
				for i := range 50 {
					err = errors.Join(err, area.HTML(fmt.Sprintf("%d.%d", g, i), ""))
				}
				errs <- err
			}()
		}
		var err error
		for range 8 {
			err = errors.Join(err, <-errs)
		}
		return err
	},
	"grandchild": func() error {
		if err := HTML("parent", "parent"); err != nil {
			return err
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "DISPLAY_CHILD=env")
		cmd.Stdout = os.Stdout
		return cmd.Run()
	},
	"env": func() error {
		for _, e := range os.Environ() {
			if strings.HasPrefix(e, "GONB_PIPE") {
				return fmt.Errorf("the child inherited %s", e)
			}
		}
		return HTML("child's HTML", "child's text")
	},
	"table": func() error {
		return Table([]string{"walk", "price"}, [][]any{{"first <1>", 105.13720131628156}, {"second", 9.5}})
	},
	"progress": func() error {
		bar := NewProgress("walks")
		for i := range 1_000_000 {
			bar.Set(i+1, 1_000_000)
		}
		return bar.Close()
	},
	"early": func() error {
		bar := NewProgress("walks")
		bar.Set(0, 10)
		bar.Set(3, 10)
		return bar.Close()
	},
	"again": func() error {
		first, second := HTML("a", "a"), HTML("b", "b")
		if first == nil || second == nil || first.Error() != second.Error() {
			return fmt.Errorf("want the same error twice, got %v and %v", first, second)
		}
		if !strings.Contains(first.Error(), "restart the kernel") {
			return fmt.Errorf("no remedy in %q", first)
		}
		return nil
	},
}

func TestMain(m *testing.M) {
	if f := children[os.Getenv("DISPLAY_CHILD")]; f != nil {
		if err := f(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// A kernel plays GoNB's part for one program.
type kernel struct {
	shown  []protocol.DisplayData
	stdout string
	stderr string
	err    error // of the program
}

// run starts the program with a kernel's pipes and returns all that it displayed. With deaf
// the kernel closes its pipes at the first display.
func run(t *testing.T, deaf bool, program string, env ...string) kernel {
	t.Helper()
	out, back := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "back")
	for _, p := range []string{out, back} {
		if err := syscall.Mkfifo(p, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var k kernel
	var stdout, stderr strings.Builder
	cmd := exec.Command(program)
	cmd.Env = append(append(os.Environ(), "GONB_PIPE="+out, "GONB_PIPE_BACK="+back), env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr

	var serve sync.WaitGroup
	serve.Go(func() {
		r, err := os.Open(out)
		if err != nil {
			t.Error(err)
			return
		}
		defer r.Close()
		w, err := os.OpenFile(back, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		dec, enc := gob.NewDecoder(r), gob.NewEncoder(w)
		for !deaf {
			var d protocol.DisplayData
			if err := dec.Decode(&d); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Errorf("the kernel cannot read what it was sent: %v", err)
				return
			}
			if v, ok := d.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
				v.Address = protocol.GonbuiSyncAckAddress
				if err := enc.Encode(v); err != nil {
					t.Error(err)
				}
				continue
			}
			k.shown = append(k.shown, d)
		}
	})
	k.err = cmd.Run()
	serve.Wait()
	k.stdout, k.stderr = stdout.String(), stderr.String()
	return k
}

// child runs one of children under a kernel and fails unless it ended well.
func child(t *testing.T, name string) kernel {
	t.Helper()
	k := run(t, false, os.Args[0], "DISPLAY_CHILD="+name)
	if k.err != nil {
		t.Fatalf("%v: %s", k.err, k.stderr)
	}
	return k
}

func TestEveryDisplayArrives(t *testing.T) {
	k := child(t, "10000")
	if len(k.shown) != 10_000 {
		t.Fatalf("%d of 10000 displays arrived", len(k.shown))
	}
	for i, d := range k.shown {
		if d.Data["text/html"] != fmt.Sprintf("<b>%d</b>", i) || d.Data["text/plain"] != fmt.Sprint(i) || d.DisplayID != "" {
			t.Fatalf("display %d is %v", i, d)
		}
	}
}

func TestConcurrentUpdates(t *testing.T) {
	k := child(t, "updates")
	last := map[string]string{}
	for _, d := range k.shown {
		last[d.DisplayID] = d.Data["text/html"].(string)
	}
	if len(k.shown) != 400 || len(last) != 8 {
		t.Errorf("%d updates in %d areas, want 400 in 8", len(k.shown), len(last))
	}
	for id, s := range last {
		if !strings.HasSuffix(s, ".49") {
			t.Errorf("area %s ends with %q, want its last update", id, s)
		}
	}
}

func TestChildrenDoNotInheritThePipe(t *testing.T) {
	k := child(t, "grandchild")
	if len(k.shown) != 1 || k.stdout != "child's text\n" {
		t.Errorf("kernel got %v, stdout %q; want one display of the parent and the child's text", k.shown, k.stdout)
	}
}

func TestDeadlockIsReportedAfterADisplay(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "deadlock")
	// Built without -race, under which Go reports no deadlocks.
	if out, err := exec.Command("go", "build", "-tags=netgo,osusergo", "-o", bin, "./testdata/deadlock").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	done := make(chan kernel, 1)
	go func() { done <- run(t, false, bin) }()
	select {
	case k := <-done:
		if len(k.shown) != 1 || !strings.Contains(k.stderr, "all goroutines are asleep - deadlock!") {
			t.Errorf("shown %v, stderr %q", k.shown, k.stderr)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the program hangs: no deadlock report after a display")
	}
}

func TestKernelThatDoesNotAnswer(t *testing.T) {
	k := run(t, true, os.Args[0], "DISPLAY_CHILD=again")
	if k.err != nil {
		t.Errorf("%v: %s", k.err, k.stderr)
	}
}

func TestTableInNotebook(t *testing.T) {
	d := child(t, "table").shown[0].Data
	for _, want := range []string{`<th scope="col" style="text-align:right">price`, "first &lt;1&gt;", `<td style="text-align:right">105.137</td>`} {
		if !strings.Contains(d["text/html"].(string), want) {
			t.Errorf("no %q in %s", want, d["text/html"])
		}
	}
	if want := "walk         price\nfirst <1>  105.137\nsecond         9.5"; d["text/plain"] != want {
		t.Errorf("text is\n%s\nwant\n%s", d["text/plain"], want)
	}
}

// A column without a name has a cell without a meaning for its head.
func TestTableOfUnnamedColumn(t *testing.T) {
	want := `<thead><tr><td></td><th scope="col" style="text-align:right">walks</th></tr></thead>`
	if got := tableHTML([]string{"", "walks"}, [][]string{{"here", "5"}}, []bool{false, true}); !strings.Contains(got, want) {
		t.Errorf("no %s in %s", want, got)
	}
}

func TestTableRefusesARaggedRow(t *testing.T) {
	err := Table([]string{"a", "b"}, [][]any{{1, 2}, {3}})
	if err == nil || !strings.Contains(err.Error(), "row 1 has 1 values for 2 columns") {
		t.Errorf("got %v", err)
	}
	if err := Table(nil, nil); err == nil {
		t.Error("a table without columns is no error")
	}
}

func TestProgressDrawsTheEndAndFewStates(t *testing.T) {
	k := child(t, "progress")
	last := k.shown[len(k.shown)-1]
	if !strings.Contains(last.Data["text/plain"].(string), "1,000,000 of 1,000,000 walks (100 %)") {
		t.Errorf("the last state is %q", last.Data["text/plain"])
	}
	if !strings.Contains(last.Data["text/html"].(string), `<progress value="1000000" max="1000000" aria-label="walks"`) {
		t.Errorf("the last state is %q", last.Data["text/html"])
	}
	// A million calls take well under a minute: at ten drawings a second, fewer than 600.
	if len(k.shown) < 2 || len(k.shown) > 600 {
		t.Errorf("%d drawings of a million states", len(k.shown))
	}
	for _, d := range k.shown {
		if d.DisplayID != last.DisplayID {
			t.Fatal("the bar is not drawn in place")
		}
	}
}

func TestProgressCloseShowsWhereItStopped(t *testing.T) {
	k := child(t, "early")
	if got := k.shown[len(k.shown)-1].Data["text/plain"].(string); !strings.HasPrefix(got, "3 of 10 walks (30 %)") {
		t.Errorf("the last state is %q", got)
	}
}

// Outside a notebook, with standard output a pipe, the text is printed and nothing else.
func TestPlainText(t *testing.T) {
	for name, want := range map[string]string{"table": "walk         price\n", "early": "3 of 10 walks (30 %)", "env": "child's text\n"} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(slices.Clone(os.Environ()), "DISPLAY_CHILD="+name)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), want) || strings.ContainsAny(string(out), "\r\x1b") {
			t.Errorf("%s: %v, printed %q, want %q", name, err, out, want)
		}
	}
}

func TestProgressOfAnUnknownTotalHasNoValue(t *testing.T) {
	p := NewProgress("pages")
	p.done, p.total = 3, -1
	if v := p.value(); v != "" {
		t.Errorf("the bar has%s", v)
	}
	p.total = 6
	if v, want := p.value(), ` value="3" max="6"`; v != want {
		t.Errorf("the bar has%s, want%s", v, want)
	}
}

func TestProgressText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewProgress("walks")
		for _, c := range []struct {
			after       time.Duration
			done, total int
			want        string
		}{
			{0, 0, 10, "0 of 10 walks (0 %)"},
			{2 * time.Second, 5, 10, "5 of 10 walks (50 %), 2.5/s, 2.0 s left"},
			{time.Second, 250_000, 1_000_000, "250,000 of 1,000,000 walks (25 %), 250,000/s, 3.0 s left"},
			{time.Second, 1, 5000, "1 of 5,000 walks (0 %), 1/s, 1h23m19s left"},
			{3 * time.Second, 30, 30, "30 of 30 walks (100 %), 10/s, took 3.0 s"},
			{time.Second, 0, 0, "0 of 0 walks"},
			{time.Second, 0, -1, "0 walks"},
			{2 * time.Second, 5000, -1, "5,000 walks, 2,500/s"},
		} {
			p.done, p.total = c.done, c.total
			if got := p.text(c.after); got != c.want {
				t.Errorf("%d of %d after %v: %q, want %q", c.done, c.total, c.after, got, c.want)
			}
		}
	})
}

// What a deadlock lesson imports must not link what keeps the runtime awake.
func TestLinksNoPoller(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	deps := strings.Fields(string(out))
	for _, bad := range []string{"net", "runtime/cgo", "os/user", "os/signal"} {
		if slices.Contains(deps, bad) {
			t.Errorf("display links %s", bad)
		}
	}
	if !slices.Contains(deps, "github.com/janpfeifer/gonb/gonbui/protocol") {
		t.Error("the list of packages is not display's")
	}
}
