package charts

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
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
