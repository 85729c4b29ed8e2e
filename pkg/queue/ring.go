package queue

// A ring is a double-ended list in a circle of slots. Its owner counts the
// items, n. Slots without an item are zero, so that they keep nothing alive.
type ring[T any] struct {
	slots []T // as many as a power of two, or none
	head  int // where the oldest item is, but for multiples of len(slots)
}

// shrunk returns how many of its slots a store of n items should keep: half of
// them if no more than a quarter is in use, and so on. Then the items that have
// left pay for the copying. A few slots are never given back.
func shrunk(slots, n int) int {
	const few = 256
	for slots > few && n <= slots/4 {
		slots /= 2
	}
	return slots
}

// slot returns the place of the i-th oldest item.
func (r *ring[T]) slot(i int) *T { return &r.slots[(r.head+i)&(len(r.slots)-1)] }

func (r *ring[T]) push(n int, item T) {
	if n == len(r.slots) {
		r.grow(n)
	}
	*r.slot(n) = item
}

// pop removes the oldest of n items, or the newest.
func (r *ring[T]) pop(n int, newest bool) (item T) {
	slot := r.slot(0)
	if newest {
		slot = r.slot(n - 1)
	} else {
		r.head++
	}
	item, *slot = *slot, item
	return item
}

func (r *ring[T]) grow(n int) { r.resize(n, max(16, 2*n)) }

func (r *ring[T]) shrink(n int) {
	if size := shrunk(len(r.slots), n); size < len(r.slots) {
		r.resize(n, size)
	}
}

func (r *ring[T]) resize(n, size int) {
	slots := make([]T, size)
	if n > 0 {
		head := r.head & (len(r.slots) - 1)
		k := copy(slots[:n], r.slots[head:])
		copy(slots[k:n], r.slots)
	}
	r.slots, r.head = slots, 0
}
