package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/threads2go/course/pkg/parallel"
)

// ants keeps goroutines from the import on.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{"-first"}) { // as firstRun starts the bench
		if says := os.Getenv("FIRST_SAYS"); says != "" {
			fmt.Println(says)
			os.Exit(0)
		}
		os.Exit(run(os.Args[1:], rows, os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// costs is a contender whose rounds cost what next returns.
func costs(name string, next func() float64) Contender {
	return Contender{name, func() (float64, error) { return next(), nil }}
}

func TestRoundsAreInterleavedInAlternatingOrder(t *testing.T) {
	var order strings.Builder
	c := func(name string) Contender {
		return costs(name, func() float64 { order.WriteString(name); return 1 })
	}
	r := Row{Goal: 1, Ours: c("o"), Peers: []Contender{c("p"), c("q")}}
	result := r.measure(true)
	if want := strings.Repeat("opqqpo", 8); order.String() != want {
		t.Errorf("order of rounds %s, want %s", order.String(), want)
	}
	if result.Rounds != 15 {
		t.Errorf("%d rounds count, want 15 and one for warming up", result.Rounds)
	}
}

func TestGoalsNearOneGetManyRounds(t *testing.T) {
	for _, goal := range []float64{0.9, 1, 1.02, 1.3} {
		for _, short := range []bool{true, false} {
			if n := (Row{Goal: goal}).rounds(short); n < 15 {
				t.Errorf("goal %v, short %v: %d rounds", goal, short, n)
			}
		}
	}
	if n := (Row{Goal: 0.1}).rounds(true); n < minRounds {
		t.Errorf("%d rounds have no interval", n)
	}
}

// The weather changes from round to round, by far more than ours differs from
// the peer. The first round would spoil it all, if it counted.
func TestRatiosArePairedPerRound(t *testing.T) {
	weather := func(factor float64) func() float64 {
		round := 0.0
		return func() float64 {
			round++
			if round == 1 {
				return 1e9 / factor
			}
			return factor * math.Exp(3*math.Sin(round))
		}
	}
	r := Row{Goal: 1, Ours: costs("ours", weather(0.98)), Peers: []Contender{costs("peer", weather(1))}}
	got := r.measure(false)
	for _, x := range []float64{got.Ratio, got.RatioLow, got.RatioHigh} {
		if math.Abs(x-0.98) > 1e-12 {
			t.Errorf("ratio %v [%v, %v], want 0.98", got.Ratio, got.RatioLow, got.RatioHigh)
		}
	}
	if got.OK != Yes || got.Bimodal {
		t.Errorf("%+v", got)
	}
}

func TestTheBestPeerIsThatWithTheLowestMedian(t *testing.T) {
	constant := func(x float64) func() float64 { return func() float64 { return x } }
	round := 0
	erratic := func() float64 { // best in two rounds of five
		round++
		return []float64{1, 1, 9, 9, 9}[round%5]
	}
	r := Row{Unit: "ns", Goal: 0.5, Ours: costs("ours", constant(2)), Peers: []Contender{
		costs("slow", constant(8)), costs("good", constant(4)), costs("erratic", erratic),
	}}
	got := r.measure(false)
	if got.PeerName != "good" || got.Peer != 4 || got.Ours != 2 || got.Ratio != 0.5 || got.OK != Yes {
		t.Errorf("%+v, want ratio 0.5 to the peer good", got)
	}
	if want := map[string]float64{"slow": 8, "good": 4, "erratic": 9}; !reflect.DeepEqual(got.Peers, want) {
		t.Errorf("peers %v, want %v", got.Peers, want)
	}
}

func TestBimodalRatiosAreMarked(t *testing.T) {
	round := 0
	r := Row{Name: "a row", Goal: 1, Peers: []Contender{costs("peer", func() float64 { return 1 })},
		Ours: costs("ours", func() float64 { round++; return []float64{1, 1.5}[round%2] })}
	got := r.measure(false)
	if !got.Bimodal || !slices.Equal(got.Modes, []float64{1, 1.5}) {
		t.Errorf("%+v, want modes 1 and 1.5", got)
	}
	s := got.String()
	if !strings.Contains(s, "undecided *\n") || !strings.Contains(s, "around 1.00 and 1.50") {
		t.Errorf("the table says %q", s)
	}
}

func TestAFailedRoundIsReportedAndNotCounted(t *testing.T) {
	for _, c := range []struct {
		round func() (float64, error)
		want  string
	}{
		{func() (float64, error) { return 0, errors.New("no luck") }, "peer: no luck"},
		{func() (float64, error) { return math.NaN(), nil }, "peer: a round cost NaN ns"},
		{func() (float64, error) { return 0, nil }, "peer: a round cost 0 ns"},
	} {
		r := Row{Name: "a row", Unit: "ns", Goal: 1, Ours: costs("ours", func() float64 { return 1 }),
			Peers: []Contender{{"peer", c.round}}}
		got := r.measure(true)
		if got.Error != c.want || got.OK != Undecided || got.Ratio != 0 {
			t.Errorf("%+v, want the error %q and no numbers", got, c.want)
		}
		if s := got.String(); !strings.Contains(s, "NOT MEASURED: "+c.want) {
			t.Errorf("the table says %q", s)
		}
	}
}

func TestPerItemDividesByCallsAndItems(t *testing.T) {
	calls := 0
	begin := time.Now()
	cost, err := perItem(time.Millisecond, 10, func() error { calls++; return nil })
	took := float64(time.Since(begin).Nanoseconds())
	if err != nil || calls == 0 || cost > took/float64(calls*10) || cost < 1e6/float64(calls*10) {
		t.Errorf("%v ns per item, %v, for %d calls in %v ns", cost, err, calls, took)
	}
	if _, err := perItem(time.Hour, 1, func() error { return errTask }); err != errTask {
		t.Errorf("error %v, want that of the function", err)
	}
}

func TestRunPrintsAndWritesResults(t *testing.T) {
	rows := func(short bool) []Row {
		one := func() float64 { return 1 }
		return []Row{
			{Name: "first", Unit: "ns", Goal: 1.5,
				Ours: costs("ours", one), Peers: []Contender{costs("peer", one)},
				Note: func() string { return fmt.Sprint("short is ", short) }},
			{Name: "second", Unit: "ns", Ours: costs("ours", one), Peers: []Contender{costs("peer", one)}},
		}
	}
	file := filepath.Join(t.TempDir(), "build", "bench.json")
	var out, errs strings.Builder
	if status := run([]string{"-json", file, "-short"}, rows, &out, &errs); status != 0 || errs.Len() > 0 {
		t.Fatalf("status %d, %s", status, errs.String())
	}
	for _, want := range []string{"GOMAXPROCS", "first", "1.00 [1.00, 1.00]", "yes", "short is true",
		"second", "undecided"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, out.String())
		}
	}

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if len(list) != 2 {
		t.Fatalf("%d results in %s", len(list), text)
	}
	machine := list[0]["machine"]
	want := map[string]any{"name": "first", "ours": 1.0, "peer": 1.0, "peer_name": "peer", "unit": "ns",
		"ratio": 1.0, "ratio_low": 1.0, "ratio_high": 1.0, "goal": 1.5, "ok": "yes", "bimodal": false, "rounds": 6.0,
		"peers": map[string]any{"peer": 1.0}, "note": "short is true", "machine": machine}
	if !reflect.DeepEqual(list[0], want) {
		t.Errorf("first result %v, want %v", list[0], want)
	}
	if s, ok := machine.(string); !ok || !strings.Contains(s, "cores") {
		t.Errorf("machine %v", machine)
	}

	out.Reset()
	status := run([]string{"-run", "^sec", "-short"}, rows, &out, &errs)
	if status != 0 || strings.Contains(out.String(), "first") {
		t.Errorf("status %d of -run ^sec:\n%s", status, out.String())
	}
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	rows := func(bool) []Row {
		return []Row{{Name: "broken", Unit: "ns", Peers: []Contender{{}},
			Ours: Contender{"ours", func() (float64, error) { return 0, errTask }}}}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-run", "("}, 2, "-run: error parsing regexp"},
		{[]string{"-run", "other"}, 2, `no row matches -run "other"`},
		{[]string{"-run", "other"}, 2, "broken"}, // the rows there are
		{[]string{"-what"}, 2, "flag provided but not defined"},
		{nil, 1, "NOT MEASURED: ours: the task failed"},
		{[]string{"-json", filepath.Join(file, "below")}, 1, "-json: "},
	} {
		var out strings.Builder
		status := run(c.args, rows, &out, &out)
		if status != c.status || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: status %d, want %d, and %q in\n%s", c.args, status, c.status, c.want, out.String())
		}
	}
}

// All that is compared does the same: results in order, errors reported.
func TestMappersFulfilTheSameContract(t *testing.T) {
	in := make([]int, 1000)
	want := make([]int, len(in))
	for i := range in {
		in[i], want[i] = i, i*i
	}
	for _, m := range slices.Concat(mapPeers, futures, []mapper{poolMap, poolApply, poolApplyCancellable, poolApplyAsync,
		poolStream, goroutineChannel, goroutineSelect, concStream}) {
		t.Run(m.name, func(t *testing.T) {
			f, end := m.make(2)
			defer end()
			got, err := f(in)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("error %v, or results that are not the squares in order", err)
			}
			bad := slices.Clone(in)
			bad[500] = failing
			if _, err := f(bad); !errors.Is(err, errTask) {
				t.Errorf("error %v, want that of the task", err)
			}
		})
	}
}

func TestRowsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rows(true) {
		if r.Name == "" || seen[r.Name] || r.Unit == "" || r.Goal <= 0 || len(r.Peers) == 0 {
			t.Errorf("row %+v", r)
		}
		seen[r.Name] = true
	}
}

// putPython puts a python3 on PATH, alone, that is the given shell script.
func putPython(t *testing.T, script string) {
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, "python3"), []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestPythonIsCheckedAndItsCostPerWalkTaken(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"", "python3 is not on PATH"},
		{"echo \"ModuleNotFoundError: No module named 'numpy'\" >&2; exit 1", "has no numpy: install it"},
		{"echo 'it broke' >&2; exit 3", "exit status 3: it broke"},
		{"echo 3 0.03 99999 3.11.7 2.4.6", "mean price is 99999"},
		{"echo 3 0.03", `printed "3 0.03\n"`},
	} {
		putPython(t, c.script)
		_, err := montecarloRow(2, true).Peers[0].Round()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
	}

	t.Setenv("OPENBLAS_CORETYPE", "Haswell")
	t.Setenv("OPENBLAS_L2_SIZE", "1")
	// -c, the program, the processes, the walks
	putPython(t, `test -z "$OPENBLAS_CORETYPE$OPENBLAS_L2_SIZE" && test "$3 $4" = "2 30000" &&
		echo 3 0.06 105.1 3.11.7 2.4.6`)
	row := montecarloRow(2, true)
	cost, err := row.Peers[0].Round()
	if err != nil || cost != 1e5 {
		t.Errorf("%v ns per walk, %v; want 3 s / 30000", cost, err)
	}
	note := row.Note()
	for _, want := range []string{"Python 3.11.7, numpy 2.4.6 with 2 processes", "is 2.0 %"} {
		if !strings.Contains(note, want) {
			t.Errorf("note %q does not say %q", note, want)
		}
	}
}

func TestAProgramAnswersUntilItIsGone(t *testing.T) {
	for _, c := range []struct {
		script, want string
		seconds      float64
	}{
		{`read line; test "$line" = '{"items":3}' && echo '{"seconds": 0.5}'; read line`, "", 0.5},
		{`read line; echo '{"error": "no luck"}'; read line`, "no luck", 0},
		{`read line; echo 'what?'; read line`, "invalid character", 0},
		{`read line`, "make bench, which has what it needs", 0},
		{"", "executable file not found", 0},
	} {
		putPython(t, c.script)
		p := &program{}
		seconds, err := p.seconds(map[string]any{"items": 3})
		if seconds != c.seconds || c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v s, error %v; want %v s and %q", c.script, seconds, err, c.seconds, c.want)
		}
	}
}

func TestPythonsProcessesAreTimed(t *testing.T) {
	p := &program{source: parallelProgram}
	for _, library := range []string{"multiprocessing", "loky"} {
		seconds, err := p.seconds(map[string]any{"library": library, "workers": 2, "items": 1000})
		if err != nil || seconds <= 0 || seconds > 60 {
			t.Errorf("%s: %v s, error %v", library, seconds, err)
		}
	}
	if _, err := p.seconds(map[string]any{"library": "pickle", "workers": 2, "items": 1}); err == nil || err.Error() != "KeyError: 'pickle'" {
		t.Errorf("error %v of a library that is not there", err)
	}
}

// A process that has run its program on a cluster knows the SHA-256 of it: what the next run
// takes is not what the first does.
func TestTheFirstRunIsThatOfAnotherProcess(t *testing.T) {
	if ms, err := firstRun(); err != nil || !(ms > 0) {
		t.Errorf("%v ms, %v", ms, err)
	}
	t.Setenv("FIRST_SAYS", "12.5") // by the other process
	if ms, err := firstRun(); err != nil || ms != 12.5 {
		t.Errorf("%v ms, %v; want the 12.5 of the other process", ms, err)
	}
	t.Setenv("FIRST_SAYS", "no number")
	if ms, err := firstRun(); err == nil {
		t.Errorf("%v ms, want an error", ms)
	}
}

// Growth compares runs of ten times the steps, with ten times the walks or as many.
func TestGrowthIsTenfold(t *testing.T) {
	var names []string
	for _, r := range growthRows(2, true) {
		names = append(names, r.Ours.Name, r.Peers[0].Name)
		if cost, err := r.Ours.Round(); err != nil || !(cost > 0) {
			t.Errorf("%s: %v ns/step, %v", r.Name, cost, err)
		}
	}
	if want := []string{"100000 walks of 250", "10000 walks of 250", "10000 walks of 2500", "10000 walks of 250"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// Processes do the same as the mappers, except that errors come as text.
func TestProcessesMap(t *testing.T) {
	in := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	f, end := parallelRun.make(2)
	defer end()
	got, err := f(in)
	if want := []int{0, 1, 4, 9, 16, 25, 36, 49, 64, 81}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	in[5] = failing
	if _, err := f(in); err == nil || !strings.Contains(err.Error(), "call 5: "+errTask.Error()) {
		t.Errorf("error %v, want that of the task", err)
	}
}

func TestTheListScheduleTakesTheWorkerThatIsFreeFirst(t *testing.T) {
	for _, c := range []struct {
		times   []time.Duration
		workers int
		want    time.Duration
	}{
		{[]time.Duration{4, 3, 2, 1}, 1, 10},
		{[]time.Duration{4, 3, 2, 1}, 2, 5},
		{[]time.Duration{1, 1, 1, 5}, 2, 6}, // not the best there is
		{[]time.Duration{4, 3}, 4, 4},
	} {
		if got := listSchedule(c.times, c.workers); got != c.want {
			t.Errorf("%v on %d workers take %d, want %d", c.times, c.workers, got, c.want)
		}
	}
	// The course's example: 10 to 2, with 10 ms times the root.
	for jobs, want := range map[int]float64{1: 214.68, 2: 114.04, 4: 63.09} {
		if ideal, _ := rootsRow(jobs, "goroutines", parallel.Goroutines).Peers[0].Round(); math.Abs(ideal-want) > 0.01 {
			t.Errorf("ideal of %d jobs %v ms, want %v", jobs, ideal, want)
		}
	}
}
