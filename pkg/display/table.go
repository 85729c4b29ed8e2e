package display

import (
	"fmt"
	"html"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Table shows rows under the names of their columns. Values appear as fmt.Print prints them,
// except floats: those have six significant digits (format them yourself for others).
// Columns of numbers are aligned to the right. A row with more or fewer values than there
// are columns is an error, and nothing is shown.
func Table(columns []string, rows [][]any) error {
	if len(columns) == 0 {
		return fmt.Errorf("display: Table with no columns: name at least one")
	}
	cells := make([][]string, len(rows))
	numeric := make([]bool, len(columns))
	for i := range numeric {
		numeric[i] = len(rows) > 0
	}
	for i, row := range rows {
		if len(row) != len(columns) {
			return fmt.Errorf("display: Table: row %d has %d values for %d columns %q", i, len(row), len(columns), columns)
		}
		cells[i] = make([]string, len(row))
		for j, v := range row {
			cells[i][j] = format(v)
			numeric[j] = numeric[j] && isNumber(v)
		}
	}
	return HTML(tableHTML(columns, cells, numeric), tableText(columns, cells, numeric))
}

func format(v any) string {
	switch v := v.(type) {
	case float64, float32:
		return fmt.Sprintf("%.6g", v)
	default:
		return fmt.Sprint(v)
	}
}

// isNumber: a fmt.Stringer such as time.Duration is text to the reader, whatever its kind.
func isNumber(v any) bool {
	if _, ok := v.(fmt.Stringer); ok {
		return false
	}
	return reflect.ValueOf(v).CanInt() || reflect.ValueOf(v).CanUint() || reflect.ValueOf(v).CanFloat()
}

func tableHTML(columns []string, rows [][]string, numeric []bool) string {
	var b strings.Builder
	align := func(j int) string {
		if numeric[j] {
			return "text-align:right"
		}
		return "text-align:left"
	}
	b.WriteString("<table><thead><tr>")
	for j, c := range columns {
		if c == "" { // heads nothing for a screen reader
			b.WriteString("<td></td>")
			continue
		}
		fmt.Fprintf(&b, `<th scope="col" style="%s">%s</th>`, align(j), html.EscapeString(c))
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range rows {
		b.WriteString("<tr>")
		for j, c := range row {
			fmt.Fprintf(&b, `<td style="%s">%s</td>`, align(j), html.EscapeString(c))
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

func tableText(columns []string, rows [][]string, numeric []bool) string {
	all := append([][]string{columns}, rows...)
	width := make([]int, len(columns))
	for _, row := range all {
		for j, c := range row {
			width[j] = max(width[j], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for i, row := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		var line strings.Builder
		for j, c := range row {
			if j > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", width[j]-utf8.RuneCountInString(c))
			if numeric[j] {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
	}
	return b.String()
}
