// fails: no leak
// says: goroutines are left behind by "a station fails"
// says: chan send: readings <- reading{s, celsius, err}
// says: started by: go func() {

package answer

import "fmt"

type reading struct {
	station string
	celsius float64
	err     error
}

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	readings := make(chan reading)
	for _, s := range stations {
		go func() {
			celsius, err := read(s)
			readings <- reading{s, celsius, err}
		}()
	}
	temperatures := map[string]float64{}
	for range stations {
		r := <-readings
		if r.err != nil {
			return nil, fmt.Errorf("%s: %w", r.station, r.err)
		}
		temperatures[r.station] = r.celsius
	}
	return temperatures, nil
}
