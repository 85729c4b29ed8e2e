// Package cluster is a backend of package parallel on NATS JetStream.
package cluster

import _ "github.com/nats-io/nats.go/jetstream"
