package charts

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// clean makes s one line of text that HTML, SVG and JSON can carry.
func clean(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF' {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// textWidth estimates the width of s in pixels, for the common sans-serif fonts, rather too
// much than too little. web/picture.js has the same widths.
func textWidth(s string, size float64, bold bool) float64 {
	em := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("ijl.,:;'|!I ", r):
			em += 0.29
		case strings.ContainsRune(`ftr()[]{}/-"·`, r):
			em += 0.38
		case strings.ContainsRune("mwMW@%", r):
			em += 0.87
		case 'A' <= r && r <= 'Z':
			em += 0.67
		case r == 0x200E:
		case r < 0x2E80:
			em += 0.56
		default:
			em++
		}
	}
	if bold {
		em *= 1.08
	}
	return em * size
}

// shorten cuts s to at most width pixels, with an ellipsis.
func shorten(s string, size float64, bold bool, width float64) string {
	if textWidth(s, size, bold) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && textWidth(string(runes)+"…", size, bold) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimSpace(string(runes)) + "…"
}

type wrapped struct {
	text string
	n    int // lines
}

// wrap breaks s into lines of at most width pixels, at most three.
func wrap(s string, size float64, bold bool, width float64) wrapped {
	var out []string
	words := strings.Fields(s)
	for len(words) > 0 {
		n := 1
		for n < len(words) && textWidth(strings.Join(words[:n+1], " "), size, bold) <= width {
			n++
		}
		if len(out) == 2 {
			n = len(words)
		}
		out = append(out, shorten(strings.Join(words[:n], " "), size, bold, width))
		words = words[n:]
	}
	return wrapped{strings.Join(out, "\n"), len(out)}
}

// magnitude is the exponent of x's first digit.
func magnitude(x float64) int {
	s := strconv.FormatFloat(math.Abs(x), 'e', -1, 64)
	_, exponent, _ := strings.Cut(s, "e")
	n, _ := strconv.Atoi(exponent)
	return n
}

// roundTo rounds x to digits digits of span, so that what is that much smaller than the
// figure does not fill it with digits: 74.183921 in a span of 210 is 74.18 to 5 digits.
func roundTo(x, span float64, digits int) float64 {
	if span == 0 {
		span = math.Abs(x)
	}
	if x == 0 || span == 0 {
		return 0
	}
	keep := magnitude(x) - magnitude(span) + digits - 1
	if keep < 0 {
		return 0
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', min(keep, 16), 64), 64)
	return r
}

// number writes x as it is read: with commas between thousands, or with a power of ten.
func number(x float64) string {
	if a := math.Abs(x); a != 0 && (a < 1e-4 || a >= 1e15) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
		n, _ := strconv.Atoi(exponent)
		return strings.Replace(mantissa, "-", "−", 1) + "×" + powerOfTen(n)
	}
	s := strconv.FormatFloat(x, 'f', -1, 64)
	whole, fraction, dot := strings.Cut(s, ".")
	sign := ""
	if whole[0] == '-' {
		sign, whole = "−", whole[1:]
	}
	var groups []string
	for len(whole) > 3 {
		groups = append(groups, whole[len(whole)-3:])
		whole = whole[:len(whole)-3]
	}
	groups = append(groups, whole)
	slices.Reverse(groups)
	s = sign + strings.Join(groups, ",")
	if dot {
		s += "." + fraction
	}
	return s
}

// powerOfTen writes 10 with an exponent.
func powerOfTen(n int) string {
	return "10" + strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹").Replace(strconv.Itoa(n))
}

// duration writes d with three digits and the unit that suits it.
func duration(d time.Duration) string {
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}, {"ns", 1}} {
		if float64(d) >= 0.9995*float64(u.size) {
			return number(roundTo(float64(d)/float64(u.size), 0, 3)) + " " + u.name
		}
	}
	return "0 s"
}

// withUnit appends a unit, if there is one.
func withUnit(s, unit string) string {
	if unit == "" {
		return s
	}
	return s + " " + unit
}

// plural counts things: "1 bin", "100 bins".
func plural(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return number(float64(n)) + " " + thing
}
