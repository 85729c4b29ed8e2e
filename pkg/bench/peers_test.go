package main

import (
	"strings"
	"testing"
)

// Each peer does its work and is checked, or says which package it lacks.
func TestPeersInPythonAnswer(t *testing.T) {
	for _, c := range []struct {
		name, source string
		request      map[string]any
		peers        []string
	}{
		{"Monte Carlo", montecarloPeersProgram, map[string]any{"threads": 2, "walks": 700, "days": 11},
			[]string{"numpy", "numba", "MKL"}},
		{"bootstrap", bootstrapPeersProgram, map[string]any{"workers": 2, "values": 100, "resamples": 35},
			[]string{"queue", "threads", "joblib", "numba"}},
		{"cluster", clusterPeersProgram, map[string]any{"workers": 2, "items": 10}, []string{"dask", "ray"}},
	} {
		p := &program{source: c.source, python: peersPython()}
		for _, peer := range c.peers {
			t.Run(c.name+", "+peer, func(t *testing.T) {
				c.request["peer"] = peer
				seconds, err := p.seconds(c.request)
				switch {
				case err != nil && strings.Contains(err.Error(), "No module named"):
					if !strings.Contains(err.Error(), peer+": ModuleNotFoundError") {
						t.Errorf("error %q does not say whose it is", err)
					}
					t.Skipf("not installed here, make bench has it: %v", err)
				case err != nil && strings.Contains(err.Error(), "make bench, which has what it needs"):
					t.Skip(err)
				case err != nil:
					t.Error(err)
				case seconds <= 0:
					t.Errorf("took %v s", seconds)
				}
			})
		}
	}
	p := &program{source: montecarloPeersProgram, python: peersPython()}
	if _, err := p.seconds(map[string]any{"peer": "nobody", "threads": 1, "walks": 1, "days": 1}); err == nil {
		t.Error("a peer that does not exist answered")
	}
}
