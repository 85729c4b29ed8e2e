package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The test program is also the command.
func TestMain(m *testing.M) {
	if os.Getenv("CLUSTER_TEST_WORKER") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// What is given as a flag gets to its option, which says so if it cannot be.
func TestFlags(t *testing.T) {
	for _, c := range []struct{ flag, want string }{
		{"-replicas=2", "WithReplicas(2)"},
		{"-replicas=0", "WithReplicas(0)"},
		{"-age=1ms", "WithAge(1ms)"},
		{"-lease=1ms", "WithLease(1ms)"},
		{"-slots=-1", "-1 slots"},
		{"-ca=/not/there", "open /not/there"},
		{"-credentials=/not/there", "open /not/there"},
		{"-name=any", "is a server with JetStream running there?"},
	} {
		cmd := exec.Command(os.Args[0], "-server", "nats://u:p@127.0.0.1:1", c.flag)
		cmd.Env = append(os.Environ(), "CLUSTER_TEST_WORKER=1")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v, %s\nwant %q in it", c.flag, err, out, c.want)
		}
	}
}
