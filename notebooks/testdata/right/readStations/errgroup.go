package answer

import (
	"fmt"

	"golang.org/x/sync/errgroup"
)

func readStations(stations []string,
	read func(station string) (float64, error)) (map[string]float64, error) {
	celsius := make([]float64, len(stations))
	var group errgroup.Group
	for i, s := range stations {
		group.Go(func() (err error) {
			if celsius[i], err = read(s); err != nil {
				err = fmt.Errorf("%s: %w", s, err)
			}
			return err
		})
	}
	err := group.Wait()
	temperatures := map[string]float64{}
	for i, s := range stations {
		temperatures[s] = celsius[i]
	}
	return temperatures, err
}
