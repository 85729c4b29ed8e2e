// Echarts-svg draws the pictures of figures. It reads a JSON array of
//
//	{"width": 720, "height": 400, "option": {…}}
//
// on standard input, draws each ECharts option with the chart library that charts/web builds,
// and writes a JSON array of SVG documents on standard output. Package charts calls it, so
// that a notebook's cell needs no JavaScript engine linked into it.
//
//	echarts-svg [-library FILE] < figures.json > pictures.json
//
// The library is $COURSE_ENV/share/course/charts-picture.js unless the flag names another. The
// first call compiles it, which takes half a second, and keeps the result beside it if the
// folder can be written; later calls start in 50 ms.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"modernc.org/quickjs"
)

// limit is the longest that the library may take to start, and then to draw all figures.
// Tests shorten it.
var limit = 15 * time.Second

func main() {
	library := flag.String("library", "", "the chart library's `file`")
	flag.Parse()
	if err := run(*library, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "echarts-svg:", err)
		os.Exit(1)
	}
}

func run(library string, in io.Reader, out io.Writer) error {
	if library == "" {
		env := os.Getenv("COURSE_ENV")
		if env == "" {
			return errors.New("COURSE_ENV is not set; name the library with -library, or run `make lab` once and use its environment")
		}
		library = filepath.Join(env, "share", "course", "charts-picture.js")
	}
	figures, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	if !json.Valid(figures) {
		return errors.New("standard input is not JSON")
	}
	vm, err := quickjs.NewVM()
	if err != nil {
		return err
	}
	// A program that ends in 60 ms need not collect its garbage.
	vm.SetGCThreshold(1 << 30)
	vm.SetEvalTimeout(limit)
	if err := vm.RegisterFunc("t2gPNG", pixels, false); err != nil {
		return err
	}
	if err := load(vm, library); err != nil {
		return fmt.Errorf("the chart library %s: %w", library, explain(err))
	}
	pictures, err := vm.Call("t2gDraw", string(figures))
	if err != nil {
		return fmt.Errorf("drawing: %w", explain(err))
	}
	_, err = fmt.Fprintln(out, pictures)
	return err
}

// pixels gives an image as the address of a PNG. Its pixels are digits, row by row: 0 shows what
// is behind it, k the k-th of the colours, each written #RRGGBB.
func pixels(width int, colors, pixels string) string {
	palette := color.Palette{color.Transparent}
	for _, c := range strings.Fields(colors) {
		var rgb color.RGBA
		fmt.Sscanf(c, "#%02x%02x%02x", &rgb.R, &rgb.G, &rgb.B)
		rgb.A = 255
		palette = append(palette, rgb)
	}
	img := image.NewPaletted(image.Rect(0, 0, width, len(pixels)/width), palette)
	for i := range img.Pix {
		img.Pix[i] = pixels[i] - '0'
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	encoder.Encode(&b, img) // which a buffer and a palette of a few colours cannot make fail
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// explain says what the engine's interruption means.
func explain(err error) error {
	if strings.Contains(err.Error(), "interrupted") {
		return fmt.Errorf("stopped after %v", limit)
	}
	return err
}

// host is what the library expects around it. There is no window, so it does not look for a
// page, and no timer ever fires, as a picture does not move.
const host = `
var self = globalThis, console = { log() {}, warn() {}, error() {} };
function setTimeout() { return 0 }
function clearTimeout() {}
function t2gDraw(figures) { return JSON.stringify(t2gPictures(figures)) }
`

// load runs the library in vm, from its compiled form if that belongs to it.
func load(vm *quickjs.VM, library string) error {
	source, err := os.ReadFile(library)
	if err != nil {
		return fmt.Errorf("%w; run `make lab` once, which builds it", err)
	}
	if _, err := vm.Eval(host, quickjs.EvalGlobal); err != nil {
		return err
	}
	compiled := strings.TrimSuffix(library, ".js") + ".bytecode"
	key := keyOf(source)
	if code, ok := bytes.CutPrefix(contents(compiled), key); ok {
		_, err := vm.EvalBytecode(code)
		return err
	}
	code, err := vm.Compile(string(source), quickjs.EvalGlobal)
	if err != nil {
		return err
	}
	keep(compiled, append(key, code...))
	_, err = vm.EvalBytecode(code)
	return err
}

// contents are a file's, or nothing if it cannot be read.
func contents(path string) []byte {
	b, _ := os.ReadFile(path)
	return b
}

// keyOf names what the compiled form depends on: the source and the engine.
func keyOf(source []byte) []byte {
	h := sha256.New()
	h.Write(source)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			fmt.Fprintln(h, m.Path, m.Version)
		}
	}
	return h.Sum(nil)
}

// keep writes the file whole or not at all. Without it, the next call is slower and no worse.
func keep(path string, b []byte) {
	f, err := os.CreateTemp(filepath.Dir(path), ".bytecode")
	if err != nil {
		return
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
}
