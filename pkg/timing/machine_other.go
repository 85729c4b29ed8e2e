//go:build !darwin

package timing

func systemModel() string { return "" }
