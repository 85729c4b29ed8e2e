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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := cluster.Work(ctx, *server, *slots, opts...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
