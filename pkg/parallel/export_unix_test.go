//go:build unix

package parallel

// SetProgram has this process take itself for another program.
func SetProgram(s string) (restore func()) {
	old := program
	program = s
	return func() { program = old }
}

// Pids returns the process ids of the workers that p has now.
func (p *Parallel) Pids() (pids []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w, ok := p.opened[Processes].(*processWorkers); ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, s := range w.slots {
			for _, c := range s.children {
				pids = append(pids, c.proc.Pid)
			}
		}
	}
	return pids
}
