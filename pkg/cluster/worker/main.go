// Command worker makes calls for package cluster on this machine:
//
//	go install github.com/threads2go/course/pkg/cluster/worker@latest
//	worker -server tls://nats.example.org:4222 -credentials worker.creds
//
// It runs what those who have credentials for the cluster send: give it a user, or a
// container, of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/threads2go/course/pkg/cluster"
)

func main() {
	server := flag.String("server", "", "`address` of the NATS servers, as nats://user:password@host:port or tls://host:port; without it, CLUSTER_SERVER of the environment")
	credentials := flag.String("credentials", "", "`file` of a user's credentials, or the seed of an nkey")
	ca := flag.String("ca", "", "`file` of the authorities that the server's certificate may be from")
	slots := flag.Int("slots", runtime.GOMAXPROCS(0), "calls to make at once")
	folder := flag.String("folder", "", "`folder` for programs and their work; without it a new one, removed at the end")
	name := flag.String("name", "", "what errors call this worker; without it, the machine and the process")
	replicas := flag.Int("replicas", 0, "`servers` that keep what is under way, 1, 3 or 5; like age and lease, the first client of a server chooses for all, and without it that is 1")
	age := flag.Duration("age", 0, "until the server removes what a caller that was killed has left; without it, 1h")
	lease := flag.Duration("lease", 0, "until a worker that is not heard of is taken for lost; without it, 3s")
	flag.Parse()
	if *server == "" {
		*server = os.Getenv("CLUSTER_SERVER") // so that no password is in the list of processes
	}
	var opts []cluster.Option
	for value, option := range map[*string]func(string) cluster.Option{
		credentials: cluster.WithCredentials, ca: cluster.WithCA, folder: cluster.WithFolder, name: cluster.WithName,
	} {
		if *value != "" {
			opts = append(opts, option(*value))
		}
	}
	flag.Visit(func(f *flag.Flag) { // what is given, even if it cannot be
		switch f.Name {
		case "replicas":
			opts = append(opts, cluster.WithReplicas(*replicas))
		case "age":
			opts = append(opts, cluster.WithAge(*age))
		case "lease":
			opts = append(opts, cluster.WithLease(*lease))
		}
	})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := cluster.Work(ctx, *server, *slots, opts...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
