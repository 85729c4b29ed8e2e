package pool

const (
	MaxChunk = maxChunk
	AskEvery = askEvery
)

// Slots returns how many slots are taken and how many calls wait for one.
func (p *Pool) Slots() (busy, waiting int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := p.queue.first; c != nil; c = c.links.after {
		waiting++
	}
	return p.busy, waiting
}
