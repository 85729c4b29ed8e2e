// Command bench compares the packages of this course with their peers and
// prints, for each row, the ratio of our cost to the best peer's:
//
//	go run . [-json file] [-run pattern] [-short]
//
// It is a module of its own, so that users of the packages never get the peers.
//
// A row measures ours and all its peers in rounds, one after the other in
// alternating order, after a round that does not count. The peer with the
// lowest median is the one that ours is compared with. Ratios are taken within
// rounds, where both sides met the same weather; the ratio shown is their
// median, and the interval around it has the true median inside in at least 95
// of 100 runs. A row with a goal is decided by the interval: yes if all of it
// meets the goal, no if none of it does, and undecided else.
//
// Absolute times of a shared machine mean little; ratios of one run do.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], rows, os.Stdout, os.Stderr))
}

// rows are all comparisons. To add one, append it here.
func rows(short bool) []Row {
	workers := runtime.GOMAXPROCS(0)
	return slices.Concat(
		poolRows(workers, short),
		parallelRows(short),
		clusterRows(short),
		lockRows(short),
		queueRows(short),
		threadRows(short),
		timelineRows(short),
		montecarloRows(workers, short),
		bootstrapRows(workers, short),
		kernelRows(),
	)
}

// run is main without its side effects. It returns the exit status: 1 if a row
// could not be measured or the file not be written, 2 for a wrong call. Verdicts
// do not change it.
func run(args []string, rows func(short bool) []Row, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("json", "", "also write the results to `file`")
	pattern := flags.String("run", "", "measure only rows whose name matches this regular `expression`")
	short := flags.Bool("short", false, "fewer and shorter rounds: quick, and more often undecided")
	first := flags.Bool("first", false, "print what the first run on a cluster takes in this process, in ms, and end; for the row that measures it")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *first {
		ms, err := oneCall(false)
		if err != nil {
			fmt.Fprintf(stderr, "bench: -first: %v\n", err)
			return 1
		}
		fmt.Fprintln(stdout, ms)
		return 0
	}
	match, err := regexp.Compile(*pattern)
	if err != nil {
		fmt.Fprintf(stderr, "bench: -run: %v\n", err)
		return 2
	}
	var chosen []Row
	all := rows(*short)
	for _, r := range all {
		if match.MatchString(r.Name) {
			chosen = append(chosen, r)
		}
	}
	if len(chosen) == 0 {
		fmt.Fprintf(stderr, "bench: no row matches -run %q; the rows are:\n", *pattern)
		for _, r := range all {
			fmt.Fprintf(stderr, "  %s\n", r.Name)
		}
		return 2
	}

	begin := time.Now()
	machine := machine(begin)
	fmt.Fprintln(stdout, machine)
	fmt.Fprintln(stdout, header)
	status := 0
	var results []Result
	for _, r := range chosen {
		result := r.measure(*short)
		result.Machine = machine
		results = append(results, result)
		fmt.Fprintln(stdout, result)
		if result.Error != "" {
			status = 1
		}
		// After each row, so that an interrupted run keeps what it has.
		if *file != "" {
			if err := writeJSON(*file, results); err != nil {
				fmt.Fprintf(stderr, "bench: -json: %v\n", err)
				return 1
			}
		}
	}
	fmt.Fprintf(stdout, "%d rows in %v\n", len(results), time.Since(begin).Round(time.Second))
	return status
}
