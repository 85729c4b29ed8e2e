package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
)

// A program is one in Python that answers requests, lines of JSON on its standard
// input, with lines of JSON: {"seconds": …} or {"error": …}. It starts with the
// first request and ends with the bench, whose end closes its input.
type program struct {
	source string
	python string // the Python that runs it, if not python3 of PATH

	once sync.Once
	err  error
	in   *json.Encoder
	out  *bufio.Scanner
}

// seconds returns how long what the request asks for has taken.
func (p *program) seconds(request map[string]any) (float64, error) {
	p.once.Do(func() { p.err = p.start() })
	if p.err != nil {
		return 0, p.err
	}
	gone := errors.New("the program in Python is gone; call make bench, which has what it needs")
	if err := p.in.Encode(request); err != nil {
		return 0, errors.Join(gone, err)
	}
	if !p.out.Scan() {
		return 0, errors.Join(gone, p.out.Err())
	}
	var answer struct {
		Seconds float64
		Error   string
	}
	if err := json.Unmarshal(p.out.Bytes(), &answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, errors.New(answer.Error)
	}
	return answer.Seconds, nil
}

func (p *program) start() error {
	cmd := exec.Command(cmp.Or(p.python, "python3"), "-c", p.source)
	cmd.Env = forNumpy(os.Environ())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.in, p.out = json.NewEncoder(in), bufio.NewScanner(io.Reader(out))
	return nil
}
