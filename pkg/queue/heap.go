package queue

import "slices"

// A heap has the least item by compare first, and of equal ones the oldest. It
// is 4-ary: the children of i are 4i+1 to 4i+4.
//
// All comparisons of a call come before its first change: where compare panics,
// the heap is as it was.
type heap[T any] struct {
	compare func(a, b T) int
	nodes   []node[T]
	pushed  uint64 // number of pushes so far
}

type node[T any] struct {
	item T
	age  uint64 // number of pushes before
}

func (h *heap[T]) less(a, b *node[T]) bool {
	c := h.compare(a.item, b.item)
	return c < 0 || c == 0 && a.age < b.age
}

func (h *heap[T]) push(item T) {
	// The new item takes the place of its highest ancestor that is greater, and
	// these move down by one. Equal ones are older.
	n := len(h.nodes)
	place := n
	for place > 0 && h.compare(item, h.nodes[(place-1)/4].item) < 0 {
		place = (place - 1) / 4
	}
	h.nodes = append(h.nodes, node[T]{})
	for i := n; i > place; i = (i - 1) / 4 {
		h.nodes[i] = h.nodes[(i-1)/4]
	}
	h.nodes[place] = node[T]{item, h.pushed}
	h.pushed++
}

func (h *heap[T]) pop() T {
	// The path leads from the root to a leaf, always to the least child. All on
	// it move up by one, down to the place of the last node, which has to go
	// elsewhere. That place is sought from below, where it mostly is.
	last := len(h.nodes) - 1
	var path [32]int // more than the levels that fit into memory
	depth := 0
	for {
		least := 4*path[depth] + 1
		if least >= last {
			break
		}
		for c := least + 1; c < min(4*path[depth]+5, last); c++ {
			if h.less(&h.nodes[c], &h.nodes[least]) {
				least = c
			}
		}
		depth++
		path[depth] = least
	}
	for depth > 0 && h.less(&h.nodes[last], &h.nodes[path[depth]]) {
		depth--
	}
	item := h.nodes[0].item
	for d := range depth {
		h.nodes[path[d]] = h.nodes[path[d+1]]
	}
	h.nodes[path[depth]] = h.nodes[last]
	h.nodes[last] = node[T]{}
	h.nodes = h.nodes[:last]
	return item
}

func (h *heap[T]) shrink() {
	if size := shrunk(cap(h.nodes), len(h.nodes)); size < cap(h.nodes) {
		h.nodes = append(make([]node[T], 0, size), h.nodes...)
	}
}

// sort stores the items in the order of pop.
func (h *heap[T]) sort(items []T) {
	nodes := slices.Clone(h.nodes)
	slices.SortFunc(nodes, func(a, b node[T]) int {
		if h.less(&a, &b) {
			return -1
		}
		return 1
	})
	for i := range nodes {
		items[i] = nodes[i].item
	}
}
