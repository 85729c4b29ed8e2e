package webtest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"slices"
)

// A Text is a piece of text on a page, and how well it can be told from what is behind it: the
// contrast as WCAG 2 defines it, from 1 to 21. It is at least 4.5 in text that all can read.
type Text struct {
	Text     string
	Contrast float64
}

// Texts measures all texts that are to be seen in the elements that match a CSS selector, of
// HTML and of SVG. The page is painted with its texts in black and in white, which shows where
// they are, and without them, which shows what is behind. Nine of ten of a text's pixels have
// at least its contrast.
func (p *Page) Texts(selector string) []Text {
	p.t.Helper()
	type found struct {
		Text                string
		Ink                 []float64 // red, green, blue, opacity
		X, Y, Width, Height float64
	}
	texts := Eval[[]found](p, fmt.Sprintf(`(() => {
		const out = [], context = document.createElement("canvas").getContext("2d");
		for (const root of document.querySelectorAll(%q)) {
			const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
			while (walker.nextNode()) {
				const node = walker.currentNode, parent = node.parentElement, style = getComputedStyle(parent);
				if (!node.data.trim() || ["SCRIPT", "STYLE", "TITLE"].includes(parent.tagName) || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
				const range = document.createRange();
				range.selectNodeContents(node);
				context.clearRect(0, 0, 1, 1);
				context.fillStyle = parent.closest("svg") ? style.fill : style.color;
				context.fillRect(0, 0, 1, 1);
				const ink = [...context.getImageData(0, 0, 1, 1).data];
				for (const r of range.getClientRects())
					if (r.width > 0 && r.height > 0) out.push({ text: node.data, ink, x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height });
			}
		}
		return out;
	})()`, selector))

	black, white, without := p.inked(selector, "#000"), p.inked(selector, "#fff"), p.inked(selector, "transparent")
	var out []Text
	for _, f := range texts {
		box := image.Rect(int(f.X), int(f.Y), int(math.Ceil(f.X+f.Width)), int(math.Ceil(f.Y+f.Height)))
		box = box.Intersect(without.Bounds())
		var seen []float64
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				if int(white.RGBAAt(x, y).G)-int(black.RGBAAt(x, y).G) > 128 {
					behind := rgb(without.RGBAAt(x, y))
					seen = append(seen, contrast(over(f.Ink, behind), behind))
				}
			}
		}
		if len(seen) == 0 {
			continue // covered, or cut off
		}
		slices.Sort(seen)
		out = append(out, Text{f.Text, seen[len(seen)/10]})
	}
	return out
}

// inked is the whole page with the texts in a colour.
func (p *Page) inked(selector, color string) *image.RGBA {
	p.t.Helper()
	p.Do(fmt.Sprintf(`(() => {
		const style = document.createElement("style");
		style.id = "inked";
		style.textContent = %q;
		document.head.append(style);
	})()`, fmt.Sprintf("%[1]s * { color: %[2]s !important; transition: none !important } %[1]s text { fill: %[2]s !important }", selector, color)))
	img, err := png.Decode(bytes.NewReader(p.Screenshot("")))
	if err != nil {
		p.t.Fatal(err)
	}
	p.Do(`document.getElementById("inked").remove()`)
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Bounds(), img, out.Bounds().Min, draw.Src)
	return out
}

type ink [3]float64 // red, green and blue from 0 to 255

func rgb(c color.RGBA) ink { return ink{float64(c.R), float64(c.G), float64(c.B)} }

// over is a colour with opacity on a ground.
func over(c []float64, ground ink) ink {
	var out ink
	for i := range out {
		out[i] = ground[i] + (c[i]-ground[i])*c[3]/255
	}
	return out
}

// contrast is the contrast ratio of WCAG 2.
func contrast(a, b ink) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of WCAG 2, of a colour of sRGB.
func luminance(c ink) float64 {
	linear := func(v float64) float64 {
		v /= 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}
