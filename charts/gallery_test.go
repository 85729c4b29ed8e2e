package charts

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

// gallery has a figure of each kind, as a lesson would show it. What holds for all kinds is
// tested on these: a new kind is added here, and the tests that follow from it are written.
func gallery() map[string]Figure {
	return map[string]Figure{
		"histogram":    walks(),
		"line":         costs(),
		"timings":      comparison(),
		"distribution": distributions()["over"],
		"heatmap":      heatmaps()["times"],
		"timeline":     timelines()["failed"],
		"speed-up":     speedups()["two"],
	}
}

// galleryHTML is the gallery as it is in a notebook.
var galleryHTML = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for name, f := range gallery() {
		d, err := draw(f)
		if err != nil {
			panic(name + ": " + err.Error())
		}
		if out[name], err = d.html(); err != nil {
			panic(name + ": " + err.Error())
		}
	}
	return out
})

// named is a figure with the same text in all its texts.
func named(f Figure, name string) Figure {
	var copied func(reflect.Value) reflect.Value
	copied = func(v reflect.Value) reflect.Value {
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		switch v.Kind() {
		case reflect.String:
			if v.Type() == reflect.TypeFor[string]() { // a type of its own is a choice, no text
				out.SetString(name)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				out.Field(i).Set(copied(v.Field(i)))
			}
		case reflect.Slice:
			if k := v.Type().Elem().Kind(); v.IsNil() || k != reflect.String && k != reflect.Struct && k != reflect.Slice && k != reflect.Interface {
				break
			}
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(copied(v.Index(i)))
			}
		case reflect.Interface:
			if !v.IsNil() {
				out.Set(copied(v.Elem()))
			}
		}
		return out
	}
	return copied(reflect.ValueOf(f)).Interface().(Figure)
}

func TestGalleryHasEveryKind(t *testing.T) {
	kinds := map[string]bool{}
	for _, f := range gallery() {
		kinds[reflect.TypeOf(f).Name()] = true
	}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "draw" {
				continue
			}
			if kind, ok := f.Recv.List[0].Type.(*ast.Ident); ok && kind.IsExported() && kind.Name != "Grid" { // which has its own tests
				n++
				if !kinds[kind.Name] {
					t.Errorf("no %s in the gallery", kind.Name)
				}
			}
		}
	}
	if n != len(kinds) {
		t.Errorf("%d kinds of figures in the package's files, %d in the gallery", n, len(kinds))
	}
}

var update = flag.Bool("update", false, "make the README's picture of the gallery anew")

// TestGalleryPicture is about the README's picture of the figures: that it shows what they look
// like now. With -update it makes the picture.
func TestGalleryPicture(t *testing.T) {
	environment(t)
	const path = "../notebooks/images/charts.png"
	// As narrow as in a Grid, in three columns: the highest first, each where there is most room.
	var drawings []*drawing
	for _, name := range slices.Sorted(maps.Keys(gallery())) {
		d, err := draw(gallery()[name])
		if err != nil {
			t.Fatal(err)
		}
		d.width, d.height = panelWidth, d.option.Narrow.Height
		drawings = append(drawings, d)
	}
	slices.SortStableFunc(drawings, func(a, b *drawing) int { return cmp.Compare(b.height, a.height) })
	var columns [3]string
	var heights [3]int
	for _, d := range drawings {
		svg, err := d.svg()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.Index(heights[:], slices.Min(heights[:]))
		columns[i] += fmt.Sprintf(`<img src="data:image/svg+xml;base64,%s">`, base64.StdEncoding.EncodeToString([]byte(svg)))
		heights[i] += d.height
	}
	page := fmt.Sprintf(`<style>main, div { display: flex; gap: %dpx; width: max-content } div { flex-direction: column }</style><main><div>%s</div></main>`,
		panelGap, strings.Join(columns[:], "</div><div>"))
	shot := open(t, webtest.Start(t), webtest.Setting{Width: 1400, Height: 2000}, page).Screenshot("main")
	now, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, now); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) > 150_000 {
		t.Errorf("%s has %d bytes", path, len(kept))
	}
	then, err := png.Decode(bytes.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	// Fonts differ from machine to machine, so this looks from afar.
	if d := fromAfar(now, then); d > 0.02 {
		t.Errorf("%s shows something else than the gallery, by %.1f %%; run `binder/start go test ./charts -run TestGallery -update`", path, 100*d)
	}
}

// fromAfar is how much two pictures differ on average, from 0 to 1, as seen through panes of 16
// by 16 pixels; 1 if they differ in size.
func fromAfar(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return 1
	}
	const pane = 16
	r, sum, n := a.Bounds(), 0.0, 0.0
	for y := r.Min.Y; y+pane <= r.Max.Y; y += pane {
		for x := r.Min.X; x+pane <= r.Max.X; x += pane {
			var diff [3]float64
			for j := range pane {
				for i := range pane {
					r1, g1, b1, _ := a.At(x+i, y+j).RGBA()
					r2, g2, b2, _ := b.At(x+i, y+j).RGBA()
					for k, d := range []int{int(r1) - int(r2), int(g1) - int(g2), int(b1) - int(b2)} {
						diff[k] += float64(d)
					}
				}
			}
			for _, d := range diff {
				sum += max(d, -d) / (pane * pane) / 0xffff
				n++
			}
		}
	}
	return sum / n
}
