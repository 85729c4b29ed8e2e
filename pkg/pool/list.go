package pool

// A list is linked through its elements: nothing is allocated.
type list[E any, P element[E]] struct{ first, last P }

type links[E any] struct{ before, after *E }

type element[E any] interface {
	*E
	at() *links[E]
}

func (l *list[E, P]) pushBack(e P) {
	*e.at() = links[E]{before: l.last}
	if l.last == nil {
		l.first = e
	} else {
		l.last.at().after = e
	}
	l.last = e
}

func (l *list[E, P]) pushFront(e P) {
	*e.at() = links[E]{after: l.first}
	if l.first == nil {
		l.last = e
	} else {
		l.first.at().before = e
	}
	l.first = e
}

func (l *list[E, P]) remove(e P) {
	before, after := P(e.at().before), P(e.at().after)
	if before == nil {
		l.first = after
	} else {
		before.at().after = after
	}
	if after == nil {
		l.last = before
	} else {
		after.at().before = before
	}
	*e.at() = links[E]{}
}
