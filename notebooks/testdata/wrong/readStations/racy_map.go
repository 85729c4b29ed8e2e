// fails: no race
// says: a write in: temperatures[s] = celsius

package answer

import (
	"fmt"
	"sync"
)

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	temperatures, errs := map[string]float64{}, make([]error, len(stations))
	var group sync.WaitGroup
	for i, s := range stations {
		group.Go(func() {
			celsius, err := read(s)
			if err != nil {
				errs[i] = fmt.Errorf("%s: %w", s, err)
				return
			}
			temperatures[s] = celsius
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return temperatures, nil
}
