package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

//go:embed kernel.py
var kernelProgram string

// kernelRow compares how long a cell takes, from sending it to its last output, on the
// course's kernel and on GoNB as it installs itself. Every round is another program, as
// those of a reader are. The goal is what was found when the kernel's settings were chosen,
// 0.15 to 0.20 s against 0.30 s, and a fifth more.
func kernelRow() Row {
	k := &kernels{}
	cell := func(kernel string) Contender {
		return Contender{kernel + " kernel", func() (float64, error) {
			seconds, err := k.run(kernel, fmt.Sprintf("import \"fmt\"\n\n%%%%\nfmt.Println(\"hello\", %d)", k.next()))
			return 1000 * seconds, err
		}}
	}
	return Row{Name: "cell, hello", Unit: "ms", Goal: 0.7, Ours: cell("course"), Peers: []Contender{cell("default")}}
}

// kernels are the two kernels, behind a Python program that speaks Jupyter's protocol. They
// start with the first cell and end with the bench, whose end closes the program's input.
type kernels struct {
	once sync.Once
	err  error
	in   *json.Encoder
	out  *bufio.Scanner
	n    int
}

// next returns another number each time.
func (k *kernels) next() int {
	k.n++
	return k.n
}

func (k *kernels) run(kernel, source string) (seconds float64, err error) {
	k.once.Do(func() { k.err = k.start() })
	if k.err != nil {
		return 0, k.err
	}
	if err := k.in.Encode(map[string]string{"kernel": kernel, "cell": source}); err != nil {
		return 0, err
	}
	if !k.out.Scan() {
		return 0, errors.Join(errors.New("the kernels are gone; call make bench, which has what they need"), k.out.Err())
	}
	var answer struct {
		Seconds float64
		Error   string
	}
	if err := json.Unmarshal(k.out.Bytes(), &answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, errors.New(answer.Error)
	}
	return answer.Seconds, nil
}

func (k *kernels) start() error {
	cmd := exec.Command("python3", "-c", kernelProgram)
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
	k.in, k.out = json.NewEncoder(in), bufio.NewScanner(io.Reader(out))
	return nil
}
