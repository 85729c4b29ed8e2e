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
		r.grow(n, n+1)
	}
	*r.slot(n) = item
}

func (r *ring[T]) pushAll(n int, items []T) {
	if n+len(items) > len(r.slots) {
		r.grow(n, n+len(items))
	}
	if len(items) > 0 {
		k := copy(r.slots[(r.head+n)&(len(r.slots)-1):], items)
		copy(r.slots, items[k:])
	}
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

// popOldest removes the len(dst) oldest items.
func (r *ring[T]) popOldest(dst []T) {
	for len(dst) > 0 { // once or twice
		head := r.head & (len(r.slots) - 1)
		k := copy(dst, r.slots[head:])
		clear(r.slots[head : head+k])
		r.head += k
		dst = dst[k:]
	}
}

// grow makes room for n items to become more.
func (r *ring[T]) grow(n, more int) {
	size := max(16, len(r.slots))
	for size < more {
		size *= 2
	}
	r.resize(n, size)
}

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
