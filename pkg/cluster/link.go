package cluster

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What there is on a server. All of it is in the account of the credentials: others do
// not see it.
const (
	queueName      = "PARALLEL"          // the work queue
	programsName   = "parallel_programs" // executables, by their SHA-256
	dataName       = "parallel_data"     // what is too large for a message
	workSubject    = "parallel.work."    // platform.run.number: a part
	runSubject     = "parallel.run."     // run: what workers tell its caller
	stopSubject    = "parallel.stop."    // run: it is over
	crewSubject    = "parallel.crew"     // what workers tell of themselves
	whoSubject     = "parallel.who"      // asks them to do so now
	connectTime    = 4 * time.Second     // for a bad address to be an error
	requestTime    = 2 * time.Second     // for an answer, until it is asked for again
	reconnectEvery = 100 * time.Millisecond
)

// platform is what a program has to be made for to run here.
const platform = runtime.GOOS + "_" + runtime.GOARCH

// A link is a connection to a server, and what is there.
type link struct {
	config   *config
	shown    string // the address without a password
	nc       *nats.Conn
	js       jetstream.JetStream
	storage  jetstream.StorageType
	sending  sync.Mutex    // the program is
	age      time.Duration // of WithAge, as the server has it
	lease    time.Duration // of WithLease, too
	mu       sync.Mutex
	whole    context.Context    // ends when the connection breaks; what was asked on it is lost then
	broken   context.CancelFunc // ends it
	refusal  error              // what the server has said last that it does not allow
	queue    jetstream.Stream
	consumer jetstream.Consumer // the queue's end for this platform
	programs *bucket
	data     *bucket
}

// A bucket is an object store, and the stream in which the server keeps it.
type bucket struct {
	jetstream.ObjectStore
	name   string
	stream jetstream.Stream
}

// dial connects to a server, or to one of several, and makes there what is missing.
func dial(ctx context.Context, address string, storage jetstream.StorageType, c *config) (*link, error) {
	l := &link{config: c, storage: storage}
	l.whole, l.broken = context.WithCancel(context.Background())
	opts, err := l.options(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	if l.nc, err = nats.Connect(address, opts...); err != nil {
		return nil, l.explain(err)
	}
	if !l.nc.AuthRequired() {
		l.close()
		return nil, fmt.Errorf("cluster: %s lets in everybody, whatever the password, and workers run what they are sent; %s", l.shown, start)
	}
	if l.js, err = jetstream.New(l.nc, jetstream.WithDefaultTimeout(connectTime)); err == nil {
		_, err = l.js.AccountInfo(ctx)
	}
	if err == nil {
		err = l.setUp(ctx)
	}
	if err != nil {
		l.close()
		return nil, l.explain(err)
	}
	if err := l.agree(); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// start is how to start a server that will do.
const start = "start it with nats-server -c FILE, where FILE says: jetstream {}, and authorization {user: NAME, password: PASSWORD}"

// agree takes over what was chosen by whoever was the first at the server, and reports
// whether that is what this client was told.
func (l *link) agree() error {
	queue, c := l.queue.CachedInfo().Config, l.config
	l.lease = l.consumer.CachedInfo().Config.AckWait
	if l.age = queue.MaxAge; l.age <= 0 { // somebody has made it so since
		l.age = defaultAge
	}
	differs := func(option string, given, there any) error {
		return fmt.Errorf("cluster: %s(%v): %s has %v already, from whoever was its first client; give the same or leave the option away, or let the server begin anew while nobody uses it: nats stream rm %s; nats object rm %s; nats object rm %s", option, given, l.shown, there, queueName, programsName, dataName)
	}
	switch {
	case c.replicas > 0 && c.replicas != queue.Replicas:
		return differs("WithReplicas", c.replicas, queue.Replicas)
	case c.age > 0 && c.age != queue.MaxAge:
		return differs("WithAge", c.age, queue.MaxAge)
	case c.lease > 0 && c.lease != l.lease:
		return differs("WithLease", c.lease, l.lease)
	}
	return nil
}

// options checks an address, and returns how to connect to it.
func (l *link) options(address string) ([]nats.Option, error) {
	opts := []nats.Option{
		nats.Name("github.com/threads2go/course/pkg/cluster"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectEvery),
		nats.ReconnectJitter(reconnectEvery, reconnectEvery),
		nats.PingInterval(2 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.refusal = err
		}),
		nats.DisconnectErrHandler(func(*nats.Conn, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.broken()
			l.whole, l.broken = context.WithCancel(context.Background())
		}),
	}
	all := strings.Split(address, ",")
	opts = append(opts, nats.Timeout(connectTime/time.Duration(2*len(all))))
	secure, user := false, l.config.credentials != ""
	var shown []string
	for _, a := range all {
		a = strings.TrimSpace(a)
		u, err := url.Parse(a)
		if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			// The error of url.Parse would show a password.
			return nil, fmt.Errorf("cluster: %q is not an address of a server; give one like nats://user:password@host:4222, or tls://host:4222 with cluster.WithCredentials", hide(a))
		}
		shown = append(shown, u.Redacted())
		user = user || u.User.Username() != ""
		secure = secure || u.Scheme == "tls" || !loopback(u.Hostname())
	}
	l.shown = strings.Join(shown, ",")
	if !user {
		return nil, fmt.Errorf("cluster: no credentials for %s, and without any nobody is let in, because workers run what they are sent; put user:password into the address, or name a file with cluster.WithCredentials", l.shown)
	}
	if l.config.ca != "" {
		pem, err := os.ReadFile(l.config.ca)
		if err != nil {
			return nil, fmt.Errorf("cluster: the certificates of WithCA: %w", err)
		}
		if !x509.NewCertPool().AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("cluster: %s has no certificates; give a PEM file of those that sign the server's", l.config.ca)
		}
		opts = append(opts, nats.RootCAs(l.config.ca))
	} else if secure {
		opts = append(opts, nats.Secure())
	} else { // a server here may know of others elsewhere, and the password is not for the network
		opts = append(opts, nats.IgnoreDiscoveredServers())
	}
	if l.config.dialer != nil {
		opts = append(opts, nats.SetCustomDialer(l.config.dialer))
	}
	if file := l.config.credentials; file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("cluster: the credentials: %w", err)
		}
		if bytes.Contains(b, []byte("BEGIN NATS USER JWT")) {
			opts = append(opts, nats.UserCredentials(file))
		} else {
			seed, err := nats.NkeyOptionFromSeed(file)
			if err != nil {
				return nil, fmt.Errorf("cluster: %s has neither a user's JWT nor the seed of an nkey: %w", file, err)
			}
			opts = append(opts, seed)
		}
	}
	return opts, nil
}

// hide leaves of what may contain a password what comes after it.
func hide(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "…" + address[i:]
	}
	return address
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// explain says what an error means for the user, and what helps.
func (l *link) explain(err error) error {
	l.mu.Lock()
	refusal := l.refusal
	l.mu.Unlock()
	var invalid x509.CertificateInvalidError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var unreachable net.Error
	var api *jetstream.APIError
	say := func(remedy string) error { return fmt.Errorf("cluster: %s: %w; %s", l.shown, err, remedy) }
	switch {
	case errors.As(err, &invalid), errors.As(err, &authority), errors.As(err, &name):
		return say("renew the server's certificate, or name those who sign it with cluster.WithCA")
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired):
		return say("the server does not know these credentials; see the address, or the file of cluster.WithCredentials")
	case errors.Is(err, nats.ErrSecureConnWanted), errors.Is(err, nats.ErrSecureConnRequired):
		return say("beyond loopback the server must offer TLS; set tls in its configuration")
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return say("the server, or the account of the credentials, has no JetStream; put jetstream {} into the configuration of the server, or enable it for the account")
	case refusal != nil && errors.Is(refusal, nats.ErrPermissionViolation):
		return fmt.Errorf("cluster: %s: %w; give this user the subjects parallel.>, $JS.API.>, $JS.ACK.>, $O.> and _INBOX.>", l.shown, refusal)
	case errors.As(err, &api) && (api.ErrorCode == storageExceeded || api.ErrorCode == resourcesExceeded || api.ErrorCode == streamFull || api.ErrorCode == memoryExceeded):
		return say("its store is full, or too small; give it more with max_file_store, max_memory_store or the account's limits, or remove what others have left")
	case errors.Is(err, nats.ErrNoServers), errors.As(err, &unreachable), errors.Is(err, context.DeadlineExceeded):
		return say("is a server with JetStream running there? If not, " + start)
	}
	return fmt.Errorf("cluster: %s: %w", l.shown, err)
}

// The server's codes of errors that the client has no names for.
const (
	resourcesExceeded jetstream.ErrorCode = 10023
	memoryExceeded    jetstream.ErrorCode = 10028
	storageExceeded   jetstream.ErrorCode = 10047
	streamFull        jetstream.ErrorCode = 10077
)

// isFull reports whether an error says that a store has no room: it may have later.
func isFull(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == resourcesExceeded || api.ErrorCode == memoryExceeded || api.ErrorCode == storageExceeded || api.ErrorCode == streamFull)
}

// setUp makes what is missing on the server. What is there stays as it is.
func (l *link) setUp(ctx context.Context) error {
	c := l.config
	queue, err := l.js.Stream(ctx, queueName)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		queue, err = l.js.CreateStream(ctx, jetstream.StreamConfig{
			Name:        queueName,
			Description: "calls on their way to workers",
			Subjects:    []string{workSubject + ">"},
			Retention:   jetstream.WorkQueuePolicy,
			Discard:     jetstream.DiscardNew,
			MaxAge:      cmp.Or(c.age, defaultAge),
			Storage:     l.storage,
			Replicas:    max(c.replicas, 1),
			AllowDirect: true,
		})
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // by somebody else, just now
			queue, err = l.js.Stream(ctx, queueName)
		}
	}
	if err != nil {
		return err
	}
	consumer, err := queue.Consumer(ctx, platform)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		consumer, err = queue.CreateConsumer(ctx, jetstream.ConsumerConfig{
			Durable:       platform,
			FilterSubject: workSubject + platform + ".>",
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       cmp.Or(c.lease, defaultLease),
			MaxDeliver:    -1,
			MaxAckPending: -1,
			MaxWaiting:    1 << 14,
		})
		if errors.Is(err, jetstream.ErrConsumerExists) {
			consumer, err = queue.Consumer(ctx, platform)
		}
	}
	if err != nil {
		return err
	}
	programs, err := l.bucket(ctx, programsName, "executables, by their SHA-256")
	if err != nil {
		return err
	}
	data, err := l.bucket(ctx, dataName, "arguments and results that are too large for a message")
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue, l.consumer, l.programs, l.data = queue, consumer, programs, data
	return nil
}

func (l *link) bucket(ctx context.Context, name, description string) (*bucket, error) {
	b, err := l.js.ObjectStore(ctx, name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		b, err = l.js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: name, Description: description, TTL: cmp.Or(l.config.age, defaultAge), Storage: l.storage, Replicas: max(l.config.replicas, 1),
		})
		if errors.Is(err, jetstream.ErrBucketExists) {
			b, err = l.js.ObjectStore(ctx, name)
		}
	}
	if err != nil {
		return nil, err
	}
	stream, err := l.js.Stream(ctx, "OBJ_"+name)
	return &bucket{b, name, stream}, err
}

// stores returns what setUp has found or made.
func (l *link) stores() (queue jetstream.Stream, programs, data *bucket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queue, l.programs, l.data
}

// end returns the work queue's end for this platform.
func (l *link) end() jetstream.Consumer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.consumer
}

// insist makes a request, and makes it again while the server does not answer: one that was
// lost with a server would be waited for in vain. It gives up after the time of absence.
func (l *link) insist(ctx context.Context, request func(context.Context) error) error {
	for began := time.Now(); ; {
		try, cancel := context.WithTimeout(ctx, requestTime)
		err := request(try)
		cancel()
		if err == nil || ctx.Err() != nil || !isAway(err) || time.Since(began) > l.config.absence {
			return err
		}
		sleep(ctx, reconnectEvery)
	}
}

// get reads an object, a chunk with each request.
func (l *link) get(ctx context.Context, b *bucket, name string, w io.Writer) error {
	var info *jetstream.ObjectInfo
	err := l.insist(ctx, func(ctx context.Context) (err error) {
		info, err = b.GetInfo(ctx, name)
		return err
	})
	if err != nil {
		return err
	}
	h := sha256.New()
	both := io.MultiWriter(w, h)
	chunks := jetstream.WithGetMsgSubject("$O." + b.name + ".C." + info.NUID)
	for seq := uint64(1); info.Chunks > 0; info.Chunks-- {
		var m *jetstream.RawStreamMsg
		err := l.insist(ctx, func(ctx context.Context) (err error) {
			m, err = b.stream.GetMsg(ctx, seq, chunks)
			return err
		})
		if errors.Is(err, jetstream.ErrMsgNotFound) { // it has been deleted, or begins to age away
			err = jetstream.ErrObjectNotFound
		}
		if err == nil {
			_, err = both.Write(m.Data)
		}
		if err != nil {
			return err
		}
		seq = m.Sequence + 1
	}
	if jetstream.GetObjectDigestValue(h) != info.Digest {
		return jetstream.ErrDigestMismatch
	}
	return nil
}

// put stores an object. It tries again where acknowledgements do not come, because the
// connection has broken, the server is slow, or another one leads now. If ctx ends, what is
// stored already is removed: the client does that, but needs a context that has not ended,
// for a moment.
func (l *link) put(ctx context.Context, b *bucket, meta jetstream.ObjectMeta, size int, data func() (io.ReadCloser, error)) error {
	for began := time.Now(); ; {
		r, err := data()
		if err != nil {
			return err
		}
		l.mu.Lock()
		whole := l.whole
		l.mu.Unlock()
		enough, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTime+time.Duration(size/slowest)*time.Second)
		soon := func() { time.AfterFunc(requestTime, cancel) }
		ended, broke := context.AfterFunc(ctx, soon), context.AfterFunc(whole, soon)
		_, err = b.Put(enough, meta, untilEnd{ctx, r})
		ended()
		broke()
		cancel()
		r.Close()
		if err != nil && whole.Err() != nil {
			err = fmt.Errorf("%w: %w", nats.ErrDisconnected, err)
		}
		if err == nil || ctx.Err() != nil || !isAway(err) || time.Since(began) > l.config.absence {
			return err
		}
		sleep(ctx, reconnectEvery)
	}
}

// slowest is how many bytes a second get to a server at least.
const slowest = 256 << 10

// large reports whether so many bytes go through the store, not in a message.
func (l *link) large(size int) bool { return size > int(l.nc.MaxPayload())-maxHead }

// An untilEnd reads until its context ends.
type untilEnd struct {
	ctx context.Context
	r   io.Reader
}

func (u untilEnd) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// remove deletes an object of the bucket for data, and what the store would remember of it.
// It does not wait long: what it cannot remove is swept up later, or ages.
func (l *link) remove(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTime)
	defer cancel()
	_, _, data := l.stores()
	if data.Delete(ctx, name) == nil {
		data.stream.Purge(ctx, jetstream.WithPurgeSubject("$O."+dataName+".M."+base64.URLEncoding.EncodeToString([]byte(name))))
	}
}

// sweep removes what there is still of the objects of a run.
func (l *link) sweep(run string) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTime)
	defer cancel()
	_, _, data := l.stores()
	all, _ := data.List(ctx, jetstream.ListObjectsShowDeleted())
	for _, o := range all {
		if strings.HasPrefix(o.Name, run+".") {
			l.remove(o.Name)
		}
	}
}

func (l *link) close() { l.nc.Close() }

// closed is the error of a connection that the server has ended for good.
func (l *link) closed() error {
	return l.explain(cmp.Or(l.nc.LastError(), nats.ErrConnectionClosed))
}

// away is the error of a server that was not reached for so long.
func (l *link) away(d time.Duration) error {
	return fmt.Errorf("cluster: %s: the server was not reached for %v (%w); is it running, and is there a way to it?", l.shown, d.Round(time.Second), cmp.Or(l.nc.LastError(), nats.ErrDisconnected))
}
