// Package order keeps orders in a book.
//
//	book.Add(order.Order{…}) // an … is no Go, and yet coloured
//
// # Costs
//
// An order * costs _something_ in <all> cases, see [Book] and [Max]. A table:
//
//	call   cost
//	Add    1 ns
//
// More is in pkg/bench/behaviour/order/order.md.
package order

import "errors"

// Limits of an order.
const (
	Max = 100 // units
	min = 1
)

// ErrFull is the error of a book without room.
var ErrFull = errors.New("order: full")

var hidden = 1

// An Order asks for units.
type Order struct {
	Units int // at most Max

	note string
}

// A Kind tells orders apart.
type Kind int

// The kinds.
const (
	Buy Kind = iota
	Sell
)

// A Book holds orders of any type.
type Book[T any] struct{ all []T }

// NewBook makes a book with room for n orders.
func NewBook[T any](n int, first ...T) *Book[T] { return nil }

// Add adds an order. It returns [ErrFull] if there is no room, see [errors.Is] and
// [Book.remove].
func (b *Book[T]) Add(o T) error { return nil }

func (b *Book[T]) remove() {}

type kept struct{}

// Sum adds units.
func Sum(orders []Order) (units int) { return 0 }
