package display

import (
	"fmt"
	"html"
	"os"
	"strconv"
	"sync"
	"time"
)

// redraw is the least time between two drawings of a progress bar: fast enough to seem
// alive, too rare to be felt in the loop.
const redraw = 100 * time.Millisecond

// A Progress is a bar that shows how far a loop has come, its rate and the time left.
// In a notebook the bar is drawn anew in place, on a terminal in its line; where standard
// output is a file or a pipe only the final state is printed. It is driven by Set alone and
// holds no goroutine and no timer.
type Progress struct {
	things string
	start  time.Time
	area   Area
	tty    bool

	mu          sync.Mutex
	done, total int
	drawn       time.Time
	pending     bool // Set was called since the last drawing
	err         error
}

// NewProgress returns a bar that counts things ("walks", "pages"). Its clock starts now; it
// appears with the first Set.
func NewProgress(things string) *Progress {
	info, err := os.Stdout.Stat()
	return &Progress{things: things, start: time.Now(), tty: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// Set says that done of total things are finished. A total below zero is one that is not known
// yet. It draws at most every 100 ms, and always when done reaches total; otherwise it costs about 50 ns. Calls may come from many
// goroutines; a done smaller than the last is taken as it is.
//
// Set has the form of a progress function of package pool: pool.WithProgress(bar.Set).
func (p *Progress) Set(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total, p.pending = done, total, true
	now := time.Now()
	last := total >= 0 && done >= total
	if last || p.drawn.IsZero() || now.Sub(p.drawn) >= redraw {
		p.draw(now, last)
	}
}

// Close draws the last state, for a loop that may end before its total, and returns the
// first error that a drawing met. After it Set still works.
func (p *Progress) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending || (p.total < 0 || p.done < p.total) && !p.drawn.IsZero() {
		p.draw(time.Now(), true)
	}
	return p.err
}

// draw shows the state; the last one ends the terminal's line.
func (p *Progress) draw(now time.Time, last bool) {
	p.drawn, p.pending = now, false
	text := p.text(now.Sub(p.start))
	var err error
	switch {
	case inNotebook():
		err = p.area.HTML(fmt.Sprintf(
			`<progress%s aria-label="%s" style="width:16em;max-width:40%%;vertical-align:middle"></progress> <span style="font-variant-numeric:tabular-nums">%s</span>`,
			p.value(), html.EscapeString(p.things), html.EscapeString(text)), text)
	case p.tty && !last:
		_, err = fmt.Fprintf(os.Stdout, "\r%s\x1b[K", text)
	case p.tty:
		_, err = fmt.Fprintf(os.Stdout, "\r%s\x1b[K\n", text)
	case last:
		_, err = fmt.Fprintln(os.Stdout, text)
	}
	if p.err == nil {
		p.err = err
	}
}

// value is how far the bar has come. A bar without a value says that nobody knows.
func (p *Progress) value() string {
	if p.total < 0 {
		return ""
	}
	return fmt.Sprintf(` value="%d" max="%d"`, max(p.done, 0), max(p.total, 1))
}

// text is the bar in words: "370,000 of 1,000,000 walks (37 %), 1,400,000/s, 0.5 s left".
func (p *Progress) text(elapsed time.Duration) string {
	s := fmt.Sprintf("%s of %s %s", thousands(p.done), thousands(p.total), p.things)
	if p.total < 0 {
		s = fmt.Sprintf("%s %s", thousands(p.done), p.things)
	}
	if p.total > 0 {
		s += fmt.Sprintf(" (%d %%)", 100*p.done/p.total)
	}
	rate := float64(p.done) / elapsed.Seconds()
	if p.done <= 0 || elapsed <= 0 {
		return s
	}
	s += ", " + perSecond(rate)
	if p.total < 0 {
		return s
	}
	if p.done >= p.total {
		return s + ", took " + seconds(elapsed.Seconds())
	}
	return s + ", " + seconds(float64(p.total-p.done)/rate) + " left"
}

func perSecond(rate float64) string {
	if rate < 10 {
		return strconv.FormatFloat(rate, 'g', 2, 64) + "/s"
	}
	return thousands(int(rate)) + "/s"
}

// seconds: two digits below ten seconds, then whole seconds, then minutes and hours.
func seconds(s float64) string {
	if s < 10 {
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	if s < 120 {
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	}
	return (time.Duration(s) * time.Second).String()
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
