package cluster

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// Messages of the server here are at most so large: NATS advises not to go beyond.
	maxPayload = 8 << 20

	// The server here is ready, or gone, within this time.
	serverTime = 5 * time.Second
)

// A localServer is a NATS server in this process, for this machine alone: it listens on
// a port of loopback that the system chooses, and lets in who has the password.
type localServer struct {
	s        *server.Server
	scratch  *scratch
	password string
}

func startServer(c *config) (_ *localServer, err error) {
	l := &localServer{password: rand.Text()}
	if l.scratch, err = newScratch(); err != nil {
		return nil, err
	}
	l.s, err = server.NewServer(&server.Options{
		Host:               "127.0.0.1",
		Port:               server.RANDOM_PORT,
		Username:           localUser,
		Password:           l.password,
		JetStream:          true,
		JetStreamMaxMemory: c.store,
		StoreDir:           l.scratch.path,
		MaxPayload:         c.payload,
		NoLog:              true,
		NoSigs:             true,
	})
	if err != nil {
		l.scratch.remove()
		return nil, fmt.Errorf("cluster: the server: %w", err)
	}
	l.s.Start()
	if !l.s.ReadyForConnections(serverTime) {
		l.stop()
		return nil, errors.New("cluster: the server on 127.0.0.1 is not ready; is the machine out of memory or ports?")
	}
	return l, nil
}

const localUser = "cluster"

// address is what a client needs to get in.
func (l *localServer) address() string {
	return fmt.Sprintf("nats://%s:%s@%s", localUser, l.password, l.s.Addr())
}

func (l *localServer) stop() error {
	l.s.Shutdown()
	l.s.WaitForShutdown()
	return l.scratch.remove()
}
