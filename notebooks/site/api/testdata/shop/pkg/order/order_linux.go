package order

// Sync writes a book to the disk.
func Sync() {}
