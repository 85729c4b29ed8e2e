package order

// Flush is what only Windows has.
func Flush() {}
