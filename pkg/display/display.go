// Package display shows things in a Jupyter notebook that runs on the GoNB kernel: HTML,
// Markdown, tables, an area that is written anew in place, a progress bar. Outside a notebook
// the same calls print plain text on standard output, so a program keeps its calls when it
// leaves the notebook.
//
// Every call is synchronous: it returns once the kernel has taken the content, so a program
// may end right after it and nothing is lost. A call costs about 0.1 ms in a notebook. All
// functions may be called from many goroutines at once.
//
// The package holds no goroutine, no timer and no network poller, and links neither net nor
// cgo: Go's report "all goroutines are asleep - deadlock!" still comes after a display.
//
// The kernel offers one pipe per program. This package takes it at start and removes its
// address (GONB_PIPE, GONB_PIPE_BACK) from the environment, so no child process can write
// into the parent's displays; a child shows plain text instead. For the same reason the
// Display functions of github.com/janpfeifer/gonb/gonbui do nothing in a program that
// imports this package: use one or the other.
//
// # From IPython
//
//	IPython                              this package
//	display(HTML(s))                     HTML(s, text)
//	display(Markdown(s))                 Markdown(s)
//	display(pandas.DataFrame(rows))      Table(columns, rows)
//	h = display(x, display_id=True)      a := new(Area); a.HTML(s, text)
//	h.update(y)                          a.HTML(s, text) again
//	for x in tqdm(xs)                    bar := NewProgress("orders"); bar.Set(i+1, len(xs))
package display

import (
	"fmt"
	"math/rand/v2" // crypto/rand would make a cell's program bigger, and 20 ms slower to link
	"os"
	"sync"
)

// inNotebook reports whether displays go to a notebook. In a child process of a cell they do
// not.
func inNotebook() bool { return pipe.exists() }

// HTML shows html in the notebook. The text says the same for places that show no HTML: a
// terminal, a plain-text export. An error means that the kernel could not be reached.
func HTML(html, text string) error {
	return show(content{"text/html": html, "text/plain": text}, "")
}

// Markdown shows md, rendered in a notebook, as it stands elsewhere.
func Markdown(md string) error {
	return show(content{"text/markdown": md, "text/plain": md}, "")
}

// An Area is a place in the cell's output whose content each call replaces. It appears with
// the first call. The zero Area is ready for use; do not copy it after that. On a terminal
// each new content is printed below the last.
type Area struct {
	id   string
	once sync.Once
}

// HTML replaces the area's content, as the function HTML shows it.
func (a *Area) HTML(html, text string) error {
	return a.show(content{"text/html": html, "text/plain": text})
}

// Markdown replaces the area's content, as the function Markdown shows it.
func (a *Area) Markdown(md string) error {
	return a.show(content{"text/markdown": md, "text/plain": md})
}

func (a *Area) show(c content) error {
	a.once.Do(func() { a.id = fmt.Sprintf("area-%016x%016x", rand.Uint64(), rand.Uint64()) })
	return show(c, a.id)
}

// content is what is shown, by MIME type; "text/plain" is always among them.
type content map[string]string

// show sends c to the notebook, or prints its text where there is none. A display with an id
// that was seen before replaces that display.
func show(c content, id string) error {
	if !inNotebook() {
		_, err := fmt.Fprintln(os.Stdout, c["text/plain"])
		return err
	}
	return pipe.send(c, id)
}
