package quantile

import (
	"math"
	"testing"
)

// The wanted numbers are those of numpy 2.4.6:
//
//	numpy.quantile(x, [0, 0.05, 0.1, 0.25, 0.375, 0.5, 0.9, 0.95, 0.99, 1])
func TestQuantilesAreNumpys(t *testing.T) {
	x := []float64{61.5, 84, 88.25, 97.125, 99, 103.5, 110.375, 120.75, 131.25, 140}
	for q, want := range map[float64]float64{0: 61.5, 0.05: 71.625, 0.1: 81.75, 0.25: 90.46875, 0.375: 97.828125,
		0.5: 101.25, 0.9: 132.125, 0.95: 136.0625, 0.99: 139.2125, 1: 140, math.Nextafter(1, 0): 140, 1e-300: 61.5} {
		if got := OfSorted(x, q); math.Abs(got-want) > 1e-13*want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := OfSorted([]float64{3}, 0.7); got != 3 {
		t.Errorf("quantile of one number is %v, want 3", got)
	}
}
