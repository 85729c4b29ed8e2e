// fails: all at once
// says: six stations: never more than 1 under way, want 6

package answer

import "fmt"

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	temperatures := map[string]float64{}
	for _, s := range stations {
		celsius, err := read(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		temperatures[s] = celsius
	}
	return temperatures, nil
}
