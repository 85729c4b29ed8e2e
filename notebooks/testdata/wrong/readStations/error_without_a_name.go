// fails: a station fails
// says: Oslo, Lima and Cairo, and Oslo fails: the error is the sensor is frozen, want one that names Oslo

package answer

import "sync"

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	temperatures := map[string]float64{}
	var failed error
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, s := range stations {
		group.Go(func() {
			celsius, err := read(s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
				return
			}
			temperatures[s] = celsius
		})
	}
	group.Wait()
	return temperatures, failed
}
