package parallel

// SetMaxMessage changes the limit of a message, here and in processes started from
// now on, and returns what changes it back.
func SetMaxMessage(n int) (restore func()) {
	old := maxMessage
	maxMessage = n
	return func() { maxMessage = old }
}
