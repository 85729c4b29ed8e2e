// Package xoshiro is the random generator xoshiro256++ with streams that never
// overlap.
//
// The generator, its characteristic polynomial and the jump by 2^128 numbers are
// those of Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators",
// ACM Transactions on Mathematical Software 47 (2021).
package xoshiro

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

// A Source is the generator's state. It is a value, so that a loop can keep it in
// registers:
//
//	var word uint64
//	for … {
//		word, src = src.Next()
//	}
type Source struct{ a, b, c, d uint64 }

// Next returns 64 random bits, and the source of the following ones.
func (s Source) Next() (uint64, Source) {
	sum := s.a + s.d
	word := (sum<<23 | sum>>41) + s.a
	return word, s.step()
}

// step moves the state on by one number: a linear map over the field of two
// elements, which is why one can jump.
func (s Source) step() Source {
	t := s.b << 17
	s.c ^= s.a
	s.d ^= s.b
	s.b ^= s.c
	s.a ^= s.d
	s.c ^= t
	s.d = s.d<<45 | s.d>>19
	return s
}

// Stream returns stream n of a seed. The streams of one seed and purpose are 2^128
// numbers apart on the generator's one cycle of 2^256-1 numbers: 2^64 of them take
// 2^192, so none meets another. Another seed, or another purpose, of which the
// first 24 bytes count, begins at a place that has nothing to do with theirs: at
// what ChaCha8 (https://c2sp.org/chacha8rand) says for the two.
//
// A call takes 0.1 µs, and 0.5 µs for each bit that is set in n.
func Stream(purpose string, seed, n uint64) Source {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	copy(key[8:], purpose)
	var c rand.ChaCha8
	c.Seed(key)
	s := Source{c.Uint64(), c.Uint64(), c.Uint64(), c.Uint64()}
	for k := 0; n > 0; k, n = k+1, n>>1 {
		if n&1 == 1 {
			s = s.jump(&jumps()[k])
		}
	}
	return s
}

// A polynomial over the field of two elements, of a degree below 256; bit i of word
// k is the coefficient of x^(64k+i).
type polynomial [4]uint64

var (
	// characteristic is the characteristic polynomial of step without x^256: step,
	// put in for x, makes the sum of both zero.
	characteristic = polynomial{0x9d116f2bb0f0f001, 0x0280002bcefd1a5e, 0x04b4edcf26259f85, 0x0003c03c3f3ecb19}

	// jump128 is x^(2^128) modulo the characteristic polynomial.
	jump128 = polynomial{0x180ec6d33cfd0aba, 0xd5a61266f0c9392c, 0xa9582618e03fc9aa, 0x39abdc4529b1661c}
)

// jumps are the jumps by 2^128, 2^129, …, 2^191 numbers.
var jumps = sync.OnceValue(func() *[64]polynomial {
	var j [64]polynomial
	j[0] = jump128
	for k := range 63 {
		j[k+1] = j[k].square()
	}
	return &j
})

// jump applies the polynomial p of step to the state: if p is x^n modulo the
// characteristic polynomial, that is as good as n steps.
func (s Source) jump(p *polynomial) Source {
	var sum Source
	for _, coefficients := range p {
		for range 64 {
			mask := -(coefficients & 1) // no branch, for it could not be predicted
			coefficients >>= 1
			sum.a ^= s.a & mask
			sum.b ^= s.b & mask
			sum.c ^= s.c & mask
			sum.d ^= s.d & mask
			s = s.step()
		}
	}
	return sum
}

// square returns p² modulo the characteristic polynomial, by Horner's rule: p times
// each of its own coefficients from the highest on, times x in between.
func (p polynomial) square() polynomial {
	var sum polynomial
	for i := 255; i >= 0; i-- {
		over := -(sum[3] >> 63)
		for k := 3; k > 0; k-- {
			sum[k] = sum[k]<<1 | sum[k-1]>>63
		}
		sum[0] <<= 1
		mask := -(p[i/64] >> (i % 64) & 1)
		for k := range sum {
			sum[k] ^= characteristic[k]&over ^ p[k]&mask
		}
	}
	return sum
}
