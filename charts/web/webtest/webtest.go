// Package webtest opens pages in a headless Chromium, for tests: of figures, of exported
// lessons, of JupyterLab. A page comes from a file or from this machine; nothing else can be
// reached, and what a page asked for elsewhere is recorded, as are its errors.
//
//	browser := webtest.Start(t)
//	page := browser.Open(t, "file:///tmp/lesson.html", webtest.Setting{Width: 390})
//	page.Wait(`document.querySelectorAll(".t2g-live").length === 2`)
//	page.NoErrors()
//
// Whatever fails ends the test with a message that says what the page was asked.
package webtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is the longest that a page may take for one thing.
const patience = 60 * time.Second

// Find gives the path of the browser: $CHROME if it is set, else the first of chromium,
// chromium-browser, google-chrome, google-chrome-stable and chrome on PATH, else the one that
// the course's environment brings.
func Find() (string, error) {
	if path := os.Getenv("CHROME"); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("CHROME is %q, which cannot be started: %w", path, err)
		}
		return found, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if env := os.Getenv("COURSE_ENV"); env != "" {
		if path, err := exec.LookPath(filepath.Join(env, "bin", "chromium")); err == nil {
			return path, nil
		}
	}
	const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
	if path, err := exec.LookPath(mac); err == nil {
		return path, nil
	}
	return "", errors.New(`there is no browser for the tests of pages. Run "make test", which brings one on Linux on x86_64, or
  Debian, Ubuntu: sudo apt install chromium
  Fedora:         sudo dnf install chromium
  macOS:          brew install --cask chromium
or set CHROME to the path of a Chromium or Chrome`)
}

// A Browser is a running Chromium with a profile of its own.
type Browser struct {
	ctx context.Context
}

// Start starts the browser for t and stops it when t ends. Without a browser t fails.
func Start(t testing.TB) *Browser {
	t.Helper()
	path, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // which a container does not allow; all pages are our own
		chromedp.DisableGPU,
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-pings", true),
		// No name or address but this machine's leads anywhere.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the browser %s does not start: %v", path, err)
	}
	return &Browser{ctx}
}

// A Setting is how a page is seen. The zero Setting is a light screen of 1280 × 900 pixels
// with JavaScript.
type Setting struct {
	Width, Height int  // of the window, in pixels
	Dark          bool // the reader prefers a dark page
	Print         bool // the page as it would be printed
	StillMotion   bool // the reader prefers no motion
	NoScript      bool // JavaScript is off
}

// A Page is an open page. Its methods are for one goroutine.
type Page struct {
	t   testing.TB
	ctx context.Context
	url string

	mu       sync.Mutex
	errors   []string
	requests []string
}

// Open opens the page at address, which is a file: or http: URL, and returns when it has
// loaded. The page is closed when t ends.
func (b *Browser) Open(t testing.TB, address string, s Setting) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, url: address}
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatal(err)
	}
	call(p, "enable the network domain", network.Enable, network.EnableParams{})
	p.Set(s)
	p.do("open the page", chromedp.Navigate(address))
	return p
}

// Set changes how the page is seen. JavaScript, off or on, is a matter of Open: it changes
// nothing on a page that has loaded.
func (p *Page) Set(s Setting) {
	p.t.Helper()
	features := []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: pick(s.Dark, "dark", "light")},
		{Name: "prefers-reduced-motion", Value: pick(s.StillMotion, "reduce", "no-preference")},
	}
	call(p, "set the media", emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Media: pick(s.Print, "print", "screen"), Features: features})
	call(p, "set the size", emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(cmp.Or(s.Width, 1280)), Height: int64(cmp.Or(s.Height, 900)), DeviceScaleFactor: 1,
	})
	call(p, "switch JavaScript", emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: s.NoScript})
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// note records errors and requests. It runs in the browser's loop.
func (p *Page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.errors = append(p.errors, text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			var words []string
			for _, arg := range e.Args {
				words = append(words, cmp.Or(arg.Description, string(arg.Value)))
			}
			p.errors = append(p.errors, "console: "+strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			p.errors = append(p.errors, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		p.requests = append(p.requests, e.URL)
	}
}

// Errors are the errors of the page so far: exceptions that nobody caught, calls of
// console.error, failed requests.
func (p *Page) Errors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.errors...)
}

// External are the addresses beyond this machine that the page has asked for, in vain.
func (p *Page) External() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, address := range p.requests {
		u, err := url.Parse(address)
		if err != nil {
			out = append(out, address)
			continue
		}
		switch u.Scheme {
		case "http", "https", "ws", "wss":
			if host := u.Hostname(); host != "127.0.0.1" && host != "localhost" {
				out = append(out, address)
			}
		}
	}
	return out
}

// NoErrors fails the test if the page has Errors, or has asked for something External.
func (p *Page) NoErrors() {
	p.t.Helper()
	for _, e := range p.Errors() {
		p.t.Errorf("%s: error in the page: %s", p.url, e)
	}
	for _, r := range p.External() {
		p.t.Errorf("%s: the page asked for %s", p.url, r)
	}
}

// do runs actions with the page's patience.
func (p *Page) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.fail(what, err)
	}
}

func (p *Page) fail(what string, err error) {
	p.t.Helper()
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("not within %v", patience)
	}
	for _, e := range p.Errors() {
		p.t.Logf("error in the page: %s", e)
	}
	p.t.Fatalf("%s: %s: %v", p.url, what, err)
}

func call[P, R any](p *Page, what string, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	r, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.fail(what, err)
	}
	return r
}

// Eval gives the value of a JavaScript expression in the page, or of the promise that it is.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fail(expression, err)
	}
	return v
}

// Do runs JavaScript in the page, and waits for the promise that it is.
func (p *Page) Do(script string) {
	p.t.Helper()
	p.do(script, chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise))
}

// Wait waits until a JavaScript expression is true, at most a minute.
func (p *Page) Wait(expression string) { p.t.Helper(); p.WaitFor(patience, expression) }

// WaitFor waits at most limit until a JavaScript expression is true. What throws is not true.
func (p *Page) WaitFor(limit time.Duration, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	try := "(() => { try { return !!(" + expression + ") } catch { return false } })()"
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](try))
		if ok {
			return
		}
		// A page that is just being replaced has no place to evaluate in; the next has.
		select {
		case <-ctx.Done():
			if err == nil || errors.Is(err, context.DeadlineExceeded) {
				err = fmt.Errorf("not true within %v", limit)
			}
			p.fail(expression, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Click waits for an element that matches a CSS selector, scrolls to it, and clicks its middle.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.ScrollIntoView(chromedp.CSS(selector)))
	at := Eval[[2]float64](p, fmt.Sprintf(`(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector(%q).getBoundingClientRect())`, selector))
	p.ClickAt(at[0], at[1])
}

// ClickAt moves the pointer to a place in the window, as menus expect, and clicks.
func (p *Page) ClickAt(x, y float64) {
	p.t.Helper()
	p.Point(x-1, y)
	p.Point(x, y)
	p.do("click", chromedp.MouseClickXY(x, y))
}

// Press types keys, of which the special ones are in package chromedp/kb.
func (p *Page) Press(keys string, options ...chromedp.KeyOption) {
	p.t.Helper()
	p.do("press "+keys, chromedp.KeyEvent(keys, options...))
}

// Point moves the pointer to a place in the window.
func (p *Page) Point(x, y float64) {
	p.t.Helper()
	p.do("point", chromedp.MouseEvent("mouseMoved", x, y))
}

// Drag moves the pointer from one place in the window to another with the button down.
func (p *Page) Drag(x1, y1, x2, y2 float64) {
	p.t.Helper()
	p.do("drag", chromedp.DragAndDropXY(x1, y1, x2, y2))
}

// Screenshot gives the whole page as a PNG, or the first element that matches a CSS selector.
func (p *Page) Screenshot(selector string) []byte {
	p.t.Helper()
	box := Eval[struct{ X, Y, Width, Height float64 }](p, fmt.Sprintf(`(() => {
		const r = (document.querySelector(%q) || document.documentElement).getBoundingClientRect();
		// JupyterLab's page has no height of its own.
		return { x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height || innerHeight };
	})()`, cmp.Or(selector, "html")))
	beyond := true
	return call(p, "screenshot", page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip:                  &page.Viewport{X: box.X, Y: box.Y, Width: box.Width, Height: box.Height, Scale: 1},
		CaptureBeyondViewport: &beyond,
	}).Data
}

// PDF prints the page.
func (p *Page) PDF() []byte {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.PrintToPDF())
	if err != nil {
		p.fail("print", err)
	}
	return b
}
