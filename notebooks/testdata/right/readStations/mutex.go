package answer

import (
	"fmt"
	"sync"
)

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	var mu sync.Mutex
	var failed error
	temperatures := make(map[string]float64)
	var group sync.WaitGroup
	for _, s := range stations {
		group.Go(func() {
			celsius, err := read(s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && failed == nil {
				failed = fmt.Errorf("station %q: %w", s, err)
			}
			temperatures[s] = celsius
		})
	}
	group.Wait()
	if failed != nil {
		return nil, failed
	}
	return temperatures, nil
}
