package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A site is what the pages are written from.
type site struct {
	module   string
	packages []*page
	tables   []table
}

// A page is that of a package.
type page struct {
	*doc.Package
	site    *site
	fset    *token.FileSet
	sources map[string][]byte // by file name
	printer *comment.Printer
	text    strings.Builder
}

// A table is a behaviour table: what libraries do in the same case.
type table struct {
	path  string // in the repository, which is how the docs call it
	name  string // of its page, without .md
	title string
	text  string // below the title
}

// name is what the package is called in lists: charts/web, pool for pkg/pool.
func (s *site) name(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, s.module+"/"), "pkg/")
}

// id is the package's name in links and file names: charts-web, pool.
func (s *site) id(importPath string) string {
	return strings.ReplaceAll(s.name(importPath), "/", "-")
}

// symbol is the target of links to a name in a package. Sphinx takes no capitals in targets.
func (s *site) symbol(importPath string, names ...string) string {
	return strings.ToLower(s.id(importPath) + "-" + strings.Join(names, "-"))
}

func (s *site) addPackage(files *build.Package, importPath string) error {
	p := &page{site: s, fset: token.NewFileSet(), sources: map[string][]byte{}}
	var parsed []*ast.File
	for _, name := range slices.Concat(files.GoFiles, files.TestGoFiles, files.XTestGoFiles) {
		file := filepath.Join(files.Dir, name)
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(p.fset, file, b, parser.ParseComments)
		if err != nil {
			return err
		}
		p.sources[file] = b
		parsed = append(parsed, f)
	}
	var err error
	if p.Package, err = doc.NewFromFiles(p.fset, parsed, importPath); err != nil {
		return err
	}
	if p.Doc == "" {
		return fmt.Errorf("package %s has no doc; write a comment above its package clause", importPath)
	}
	p.printer = p.Printer()
	p.printer.HeadingLevel = 2
	p.printer.HeadingID = func(*comment.Heading) string { return "" } // Sphinx gives them ids
	p.printer.DocLinkURL = func(l *comment.DocLink) string {
		to := cmp.Or(l.ImportPath, importPath)
		switch names := slices.DeleteFunc([]string{l.Recv, l.Name}, func(s string) bool { return s == "" }); {
		case !strings.HasPrefix(to, s.module+"/"):
			return l.DefaultURL("https://pkg.go.dev")
		case len(names) == 0:
			return s.id(to) + ".md"
		default:
			return "#" + s.symbol(to, names...)
		}
	}
	s.packages = append(s.packages, p)
	return nil
}

func (s *site) addTable(root, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return err
	}
	first, rest, _ := strings.Cut(string(b), "\n")
	title, ok := strings.CutPrefix(first, "# ")
	if !ok {
		return fmt.Errorf("%s has no title; begin it with # and the title", file)
	}
	base := strings.TrimSuffix(filepath.Base(file), ".md")
	s.tables = append(s.tables, table{filepath.ToSlash(rel), "behaviour-" + base, title, rest})
	return nil
}

// pages gives the text of each page by its file name.
func (s *site) pages() map[string]string {
	slices.SortFunc(s.packages, func(a, b *page) int { return cmp.Compare(s.id(a.ImportPath), s.id(b.ImportPath)) })
	links := []string{}
	for _, t := range s.tables { // the docs name the file, here is its page
		links = append(links, t.path, fmt.Sprintf("[%s](%s.md)", t.path, t.name))
	}
	toTables := strings.NewReplacer(links...)

	var index, contents strings.Builder
	pages := map[string]string{}
	fmt.Fprintf(&index, `# Packages

What the lessons run on is a Go library of its own: `+"`go get %s`"+`. These pages are written from the
packages' documentation; `+"`go doc pool.Map`"+` prints the same in a terminal.

| package | synopsis |
|---|---|
`, s.module)
	for _, p := range s.packages {
		id, name := s.id(p.ImportPath), s.name(p.ImportPath)
		p.write()
		pages[id+".md"] = toTables.Replace(p.text.String())
		synopsis := strings.TrimPrefix(p.Synopsis(p.Doc), "Package "+p.Name+" ")
		synopsis = strings.TrimSpace(string(p.printer.Markdown(p.Parser().Parse(synopsis))))
		fmt.Fprintf(&index, "| [%s](%s.md) | %s |\n", name, id, strings.ReplaceAll(synopsis, "|", `\|`))
		fmt.Fprintf(&contents, "%s <%s>\n", name, id)
	}
	if len(s.tables) > 0 {
		fmt.Fprint(&index, `
## What each library does in the same case

A row of these tables is a case, most of them one where something goes wrong; a column is a library, of Go
or of Python. What a cell says is what a small program printed: the tests run it again each time.

`)
	}
	for _, t := range s.tables {
		pages[t.name+".md"] = t.page()
		fmt.Fprintf(&index, "- [%s](%s.md)\n", t.title, t.name)
		fmt.Fprintf(&contents, "%s <%s>\n", "Behaviour: "+t.title, t.name)
	}
	fmt.Fprintf(&index, "\n```{toctree}\n:hidden:\n\n%s```\n", contents.String())
	pages["index.md"] = index.String()
	return pages
}

// wide lets a table scroll in its own box, with its first column in place, instead of squeezing
// its columns; on paper all columns are there, in small print.
const wide = `
.cases :is(th, td) { min-width: 9.5rem; overflow-wrap: anywhere; }
.cases :is(th, td):first-child { position: sticky; left: 0; background: var(--pst-color-surface); }
@media print { .cases :is(th, td) { min-width: 0; padding: 0.2em; font-size: 0.6rem; } }
`

// page gives the table's page. Its text is Markdown: an introduction, and the table.
func (t table) page() string {
	intro, rows, _ := strings.Cut(t.text, "\n|")
	return fmt.Sprintf("# Behaviour: %s\n%s\n```{raw} html\n<style>%s</style>\n```\n\n```{table}\n:class: cases\n\n|%s```\n",
		t.title, intro, wide, rows)
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.text, format, args...) }

func (p *page) write() {
	if p.Name == "main" {
		p.printf("# Command %s\n\n", path.Base(p.ImportPath))
		p.code("sh", "go install "+p.ImportPath+"@latest")
		p.doc(p.Doc)
		return
	}
	p.printf("# Package %s\n\n", p.Name)
	p.code("go", fmt.Sprintf("import %q", p.ImportPath))
	p.doc(p.Doc)
	p.examples(p.Examples)
	p.index()
	p.values("Constants", p.Consts)
	p.values("Variables", p.Vars)
	if len(p.Funcs) > 0 {
		p.printf("## Functions\n\n")
	}
	for _, f := range p.Funcs {
		p.function(3, f)
	}
	if len(p.Types) > 0 {
		p.printf("## Types\n\n")
	}
	for _, t := range p.Types {
		p.heading(3, "type "+t.Name, t.Name)
		p.decl(t.Decl)
		p.doc(t.Doc)
		p.examples(t.Examples)
		p.values("", t.Consts)
		p.values("", t.Vars)
		for _, f := range slices.Concat(t.Funcs, t.Methods) {
			p.function(4, f)
		}
	}
}

// index writes a list of all functions, types and methods.
func (p *page) index() {
	if len(p.Funcs)+len(p.Types) == 0 {
		return
	}
	p.printf("## Index\n\n")
	entry := func(indent, text string, names ...string) {
		p.printf("%s- [`%s`](#%s)\n", indent, text, p.site.symbol(p.ImportPath, names...))
	}
	function := func(indent string, f *doc.Func) {
		names := functionNames(f)
		entry(indent, strings.Join(names, ".")+parameters(f.Decl), names...)
	}
	for _, f := range p.Funcs {
		function("", f)
	}
	for _, t := range p.Types {
		entry("", "type "+t.Name, t.Name)
		for _, f := range slices.Concat(t.Funcs, t.Methods) {
			function("  ", f)
		}
	}
	p.printf("\n")
}

// functionNames are the type and the name of a method, the name of another function.
func functionNames(f *doc.Func) []string {
	if f.Recv == "" {
		return []string{f.Name}
	}
	recv, _, _ := strings.Cut(strings.TrimPrefix(f.Recv, "*"), "[")
	return []string{recv, f.Name}
}

// parameters is what stands in parentheses in a call: (ctx, items...).
func parameters(f *ast.FuncDecl) string {
	var names []string
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				names = append(names, name.Name+"...")
			} else {
				names = append(names, name.Name)
			}
		}
	}
	return "(" + strings.Join(names, ", ") + ")"
}

func (p *page) function(level int, f *doc.Func) {
	text := "func " + f.Name
	if f.Recv != "" {
		text = fmt.Sprintf("func (%s) %s", f.Recv, f.Name)
	}
	p.heading(level, text, functionNames(f)...)
	p.decl(f.Decl)
	p.doc(f.Doc)
	p.examples(f.Examples)
}

// values writes groups of constants or variables.
func (p *page) values(title string, groups []*doc.Value) {
	if title != "" && len(groups) > 0 {
		p.printf("## %s\n\n", title)
	}
	for _, v := range groups {
		for _, name := range v.Names {
			if ast.IsExported(name) {
				p.printf("(%s)=\n", p.site.symbol(p.ImportPath, name))
			}
		}
		p.decl(v.Decl)
		p.doc(v.Doc)
	}
}

// heading writes the heading of a name, to which links lead.
func (p *page) heading(level int, text string, names ...string) {
	p.printf("(%s)=\n", p.site.symbol(p.ImportPath, names...))
	p.printf("%s %s\n\n", strings.Repeat("#", level), strings.NewReplacer("*", `\*`, "[", `\[`).Replace(text))
}

func (p *page) code(language, text string) {
	if language == "go" && strings.Contains(text, "…") {
		language = "{code-block} go\n:force:\n" // for Sphinx would complain of the …
	}
	p.printf("```%s\n%s\n```\n\n", language, strings.TrimRight(text, "\n"))
}

func (p *page) decl(d ast.Decl) { p.code("go", p.node(d)) }

func (p *page) node(n any) string {
	var b bytes.Buffer
	if err := format.Node(&b, p.fset, n); err != nil {
		panic(err) // of a tree that was parsed
	}
	return b.String()
}

// doc writes a doc comment. Code in it gets Go's colours if it is Go, but for an … here and there.
func (p *page) doc(text string) {
	d := p.Parser().Parse(text)
	for _, block := range d.Content {
		if code, ok := block.(*comment.Code); !ok {
			p.text.Write(p.printer.Markdown(&comment.Doc{Content: []comment.Block{block}}))
			p.printf("\n")
		} else if _, err := format.Source([]byte(strings.ReplaceAll(code.Text, "…", ""))); err == nil {
			p.code("go", code.Text)
		} else {
			p.code("text", code.Text)
		}
	}
}

// outputComment is what tells an example's output, and stands last in it.
var outputComment = regexp.MustCompile(`(?is)\s*//\s*(unordered )?output:.*`)

// examples writes examples: the body of the function, or the whole program if it is made of more.
func (p *page) examples(examples []*doc.Example) {
	for _, e := range examples {
		title := "Example"
		if e.Suffix != "" {
			title += " (" + e.Suffix + ")"
		}
		p.printf("**%s**\n\n", title)
		p.doc(e.Doc)
		p.code("go", p.exampleCode(e))
		if e.Output != "" {
			order := ""
			if e.Unordered {
				order = ", in any order"
			}
			p.printf("prints%s:\n\n", order)
			p.code("text", e.Output)
		}
	}
}

func (p *page) exampleCode(e *doc.Example) string {
	if file, ok := e.Code.(*ast.File); ok { // the whole file is the example
		return p.node(file)
	}
	if e.Play != nil {
		for _, d := range e.Play.Decls {
			g, ok := d.(*ast.GenDecl)
			f, isFunc := d.(*ast.FuncDecl)
			if ok && g.Tok != token.IMPORT || isFunc && f.Name.Name != "main" {
				return p.node(e.Play)
			}
		}
	}
	begin, end := p.fset.Position(e.Code.Pos()), p.fset.Position(e.Code.End())
	body := p.sources[begin.Filename][begin.Offset+1 : end.Offset-1] // without the braces
	body = bytes.TrimSpace(outputComment.ReplaceAll(body, nil))
	code, err := format.Source(body)
	if err != nil {
		panic(errors.Join(err, errors.New("in "+begin.String())))
	}
	return string(code)
}
