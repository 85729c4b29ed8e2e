// Package cluster is a backend of package parallel on NATS JetStream.
package cluster
