package webtest

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFindNamesTheRemedy(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("COURSE_ENV", "")
	t.Setenv("CHROME", "/no/such/browser")
	if _, err := Find(); err == nil || !strings.Contains(err.Error(), `CHROME is "/no/such/browser", which cannot be started`) {
		t.Errorf("got %v", err)
	}
	t.Setenv("CHROME", "")
	path, err := Find()
	if err == nil {
		t.Fatalf("found %s", path) // a Mac with Chrome in its usual place
	}
	for _, want := range []string{"make test", "apt install", "dnf install", "brew install", "CHROME"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func TestFindLooksInOrder(t *testing.T) {
	onPath, env, own := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "own")
	inEnv := filepath.Join(env, "bin", "chromium")
	os.Mkdir(filepath.Dir(inEnv), 0o755)
	for _, path := range []string{own, filepath.Join(onPath, "google-chrome"), inEnv} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", onPath)
	t.Setenv("COURSE_ENV", env)
	t.Setenv("CHROME", own)
	if got, err := Find(); got != own {
		t.Errorf("with CHROME: %s %v", got, err)
	}
	t.Setenv("CHROME", "")
	if got, err := Find(); got != filepath.Join(onPath, "google-chrome") {
		t.Errorf("on PATH: %s %v", got, err)
	}
	t.Setenv("PATH", t.TempDir())
	if got, err := Find(); got != inEnv {
		t.Errorf("in the environment: %s %v", got, err)
	}
}

const page1 = `<!doctype html><meta charset="utf-8"><title>One</title>
<style>body { margin: 0; background: rgb(1, 2, 3) } @media (prefers-color-scheme: dark) { body { background: rgb(9, 9, 9) } }
#box { width: 40px; height: 30px; background: #f00 } @media print { #box { background: #00f } }</style>
<div id="box" onclick="window.clicked = true"></div><input id="in"><noscript>no script</noscript>`

func TestPage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, page1) }))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(page1), 0o644); err != nil {
		t.Fatal(err)
	}
	b := Start(t)
	for _, address := range []string{server.URL, "file://" + file} {
		t.Run(strings.SplitN(address, ":", 2)[0], func(t *testing.T) {
			p := b.Open(t, address, Setting{Width: 500, Height: 400})
			if size := Eval[[]int](p, "[innerWidth, innerHeight]"); !slices.Equal(size, []int{500, 400}) {
				t.Errorf("the window is %v", size)
			}
			if n := Eval[int](p, "new Promise(done => setTimeout(done, 10, 7))"); n != 7 {
				t.Errorf("the promise gave %d", n)
			}
			p.Click("#box")
			p.Wait("window.clicked")
			p.Click("#in")
			p.Press("hello")
			p.Wait(`document.querySelector("#in").value === "hello"`)

			color := func(s Setting) (background, box string) {
				p.Set(s)
				img, err := png.Decode(bytes.NewReader(p.Screenshot("#box")))
				if err != nil {
					t.Fatal(err)
				}
				if size := img.Bounds().Size(); size.X != 40 || size.Y != 30 {
					t.Errorf("the box is %v", size)
				}
				return Eval[string](p, "getComputedStyle(document.body).backgroundColor"), fmt.Sprint(img.At(20, 15))
			}
			if ground, box := color(Setting{}); ground != "rgb(1, 2, 3)" || box != "{255 0 0 255}" {
				t.Errorf("light: %s %s", ground, box)
			}
			if ground, box := color(Setting{Dark: true, Print: true}); ground != "rgb(9, 9, 9)" || box != "{0 0 255 255}" {
				t.Errorf("dark print: %s %s", ground, box)
			}
			if !Eval[bool](p, `matchMedia("(prefers-reduced-motion: no-preference)").matches`) {
				t.Error("motion is reduced")
			}
			p.Set(Setting{StillMotion: true})
			if !Eval[bool](p, `matchMedia("(prefers-reduced-motion: reduce)").matches`) {
				t.Error("motion is not reduced")
			}
			p.NoErrors()
			if !bytes.HasPrefix(p.PDF(), []byte("%PDF")) {
				t.Error("no PDF")
			}
		})
	}
	if text := Eval[string](b.Open(t, server.URL, Setting{NoScript: true}), "document.body.innerText"); !strings.Contains(text, "no script") {
		t.Errorf("JavaScript is on: %s", text)
	}
}

// Whatever leads off this machine is recorded and fails; so do errors of scripts.
func TestErrorsAndRequestsAreSeen(t *testing.T) {
	b := Start(t)
	file := filepath.Join(t.TempDir(), "page.html")
	const bad = `<!doctype html><meta charset="utf-8"><title>Bad</title>
		<img src="https://example.com/pixel.png"><script src="http://192.0.2.1/lib.js"></script>
		<script>console.error("one", {}, 2); new WebSocket("ws://example.com/socket"); setTimeout(() => { throw new Error("three") }); Promise.reject(new Error("four"))</script>`
	if err := os.WriteFile(file, []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	p := b.Open(t, "file://"+file, Setting{})
	p.Wait("document.images[0].complete")
	p.Do("new Promise(done => setTimeout(done, 200))")
	errors := strings.Join(p.Errors(), "\n")
	for _, want := range []string{"console: \"one\"", "three", "four", "ERR_NAME_NOT_RESOLVED"} {
		if !strings.Contains(errors, want) {
			t.Errorf("no %q among the errors:\n%s", want, errors)
		}
	}
	for _, want := range []string{"https://example.com/pixel.png", "http://192.0.2.1/lib.js", "ws://example.com/socket"} {
		if !slices.Contains(p.External(), want) {
			t.Errorf("no %q among the requests: %v", want, p.External())
		}
	}
}
