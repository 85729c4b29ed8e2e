package exercises

import "testing"

// Random input is another one in each run, and the words of its seed bring it back.
func TestRandom(t *testing.T) {
	t.Setenv("LESSON_SEED", "")
	_, first := random()
	for i := 0; ; i++ {
		if _, seed := random(); seed != first {
			break
		}
		if i == 10 {
			t.Fatal("the seed is always", first)
		}
	}
	r, seed := random()
	want := r.Uint64()
	t.Setenv("LESSON_SEED", seed[len(" (LESSON_SEED="):len(seed)-1])
	if r, again := random(); again != seed || r.Uint64() != want {
		t.Errorf("seed%s: got other input", seed)
	}
}
