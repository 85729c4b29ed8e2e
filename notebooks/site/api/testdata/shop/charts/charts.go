// Package charts draws orders.
package charts

import (
	"io"

	"example.org/shop/pkg/order"
)

// Draw draws an [order.Order], or those of an [order.Book], to an [io.Writer]. See
// [order.Book.Add] for what is in a book, and package [order].
func Draw(w io.Writer, o order.Order) {}
