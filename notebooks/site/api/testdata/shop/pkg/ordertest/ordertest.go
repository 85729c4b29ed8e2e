// Package ordertest helps tests.
package ordertest
