package display_test

import "github.com/threads2go/course/pkg/display"

func ExampleHTML() {
	display.HTML("<b>3</b> orders", "3 orders")
	// Output: 3 orders
}

func ExampleMarkdown() {
	display.Markdown("**3** orders")
	// Output: **3** orders
}

func ExampleTable() {
	display.Table([]string{"quantile", "price"}, [][]any{
		{"5 %", 74.18},
		{"95 %", 143.27},
	})
	// Output:
	// quantile   price
	// 5 %        74.18
	// 95 %      143.27
}

func ExampleArea() {
	var status display.Area
	status.HTML("<em>open</em>", "open")
	status.HTML("<em>filled</em>", "filled") // in a notebook it replaces "open"
	// Output:
	// open
	// filled
}
