// Package market is initialised after prices, which it imports.
package market

import "github.com/threads2go/course/pkg/parallel/testdata/program/prices"

func init() { prices.Sources = append(prices.Sources, "market") }
