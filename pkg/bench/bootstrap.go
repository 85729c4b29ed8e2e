package main

import (
	"context"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/threads2go/course/pkg/bootstrap"
	"github.com/threads2go/course/pkg/pool"
)

//go:embed bootstrap_peers.py
var bootstrapPeersProgram string

// bootstrapRows compare resamples of 5,000 values with what people write in Python,
// with the best of what is fast in it, and with one worker. The costs are those of the
// whole machine.
func bootstrapRows(workers int, short bool) []Row {
	const values = 5000
	resamples, slow := 20_000, 500
	if short {
		resamples, slow = 4_000, 100
	}
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]float64, values)
	for i := range data {
		data[i] = 11 + 7*r.NormFloat64()
	}
	run := func(name string, workers int) Contender {
		return Contender{name, func() (float64, error) {
			begin := time.Now()
			_, err := bootstrap.Run(context.Background(), pool.New(workers), data, resamples, 1)
			return float64(time.Since(begin).Nanoseconds()) / float64(values*resamples), err
		}}
	}
	peers := &program{source: bootstrapPeersProgram, python: peersPython()}
	peer := func(name, peer string, workers, resamples int) Contender {
		return Contender{name, func() (float64, error) {
			seconds, err := peers.seconds(map[string]any{
				"peer": peer, "workers": workers, "values": values, "resamples": resamples})
			return seconds * 1e9 / float64(values*resamples), err
		}}
	}
	ours := run("bootstrap.Run", workers)
	return []Row{
		{
			Name: "bootstrap, 8 threads and a queue", Unit: "ns/draw", Goal: 0.01, Ours: ours,
			Peers: []Contender{peer("Python threading", "queue", 8, slow)},
			Note:  func() string { return fmt.Sprintf("%d resamples against %d", resamples, slow) },
		},
		{
			Name: "bootstrap, numpy and numba", Unit: "ns/draw", Goal: 0.33, Ours: ours,
			Peers: []Contender{
				peer("numpy in threads", "threads", workers, resamples/4),
				peer("numpy in joblib's processes", "joblib", workers, resamples/4),
				peer("numba in threads", "numba", workers, resamples/4),
			},
			Note: func() string { return fmt.Sprintf("%d resamples against %d", resamples, resamples/4) },
		},
		{
			Name: "bootstrap, speed-up of 2", Unit: "ns/draw", Goal: 1 / 1.9,
			Ours:  run("2 workers", 2),
			Peers: []Contender{run("1 worker", 1)},
		},
	}
}
