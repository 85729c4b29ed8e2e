// fails: right answer
// says: eight stations: fatal error: all goroutines are asleep - deadlock!
// says: sync.WaitGroup.Wait: group.Wait()
// says: (8 goroutines)

package answer

import (
	"fmt"
	"sync"
)

type reading struct {
	station string
	celsius float64
	err     error
}

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	readings := make(chan reading)
	var group sync.WaitGroup
	for _, s := range stations {
		group.Go(func() {
			celsius, err := read(s)
			readings <- reading{s, celsius, err}
		})
	}
	group.Wait()
	close(readings)
	temperatures := map[string]float64{}
	for r := range readings {
		if r.err != nil {
			return nil, fmt.Errorf("%s: %w", r.station, r.err)
		}
		temperatures[r.station] = r.celsius
	}
	return temperatures, nil
}
