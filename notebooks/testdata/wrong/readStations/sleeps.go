// fails: right answer
// says: it returned while a station was being read

package answer

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	temperatures := map[string]float64{}
	var failed error
	var mu sync.Mutex
	for _, s := range stations {
		go func() {
			celsius, err := read(s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = fmt.Errorf("%s: %w", s, err)
				return
			}
			temperatures[s] = celsius
		}()
	}
	time.Sleep(100 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	return maps.Clone(temperatures), failed
}
