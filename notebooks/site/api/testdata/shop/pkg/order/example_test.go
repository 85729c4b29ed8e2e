package order_test

import (
	"fmt"

	"example.org/shop/pkg/order"
)

var two = []order.Order{{Units: 1}, {Units: 2}}

func Example() {
	fmt.Println("orders")
	// Output: orders
}

// Its units are added.
func ExampleSum() {
	text := `a raw
	string`
	fmt.Println(order.Sum(nil)) // none
	_ = text
	// Output:
	// 0
}

func ExampleSum_two() {
	fmt.Println(order.Sum(two))
}

func ExampleBook_Add() {
	for range 2 {
		go fmt.Println("in any order")
	}

	// Unordered output:
	// in any order
	// in any order
}
