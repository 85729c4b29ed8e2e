package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/threads2go/course/pkg/parallel"
)

// Who gets in, and what those are told who do not.

// here starts a server in this process.
func here(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.Port, o.NoLog, o.NoSigs = "127.0.0.1", server.RANDOM_PORT, true, true
	if o.JetStream {
		o.StoreDir = t.TempDir()
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready")
	}
	return s
}

// certificate makes a certificate of its own authority, and writes it to a file.
func certificate(t *testing.T, host string, expires time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: expires.Add(-24 * time.Hour), NotAfter: expires,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// soon is 5 seconds, and more where a machine has other things to do.
var soon = func() time.Duration {
	if soak {
		return 5 * time.Second
	}
	return 30 * time.Second
}()

// turnedAway checks that nobody gets in, soon, and is told why. The address's password is
// not in the error.
func turnedAway(t *testing.T, address string, want []string, opts ...Option) {
	t.Helper()
	var both sync.WaitGroup
	defer both.Wait()
	for what, f := range map[string]func() error{
		"Dial": func() error {
			c, err := Dial(address, opts...)
			if err == nil {
				c.Close()
			}
			return err
		},
		"Work": func() error {
			ctx, cancel := contextWithin(10 * time.Second)
			defer cancel()
			return Work(ctx, address, 1, opts...)
		},
	} {
		both.Go(func() {
			begin := time.Now()
			err := f()
			if took := time.Since(begin); took > soon {
				t.Errorf("%s: after %v: %v", what, took, err)
			}
			for _, w := range append([]string{"cluster: "}, want...) {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("%s: %v\nwant %q in it", what, err, w)
				}
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%s shows the password: %v", what, err)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	free := ports(t, 1)[0]
	for address, want := range map[string][]string{
		"":                                {`"" is not an address`, "nats://user:password@host:4222"},
		"127.0.0.1:4222":                  {`"127.0.0.1:4222" is not an address`},
		"http://u:secret@127.0.0.1":       {`"…@127.0.0.1" is not an address`},
		"nats://u:secret%zz@127.0.0.1":    {"is not an address"},
		"nats://127.0.0.1:4222":           {"no credentials for nats://127.0.0.1:4222", "cluster.WithCredentials"},
		"nats://example.org,tls://[::1]:": {"no credentials for nats://example.org,tls://[::1]:"},
		fmt.Sprintf("nats://u:secret@127.0.0.1:%d", free): {fmt.Sprintf("nats://u:xxxxx@127.0.0.1:%d", free), "is a server with JetStream running there?"},
	} {
		turnedAway(t, address, want)
	}
}

// A server that takes connections and says nothing.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	turnedAway(t, "nats://u:secret@"+l.Addr().String(), []string{"is a server with JetStream running there?"})
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Option{
		`WithCredentials("")`:      WithCredentials(""),
		`WithCA("")`:               WithCA(""),
		"WithReplicas(2)":          WithReplicas(2),
		"WithLease(1ms)":           WithLease(time.Millisecond),
		"WithAge(1ms)":             WithAge(time.Millisecond),
		"WithLosses(0)":            WithLosses(0),
		"WithStore(0)":             WithStore(0),
		`WithEnv("NAME")`:          WithEnv("A=b", "NAME"),
		`WithFolder("")`:           WithFolder(""),
		`WithName("")`:             WithName(""),
		"no such file":             WithCredentials("/not/there"),
		"WithCA: open /not/there":  WithCA("/not/there"),
		"has no certificates":      WithCA(os.Args[0]),
		"neither a user's JWT nor": WithCredentials("access_test.go"),
	} {
		turnedAway(t, "nats://u:secret@127.0.0.1:1", []string{want}, o)
	}
	for _, slots := range []int{0, -1} {
		if c, err := New(slots); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("New(%d)", slots)) {
			t.Errorf("%v, %v", c, err)
		}
		if err := Work(bg, "nats://u:p@127.0.0.1:1", slots); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d slots", slots)) {
			t.Error(err)
		}
	}
}

func TestPasswords(t *testing.T) {
	c := local(t, 1)
	host := c.Address()[strings.LastIndexByte(c.Address(), '@')+1:]
	if nc, err := nats.Connect("nats://" + host); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("the server of New lets in who has no password: %v, %v", nc, err)
	}
	turnedAway(t, "nats://cluster:secret@"+host, []string{"does not know these credentials", "nats://cluster:xxxxx@" + host})
	turnedAway(t, "nats://nobody:secret@"+host, []string{"does not know these credentials"})
	if other := local(t, 1); other.Address() == c.Address() || strings.Split(other.Address(), "@")[0] == strings.Split(c.Address(), "@")[0] {
		t.Error("two clusters have one password")
	}
	if ip, _, err := net.SplitHostPort(host); err != nil || ip != "127.0.0.1" {
		t.Errorf("the server of New listens on %s", host)
	}
}

// A key instead of a password.
func TestKeys(t *testing.T) {
	t.Parallel()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	s := here(t, &server.Options{JetStream: true, Nkeys: []*server.NkeyUser{{Nkey: public}}})
	file := filepath.Join(t.TempDir(), "user.nk")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	c := dialed(t, "nats://"+s.Addr().String(), WithCredentials(file))
	if _, err := c.link.js.AccountInfo(bg); err != nil {
		t.Error(err)
	}
	turnedAway(t, "nats://u:secret@"+s.Addr().String(), []string{"does not know these credentials"})
}

// Beyond loopback nobody speaks without TLS, with a certificate that is right.
func TestTLS(t *testing.T) {
	t.Parallel()
	const host = "nats.example.org"
	users := []*server.User{{Username: "u", Password: "secret"}}
	to := func(s *server.Server) Option {
		return func(c *config) { c.dialer = dialer(s.Addr().String()) }
	}
	plain := here(t, &server.Options{JetStream: true, Users: users})
	for _, scheme := range []string{"nats", "tls"} {
		turnedAway(t, scheme+"://u:secret@"+host+":4222", []string{"must offer TLS"}, to(plain))
	}
	with := func(expires time.Time) (*server.Server, string) {
		cert, ca := certificate(t, host, expires)
		return here(t, &server.Options{JetStream: true, Users: users, TLS: true, TLSTimeout: 5, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}}), ca
	}
	good, ca := with(time.Now().Add(time.Hour))
	c := dialed(t, "nats://u:secret@"+host+":4222", WithCA(ca), to(good))
	if state, err := c.link.nc.TLSConnectionState(); err != nil || !state.HandshakeComplete {
		t.Errorf("%+v, %v", state, err)
	}
	turnedAway(t, "nats://u:secret@"+host+":4222", []string{"renew the server's certificate, or name those who sign it", "unknown authority"}, to(good))
	turnedAway(t, "nats://u:secret@other.example.org:4222", []string{"renew the server's certificate", "other.example.org"}, WithCA(ca), to(good))
	old, ca := with(time.Now().Add(-time.Hour))
	turnedAway(t, "nats://u:secret@"+host+":4222", []string{"renew the server's certificate", "expired"}, WithCA(ca), to(old))
}

// dialer connects to one address, whatever it is asked for.
type dialer string

func (d dialer) Dial(network, _ string) (net.Conn, error) { return net.Dial(network, string(d)) }

func TestServersThatWillNotDo(t *testing.T) {
	t.Parallel()
	users := []*server.User{{Username: "u", Password: "secret"}}
	turnedAway(t, "nats://u:secret@"+here(t, &server.Options{Users: users}).Addr().String(), []string{"has no JetStream", "jetstream {}"})

	turnedAway(t, "nats://u:secret@"+here(t, &server.Options{JetStream: true}).Addr().String(), []string{"lets in everybody", "authorization {user: NAME, password: PASSWORD}"})

	few := []*server.User{{Username: "u", Password: "secret", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"parallel.>"}}}}}
	turnedAway(t, "nats://u:secret@"+here(t, &server.Options{JetStream: true, Users: few}).Addr().String(), []string{"ermissions", "$JS.API.>"})

	s := here(t, &server.Options{JetStream: true, Users: users, JetStreamMaxStore: 1 << 20})
	address := "nats://u:secret@" + s.Addr().String()
	ctx, cancel := contextWithin(time.Minute)
	worker := make(chan error)
	go func() { worker <- Work(ctx, address, 1) }()
	c := dialed(t, address)
	begin := time.Now()
	_, err := parallel.Run(on(c), jobs(t, 1), square.Delayed(1))
	if took := time.Since(begin); err == nil || !strings.Contains(err.Error(), "its store is full, or too small") || !strings.Contains(err.Error(), "this program, of ") || took > soon {
		t.Errorf("after %v: %v", took, err)
	}
	eventually(t, 5*time.Second, func() error {
		s, err := c.link.js.Stream(bg, "OBJ_"+programsName)
		if err == nil && s.CachedInfo().State.Msgs > 0 {
			err = fmt.Errorf("half a program is left: %d messages", s.CachedInfo().State.Msgs)
		}
		return err
	})
	cancel()
	if err := <-worker; err != nil {
		t.Error(err)
	}
}

// What the first client of a server has chosen counts for all; to ask for something else
// is an error.
func TestChoices(t *testing.T) {
	t.Parallel()
	s := here(t, &server.Options{JetStream: true, Users: []*server.User{{Username: "u", Password: "secret"}}})
	address := "nats://u:secret@" + s.Addr().String()
	dialed(t, address, WithLease(time.Second), WithAge(time.Minute), WithReplicas(1))
	for _, c := range []struct {
		want string
		o    Option
	}{
		{"WithLease(2s): nats://u:xxxxx@" + s.Addr().String() + " has 1s already", WithLease(2 * time.Second)},
		{"WithAge(1h0m0s): nats://u:xxxxx@" + s.Addr().String() + " has 1m0s already", WithAge(time.Hour)},
		{"WithReplicas(3): nats://u:xxxxx@" + s.Addr().String() + " has 1 already", WithReplicas(3)},
	} {
		turnedAway(t, address, []string{c.want, "leave the option away", "nats stream rm PARALLEL"}, c.o)
	}
	for _, opts := range [][]Option{nil, {WithLease(time.Second), WithAge(time.Minute), WithReplicas(1)}} {
		if c := dialed(t, address, opts...); c.link.lease != time.Second || c.link.age != time.Minute {
			t.Errorf("the client goes by %v and %v", c.link.lease, c.link.age)
		}
	}
}

// Another server, of which the one here tells, is not sent the password without TLS.
func TestServersElsewhere(t *testing.T) {
	t.Parallel()
	users := []*server.User{{Username: "u", Password: "secret"}}
	cluster := server.ClusterOpts{Name: "tests", Host: "127.0.0.1", Port: server.RANDOM_PORT}
	s := here(t, &server.Options{Users: users, Cluster: cluster})
	here(t, &server.Options{
		Users: users, Cluster: cluster, ClientAdvertise: "nats.example.org:4222",
		Routes: server.RoutesFromStr("nats://" + s.ClusterAddr().String()),
	})
	address := "nats://u:secret@" + s.Addr().String()
	discovered := func(opts ...nats.Option) []string {
		t.Helper()
		nc, err := nats.Connect(address, opts...)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		return nc.DiscoveredServers()
	}
	eventually(t, 10*time.Second, func() error {
		if !slices.Contains(discovered(), "nats://nats.example.org:4222") {
			return fmt.Errorf("the server tells of %v", discovered())
		}
		return nil
	})
	l := &link{config: &config{}, broken: func() {}}
	opts, err := l.options(address)
	if err != nil {
		t.Fatal(err)
	}
	if others := discovered(opts...); len(others) > 0 {
		t.Errorf("the client would connect to %v", others)
	}
}

// Classes that share a server have an account each, and do not see each other.
func TestAccounts(t *testing.T) {
	t.Parallel()
	a, b := server.NewAccount("A"), server.NewAccount("B")
	s := here(t, &server.Options{JetStream: true, Accounts: []*server.Account{a, b}, Users: []*server.User{
		{Username: "a", Password: "secret", Account: a}, {Username: "b", Password: "secret", Account: b},
	}})
	for _, name := range []string{"A", "B"} {
		account, err := s.LookupAccount(name)
		if err == nil {
			err = account.EnableJetStream(nil, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	address := func(user string) string { return fmt.Sprintf("nats://%s:secret@%s", user, s.Addr()) }
	ctx, cancel := contextWithin(time.Minute)
	worker := make(chan error)
	go func() { worker <- Work(ctx, address("a"), 1, WithName("of A")) }()
	inA, inB := dialed(t, address("a")), dialed(t, address("b"))
	if out, err := parallel.Run(on(inA), jobs(t, 1), square.Delayed(3)); err != nil || out[0] != 9 {
		t.Errorf("%v, %v", out, err)
	}
	begin := time.Now()
	_, err := parallel.Run(on(inB), jobs(t, 1), square.Delayed(3))
	if took := time.Since(begin); err == nil || !strings.Contains(err.Error(), "no worker at nats://b:xxxxx@") || !strings.Contains(err.Error(), "go install") || took > soon {
		t.Errorf("after %v: %v", took, err)
	}
	cancel()
	if err := <-worker; err != nil {
		t.Error(err)
	}
}

// A worker of another system says so, and gets nothing.
func TestOtherPlatform(t *testing.T) {
	t.Parallel()
	s := here(t, &server.Options{JetStream: true, Users: []*server.User{{Username: "u", Password: "secret"}}})
	c := dialed(t, "nats://u:secret@"+s.Addr().String())
	if err := c.link.nc.Publish(crewSubject, []byte(`{"Name": "alien", "Platform": "plan9_mips", "Slots": 3}`)); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.crew) == 0 {
			return errors.New("nobody has heard of the worker")
		}
		return nil
	})
	ctx, cancel := contextWithin(100 * time.Millisecond)
	defer cancel()
	n, err := c.Slots(ctx)
	if err == nil || n != 0 || !strings.Contains(err.Error(), "no worker for "+platform) || !strings.Contains(err.Error(), "only for plan9_mips, which cannot run this program") {
		t.Errorf("%d, %v", n, err)
	}
}

func TestCallsThatCannotBe(t *testing.T) {
	quiet(t)
	c := use(t)
	name := fmt.Sprint("late ", time.Now().UnixNano()) // a name can be given once, and the test run again
	late := parallel.Func(name, func(context.Context, int) (int, error) { return 0, nil })
	_, err := parallel.Run(on(c), jobs(t, 1), late.Delayed(1))
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("Func(%q) was called", name)) || !strings.Contains(err.Error(), "declare it as a package-level variable") {
		t.Error(err)
	}
	_, err = parallel.Run(on(c), jobs(t, 1), takesChan.Delayed(nil))
	if err == nil || !strings.Contains(err.Error(), `the argument of "takes chan" cannot cross`) {
		t.Error(err)
	}

	old := maxObject
	defer func() { maxObject = old }()
	size := 1_000_000_000
	if !soak {
		size, maxObject = 6<<20, 4<<20
	}
	begin := time.Now()
	_, err = parallel.Run(on(c), jobs(t, 1), double.Delayed(nil, make([]byte, size)))
	want := fmt.Sprintf("parallel: double, call 1: argument: %d", size/1_000_000)
	if took := time.Since(begin); err == nil || !strings.HasPrefix(err.Error(), want[:len(want)-1]) || !strings.Contains(err.Error(), "pass the name of a file") || took > soon {
		t.Errorf("after %v: %v", took, err)
	}
	if !soak {
		_, err = parallel.Run(on(c), jobs(t, 1), double.Delayed(nil, make([]byte, 3<<20)))
		if err == nil || !strings.HasPrefix(err.Error(), "parallel: double, call 1: result: 62") || !strings.Contains(err.Error(), "write it to a file") {
			t.Error(err)
		}
	}
	eventually(t, 5*time.Second, c.link.leaves)
}
