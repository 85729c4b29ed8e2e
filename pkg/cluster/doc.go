// Package cluster is a backend of package parallel for more than one machine: the same
// functions, called the same way, run on the workers of a NATS server with JetStream.
//
//	c, err := cluster.New(4)                            // a server and a worker of this machine
//	c, err := cluster.Dial("tls://nats.example.org:4222", // or those of others
//		cluster.WithCredentials("me.creds"))
//	defer c.Close()
//
//	ctx = parallel.WithBackend(ctx, c)
//	roots, err := parallel.Run(ctx, p, root.Delayed(10, 9, 8))
//
// On each machine that is to help:
//
//	go install github.com/threads2go/course/pkg/cluster/worker@latest
//	worker -server tls://nats.example.org:4222 -credentials worker.creds
//
// # When to use something else
//
// One machine has no use for a network: [parallel.Processes] and package pool do the same
// at a fraction of the cost. A cluster pays where the work is much larger than what
// travels: each batch costs some 0.5 ms of a core, of caller, server and worker together,
// and its arguments and results go through the server. Data that is large already is better read by the workers, from files
// or a store that they share.
//
// # What travels
//
// The program does: the caller's own executable goes into the server's object store, once,
// under its SHA-256. A worker that has never seen it fetches it, verifies it, and starts
// it as a process that serves one function, just as the process backend starts it here: all
// that package parallel says under "Processes" holds, also in the cell of a notebook. Two
// versions of a function are two programs, and do not meet. Workers keep the last
// four. The program should be static (CGO_ENABLED=0, or -tags netgo,osusergo without other
// C), and is for one system and architecture: workers of others get nothing of it, and if
// there are no more, calls fail with an error that says so. Its arguments, os.Args, go to
// every worker as well, where all users of the machine can read them: a secret is better
// not among them.
//
// A process has a new folder, in which it works, as TMPDIR; GOMAXPROCS, a share of the
// machine; what [WithEnv] names; and nothing else of the worker: no environment, no
// credentials, no connection. The limits of parallel hold there: WithTimeout,
// WithMemoryLimit and WithCPUs, on Linux. What it prints comes out where its worker runs.
//
// Arguments and results that do not fit in a message of the server (1 MB if it is not
// configured otherwise) go through the object store, up to 256 MiB.
//
// # Jobs, batches, windows
//
// The jobs of a Parallel say how many calls run at once, of all workers: give the number
// that [Cluster.Slots] returns to use them all. So many batches are under way; if there
// are not more slots than jobs, one more for each slot waits in the queue, so that no slot
// waits for the network. A batch takes about 10 ms, or 20 times the way to the server and
// back. Streams take no more than their window.
//
// # What is lost, and what happens then
//
// A call's result counts once, whatever fails. Calls may be made more than once, and
// should not mind.
//
//   - The process of a call ends: as with the process backend, that call loses a try of
//     parallel.WithRetries, goes by itself from then on, and the error is a [*LostError] with
//     how the last process ended.
//   - A worker dies, hangs, or is stopped: nothing is heard of it for the time of
//     [WithLease], 3 s, and what it had goes to others, in smaller batches, so that a
//     call that takes workers with it is soon alone. After [WithLosses], 5, it fails, with
//     a [*LostError] that says so. If the worker comes back, its late answer is dropped.
//   - A worker is ended in peace, with a signal or docker stop: it gives back what it has not
//     finished, which goes to others at once, and is a loss like that above.
//   - The server restarts, or another one leads: all sides connect again, and go on. Parts
//     that the queue has lost are sent again, and so is a program that was removed by age. If
//     the server is away for more than 30 s, that is an error.
//   - The store is full: the next parts wait until there is room. If no worker has anything
//     of the run for 4 s, or a result finds no room for 30 s, that is an error.
//   - There is no worker: after 4 s at the beginning of a run, and after 30 s later, that
//     is an error.
//   - The run fails, or its context ends: workers hear of it at once, and end processes
//     that have not heeded it a second later. The run waits for that.
//   - The caller is killed: workers give up after 30 s, and what is left on the server is
//     removed after the time of [WithAge], an hour.
//
// Observers of parallel, a timeline for example, see the batches of each slot, on this
// machine's clock, and with an error those that were lost: so retries are counted. The
// server's own numbers are what its [monitoring] is for: nats-server -m 8222, or the nats
// command with report.
//
// # On the server
//
// A user's account has, made by whoever comes first, caller or worker, as its options
// WithReplicas, WithAge and WithLease say (the worker's flags -replicas, -age and -lease):
//
//	PARALLEL            a stream, the work queue. parallel.work.PLATFORM.RUN.NUMBER is a
//	                    part of a run, and is removed when it is acknowledged
//	parallel_programs   a bucket of executables, by SHA-256
//	parallel_data       a bucket of arguments and results too large for a message
//	parallel.run.RUN    what workers tell the caller of a run: that they work, and results.
//	                    They ask until they get an answer, and then acknowledge the part
//	parallel.stop.RUN   a run is over
//	parallel.crew       workers tell of themselves, each second
//
// A run removes all that is its own when it ends. All else is removed by age, or with:
// nats stream rm PARALLEL; nats object rm parallel_programs; nats object rm parallel_data.
//
// # Security
//
// A worker runs what it is sent. Whoever has credentials for the cluster's account can run
// any program on every worker, with the rights of the worker's user: read what that may
// read, use its network and its processors, and leave things behind. So:
//
//   - There are always credentials: a file of a user or an nkey, or a password. A server that
//     asks for none is not used. That of New listens on loopback alone, and has a random
//     password.
//   - Beyond loopback there is always TLS, and the server's certificate is verified.
//   - Who should not run programs on each other's workers gets an account of his own,
//     with workers of its own: two classes on one server do not see each other.
//   - A worker belongs into a container without privileges, or is at least a user of its
//     own. The program needs nothing but a folder that it can write to and start programs
//     from:
//
// A Dockerfile, beside a worker that was built with CGO_ENABLED=0, and how it is started:
//
//	FROM scratch
//	COPY worker /worker
//	COPY ca.pem worker.creds /
//	USER 65534:65534
//	ENTRYPOINT ["/worker", "-ca", "/ca.pem", "-credentials", "/worker.creds"]
//
//	docker run --read-only --tmpfs /tmp:exec,mode=1777 --cap-drop ALL \
//		--security-opt no-new-privileges --pids-limit 200 --memory 4g --cpus 2 \
//		worker -server tls://nats.example.org:4222
//
// The address of New's server has its password. Give it to a worker in the environment,
// as CLUSTER_SERVER, not as an argument, which every user of the machine can read.
//
// # From Dask
//
//	client = Client("tcp://…")             c, err := Dial("tls://…")
//	client = Client()                      c, err := New(slots): one machine
//	dask worker tcp://…                    worker -server tls://…
//	client.map(f, xs), gather              parallel.Run
//	as_completed                           parallel.StreamUnordered
//	client.submit(f, x)                    parallel.Run of one call
//	retries=3                              parallel.WithRetries(3); lost workers: WithLosses
//	client.upload_file("f.py")             nothing: the program travels
//	client.scatter                         none: let workers read what is large
//	worker memory limit                    parallel.WithMemoryLimit
//	dashboard                              a timeline, and the server's monitoring
//	Security(…) for TLS, optional          always, beyond loopback
//
// [monitoring]: https://docs.nats.io/running-a-nats-service/nats_admin/monitoring
package cluster
