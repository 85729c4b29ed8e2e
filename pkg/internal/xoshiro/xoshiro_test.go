package xoshiro

import (
	"math/bits"
	"testing"
)

// The numbers that the authors' program in C prints for this state.
func TestNumbersAreTheAuthors(t *testing.T) {
	s := Source{1, 2, 3, 4}
	for i, want := range []uint64{41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205,
		9973669472204895162, 14011001112246962877, 12406186145184390807, 15849039046786891736, 10450023813501588000} {
		var got uint64
		if got, s = s.Next(); got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
}

// x^(2^k) by squaring x: for 128 and 192 these are the jumps that the authors
// publish, and for 256 it is x again, for the cycle has 2^256-1 numbers.
func TestJumpsAreTheAuthors(t *testing.T) {
	p := polynomial{2}
	for k := 1; k <= 256; k++ {
		p = p.square()
		want, known := map[int]polynomial{
			3:   {1 << 8},
			128: jump128,
			192: {0x76e15d3efefdcbbf, 0xc5004e441c522fb3, 0x77710069854ee241, 0x39109bb02acbe635},
			256: {2},
		}[k]
		if known && p != want {
			t.Errorf("x^(2^%d) is %x, want %x", k, p, want)
		}
		if k >= 128 && k < 192 && p != jumps()[k-128] {
			t.Errorf("jump %d is not x^(2^%d)", k-128, k)
		}
	}
}

func TestAJumpIsAsManySteps(t *testing.T) {
	p := polynomial{2}
	for range 16 {
		p = p.square()
	}
	want := Source{1, 2, 3, 4}
	for range 1 << 16 {
		want = want.step()
	}
	if got := (Source{1, 2, 3, 4}).jump(&p); got != want {
		t.Errorf("after a jump by 2^16 numbers %x, after as many steps %x", got, want)
	}
}

// Stream n+1 begins one jump by 2^128 behind stream n, whatever bits n has.
func TestStreamsAreOneJumpApart(t *testing.T) {
	for _, n := range []uint64{0, 1, 2, 3, 1023, 1 << 40, 1<<63 - 1} {
		if got, want := Stream("test", 7, n+1), Stream("test", 7, n).jump(&jump128); got != want {
			t.Errorf("stream %d is not one jump behind stream %d", n+1, n)
		}
	}
}

func TestSeedAndPurposeChooseTheStream(t *testing.T) {
	seen := map[Source]bool{}
	for _, purpose := range []string{"", "a", "b", "walks of a price"} {
		for _, seed := range []uint64{0, 1, 2, 1 << 63} {
			s := Stream(purpose, seed, 0)
			if seen[s] {
				t.Errorf("seed %d for %q begins where another does", seed, purpose)
			}
			seen[s] = true
			if ones := bits.OnesCount64(s.a) + bits.OnesCount64(s.b) + bits.OnesCount64(s.c) + bits.OnesCount64(s.d); ones < 90 || ones > 166 {
				t.Errorf("%d of 256 bits of the state are set", ones)
			}
		}
	}
}

func BenchmarkNext(b *testing.B) {
	s := Stream("benchmark", 1, 0)
	var sum, word uint64
	for b.Loop() {
		word, s = s.Next()
		sum += word
	}
	if sum == 0 {
		b.Fatal(s)
	}
}

func BenchmarkStream(b *testing.B) {
	b.ReportAllocs()
	for n := uint64(0); b.Loop(); n++ {
		Stream("benchmark", 1, n&1023)
	}
}
