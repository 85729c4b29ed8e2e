// Package parallel is joblib's idea with Go's types: calls of a named function are
// kept for later, and a backend that the caller chooses makes them, on goroutines
// or in processes of their own.
package parallel
