package main

import (
	"os"
	"slices"
	"strings"
)

// peersPython is the Python that has the packages of requirements.txt: the one that
// make bench names, or else that of PATH, which may lack some of them.
func peersPython() string {
	if python := os.Getenv("BENCH_PYTHON"); python != "" {
		return python
	}
	return "python3"
}

// forNumpy returns the environment without the settings of a machine's owner for
// another numpy, which would slow this one.
func forNumpy(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "OPENBLAS_CORETYPE=") || strings.HasPrefix(v, "OPENBLAS_L2_SIZE=")
	})
}
