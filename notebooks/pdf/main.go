// Pdf prints a page to a PDF file, with the headless browser that webtest.Find finds:
//
//	go run ./notebooks/pdf PAGE.html FILE.pdf
//
// The PDF has page numbers, the headings as its outline, and tags for screen readers.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/threads2go/course/charts/web/webtest"
)

// patience is the longest that a print may take: the whole course takes some 20 s.
const patience = 5 * time.Minute

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run ./notebooks/pdf PAGE.html FILE.pdf")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pdf:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	browser, err := webtest.Find()
	if err != nil {
		return err
	}
	if from, err = filepath.Abs(from); err != nil {
		return err
	}
	if _, err := os.Stat(from); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ctx, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser),
		chromedp.NoSandbox, // which a container does not allow; the page is our own
		chromedp.DisableGPU,
	)...)
	defer stop()
	ctx, end := chromedp.NewContext(ctx)
	defer end()
	if err := chromedp.Do(ctx,
		chromedp.Navigate("file://"+filepath.ToSlash(from)),
		chromedp.Evaluate[chromedp.Void](ready, chromedp.EvalAwaitPromise),
	); err != nil {
		return fmt.Errorf("the page %s: %w", from, err)
	}
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(a4))
	if err != nil {
		return fmt.Errorf("printing %s: %w", from, err)
	}
	return os.WriteFile(to, pdf, 0o666)
}

// ready waits for maths, and for pictures that would come only when they are near the screen.
const ready = `(async () => {
	await window.MathJax?.startup?.promise;
	await Promise.all([...document.images].map(image => { image.loading = "eager"; return image.decode().catch(() => {}); }));
})()`

func a4(p *page.PrintToPDFParams) {
	yes, margin, foot := true, 0.6, 0.7 // inches
	p.Scale = 0.8                       // a line of code has 80 columns
	p.PaperWidth, p.PaperHeight = 8.27, 11.69
	p.MarginTop, p.MarginLeft, p.MarginRight, p.MarginBottom = &margin, &margin, &margin, &foot
	p.PrintBackground, p.GenerateDocumentOutline, p.GenerateTaggedPDF, p.DisplayHeaderFooter = &yes, &yes, &yes, &yes
	p.HeaderTemplate = `<span></span>`
	p.FooterTemplate = `<div style="width:100%;text-align:center;font:9px sans-serif"><span class="pageNumber"></span></div>`
}
