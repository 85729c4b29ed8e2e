package lesson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A run is one run of the child, and what is known of it afterwards.
type run struct {
	e      Exercise
	source source
	notes  string // file of the child's notes
	memory int    // bytes that it may use
	enough int    // the gate in which it may be ended soon, or -1

	gate  int    // the one that it came to
	wrong string // what the answer did wrong there, in words
	leak  string // the goroutines that were left, in words
	long  bool   // what is wrong came to light by waiting in vain
	stuck bool   // it did not come to its end by itself, or not at all

	stdout, stderr output
}

// start runs the program as the child and waits for its end, for as long as limit.
func (r *run) start(program string, limit time.Duration, env ...string) {
	cmd := exec.Command(program)
	// Package display has taken the kernel's pipe out of the environment, so the child has no
	// way to write there.
	cmd.Env = append(append(os.Environ(), env...), childEnv+"="+r.e.Name+" "+r.notes)
	r.stdout.full, r.stderr.full = make(chan struct{}), make(chan struct{})
	cmd.Stdout, cmd.Stderr = &r.stdout, &r.stderr
	cmd.WaitDelay = time.Second // then its output is closed, whoever holds it
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		r.wrong, r.stuck = fmt.Sprint("the program did not start: ", err), true
		return
	}
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = cmd.Wait()
	}()
	end, tooLate := "", time.After(limit)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	var soon <-chan time.Time
	for running := true; running && end == ""; {
		select {
		case <-ended:
			running = false
		case <-r.stdout.full:
			running = false
		case <-r.stderr.full:
			running = false
		case <-look.C:
			if memory(cmd.Process.Pid) > r.memory {
				end = fmt.Sprintf("it used more than %d MB of memory", r.memory>>20)
			}
			if soon == nil && r.cameTo(r.enough) {
				soon = time.After(shortly)
			}
		case <-soon:
			running = false
		case <-tooLate:
			end = fmt.Sprintf("it gave no answer in %v", limit)
		}
	}
	if end != "" {
		dump(cmd) // its stacks say where it is
		select {
		case <-ended:
		case <-time.After(time.Second):
		}
	}
	killGroup(cmd) // and what it has started
	<-ended
	r.read(end, err)
}

// shortly is how long a run is in its last gate where that has waited in vain before.
const shortly = 400 * time.Millisecond

// cameTo reports whether a gate is among the child's notes.
func (r *run) cameTo(gate int) bool {
	return gate >= 0 && slices.ContainsFunc(r.events(), func(e event) bool { return e.Gate != nil && *e.Gate == gate })
}

// events are the child's notes so far.
func (r *run) events() (all []event) {
	f, err := os.Open(r.notes)
	if err != nil {
		return nil
	}
	defer f.Close()
	for d := json.NewDecoder(f); ; {
		var e event
		if d.Decode(&e) != nil {
			return all
		}
		all = append(all, e)
	}
}

// read makes out from the child's notes, and from how it ended, what became of the answer.
func (r *run) read(end string, err error) {
	var tried string
	var last event
	for _, e := range r.events() {
		switch {
		case e.Gate != nil:
			r.gate, tried = *e.Gate, ""
		case e.Leak != "":
			r.leak = r.source.leak(r.e.Gates[r.gate].name, e.Leak)
		case e.Wrong != "":
			r.wrong, r.long = e.Wrong, e.Long
		case e.Tried != "":
			tried = e.Tried
		}
		last = e
	}
	tooMuch := r.stdout.n > maxOutput || r.stderr.n > maxOutput
	switch {
	case last.Ended && !tooMuch:
		return
	case tooMuch:
		end = fmt.Sprintf("it printed more than %d MB and was stopped", maxOutput>>20)
		r.stuck = true
	case end != "":
		r.stuck = true
	default:
		end = r.ending(err)
	}
	if tried != "" {
		end = tried + ": " + end
	}
	r.wrong = end + r.source.places(r.stderr.first.String())
}

var crash = regexp.MustCompile(`(?m)^(?:panic|fatal error): .*$`)

// ending says how a child ended that did not come to its end.
func (r *run) ending(err error) string {
	line := crash.FindString(r.stderr.first.String())
	var exit *exec.ExitError
	switch {
	case strings.Contains(line, "all goroutines are asleep") || strings.Contains(line, "no goroutines"):
		r.stuck = true
		return line
	case line != "":
		return line
	case err == nil:
		r.stuck = true
		return "it ended the program, as os.Exit(0) does"
	case errors.As(err, &exit):
		r.stuck = true
		return "it ended the program: " + exit.String()
	}
	r.stuck = true
	return err.Error()
}

// printed is the beginning of what the answer printed, indented.
func (r *run) printed() string {
	lines := strings.Split(strings.TrimSpace(r.stdout.first.String()), "\n")
	if len(lines) > 8 {
		lines = append(lines[:8], "…")
	}
	for i, l := range lines {
		lines[i] = "    " + cut(l, 100)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), " ")
}

// cut shortens a line.
func cut(line string, most int) string {
	if r := []rune(line); len(r) > most {
		return string(r[:most]) + "…"
	}
	return line
}

// An output keeps the beginning of what is written to it, and closes full when it is too much.
type output struct {
	n     int
	first bytes.Buffer
	full  chan struct{}
}

const keptOutput = 256 << 10

func (o *output) Write(b []byte) (int, error) {
	before := o.n
	if o.n += len(b); before <= maxOutput && o.n > maxOutput {
		close(o.full)
	}
	if room := keptOutput - o.first.Len(); room > 0 {
		o.first.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}
