package actors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// buffer is a log that several goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// lines are the messages of a level, in order.
func (b *buffer) lines(t testing.TB, level string) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(b.String()) {
		var e struct{ Level, Message string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Level == level {
			out = append(out, e.Message)
		}
	}
	return out
}

// grow starts a tree named root, which stops with the test.
func grow(t testing.TB, spec otp.Spec) *otp.Root {
	t.Helper()
	system := newSystem()
	root, err := otp.Start(system, "root", spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := root.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		system.Shutdown()
	})
	return root
}

func newMessaging(t testing.TB, o MessagingOptions) *Messaging {
	t.Helper()
	m, err := NewMessaging(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func messagingTree(t testing.TB, m *Messaging) *otp.Root {
	return grow(t, otp.Spec{Strategy: otp.RestForOne, Intensity: 10, Children: []otp.ChildSpec{{ID: "messaging", New: m.Child}}})
}

// again restarts a child as an operator would.
func again(t testing.TB, root *otp.Root, path string) {
	t.Helper()
	ctx := context.Background()
	if err := errors.Join(root.TerminateChild(ctx, path), root.RestartChild(ctx, path)); err != nil {
		t.Fatal(err)
	}
}

func TestTransportIsThereWhileMessagingRuns(t *testing.T) {
	t.Parallel()
	log := &buffer{}
	m := newMessaging(t, MessagingOptions{URL: "fake://", Log: zerolog.New(log)})
	if m.Transport() != nil {
		t.Error("a transport before the start")
	}
	if err := m.Wire().Cast(t.Context(), rpc.Target{Topic: "t"}, rpc.Message{Method: "m"}); !errors.Is(err, rpc.ErrClosed) {
		t.Errorf("a cast before the start: %v", err)
	}
	root := messagingTree(t, m)
	if m.Transport() == nil || !m.InProcess() || m.Degraded() != nil || log.String() != "" {
		t.Errorf("transport %v, in process %t, degraded %v, log %q", m.Transport(), m.InProcess(), m.Degraded(), log)
	}
	if err := root.TerminateChild(t.Context(), "root/messaging"); err != nil {
		t.Fatal(err)
	}
	if m.Transport() != nil {
		t.Error("a transport after the stop")
	}
}

// TestQueuesSurviveARestartOfMessaging: a cast waits for the server that comes back.
func TestQueuesSurviveARestartOfMessaging(t *testing.T) {
	t.Parallel()
	m := newMessaging(t, MessagingOptions{URL: "fake://", Exchange: "cloud"})
	root := messagingTree(t, m)
	target := rpc.Target{Topic: "t", Server: "h"}
	first, err := m.Wire().Listen(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.Close(), m.Wire().Cast(t.Context(), target, rpc.Message{Method: "waits"})); err != nil {
		t.Fatal(err)
	}
	again(t, root, "root/messaging")
	second, err := m.Wire().Listen(target)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d, err := second.Receive(ctx)
	if err != nil || d.Message.Method != "waits" {
		t.Errorf("got %q, %v", d.Message.Method, err)
	}
	for _, q := range m.inProcess.Stats().Queues {
		if !strings.HasPrefix(q.Name, "cloud/") {
			t.Errorf("queue %s is not in the exchange cloud", q.Name)
		}
	}
	if err := errors.Join(second.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if _, err := m.Wire().Listen(target); !errors.Is(err, rpc.ErrClosed) {
		t.Errorf("listening after the end: %v", err)
	}
}

// TestDriversThatAreNotBuiltInLeaveMessagesInTheProcess, and the log says so once, without the password.
func TestDriversThatAreNotBuiltInLeaveMessagesInTheProcess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, driver string }{
		{"rabbit://user:s3cret@host:5672/", "rabbit"}, {"rabbit://", "rabbit"}, {"kafka://user:s3cret@host/", "kafka"},
		{"amqp://user:s3cret@host/", "amqp"}, {"kombu+redis://user:s3cret@host/", "kombu"},
	} {
		log := &buffer{}
		m := newMessaging(t, MessagingOptions{URL: c.url, Log: zerolog.New(log)})
		root := messagingTree(t, m)
		again(t, root, "root/messaging")
		if !errors.Is(m.Degraded(), rpc.ErrNotBuiltIn) || !m.InProcess() || m.Transport() == nil {
			t.Errorf("%s: degraded %v, in process %t", c.url, m.Degraded(), m.InProcess())
		}
		want := []string{"Messages stay within this process, no agent can be reached."}
		if diff := cmp.Diff(want, log.lines(t, "warn")); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.url, diff)
		}
		if text := log.String(); !strings.Contains(text, `"driver":"`+c.driver+`"`) || strings.Contains(text, "s3cret") {
			t.Errorf("%s: log %s", c.url, text)
		}
	}
}

func TestURLsThatCannotBeRefuseTheStart(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                            "no scheme",
		"host:5672":                   "must begin with host://",
		"bunny://user:s3cret@host/":   `no such driver (built in: fake, rabbit)`,
		"rabbit://user:s3/cret@host/": "@ behind the hosts",
		"rabbit://user@host:port/":    "the port is not a number",
	} {
		drivers := map[string]rpc.Driver{"rabbit": local.Driver(local.Defaults())}
		_, err := NewMessaging(MessagingOptions{URL: url, Drivers: drivers})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q", url, err, want)
		}
	}
}

// brokerConn is a driver's transport that knows whether it was closed.
type brokerConn struct {
	rpc.Transport
	closed bool
	fail   error
}

func (c *brokerConn) Close() error {
	c.closed = true
	return errors.Join(c.fail, c.Transport.Close())
}

// TestADriversTransportIsOpenedAndClosedWithEachIncarnation, and one that cannot be opened is a failed start.
func TestADriversTransportIsOpenedAndClosedWithEachIncarnation(t *testing.T) {
	t.Parallel()
	var opened []*brokerConn
	var fail error
	log := &buffer{}
	m := newMessaging(t, MessagingOptions{URL: "broker://user:s3cret@host/", Log: zerolog.New(log), Drivers: map[string]rpc.Driver{
		"broker": func(u rpc.URL) (rpc.Transport, error) {
			if fail != nil {
				return nil, fail
			}
			opened = append(opened, &brokerConn{Transport: local.New(local.Defaults()), fail: errors.New("half closed")})
			return opened[len(opened)-1], nil
		}}})
	root := messagingTree(t, m)
	wire := m.Wire()
	again(t, root, "root/messaging")
	if len(opened) != 2 || !opened[0].closed || opened[1].closed || m.Transport() != opened[1] || m.InProcess() {
		t.Fatalf("%d were opened, in process %t", len(opened), m.InProcess())
	}
	if _, err := wire.Listen(rpc.Target{Topic: "t", Server: "h"}); err != nil {
		t.Errorf("the wire from before the restart: %v", err)
	}
	if err := root.TerminateChild(t.Context(), "root/messaging"); err != nil {
		t.Fatal(err)
	}
	if !opened[1].closed {
		t.Error("the second was not closed")
	}
	if text := log.String(); !strings.Contains(text, "half closed") || strings.Contains(text, "s3cret") {
		t.Errorf("log: %s", text)
	}
	fail = errors.New("no route to host")
	err := root.RestartChild(t.Context(), "root/messaging")
	if !errors.Is(err, fail) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v, want %v", err, fail)
	}
}

// TestWorkersOutliveTheirTransport has a broker that is away for a while: its workers are not restarted, and consume again
// when it is back. A worker that starts meanwhile is up, and consumes then.
func TestWorkersOutliveTheirTransport(t *testing.T) {
	t.Parallel()
	m := newMessaging(t, MessagingOptions{URL: "broker://host/", Log: zerolog.Nop(), Drivers: map[string]rpc.Driver{
		"broker": func(rpc.URL) (rpc.Transport, error) { return local.New(local.Defaults()), nil }}})
	process := callbacks.New()
	process.Spawned()
	echo := rpc.Endpoint{Methods: map[string]rpc.Method{
		"echo": func(context.Context, json.RawMessage) (any, error) { return "there", nil }}}
	r := &RPC{Transport: m.Wire(), Await: m.Await, Host: "h", Workers: 2, Options: rpc.DefaultServerOptions(),
		Plugin: []rpc.Endpoint{echo}, Process: process, Log: zerolog.Nop()}
	children, err := r.Children()
	if err != nil {
		t.Fatal(err)
	}
	root := grow(t, otp.Spec{Children: []otp.ChildSpec{
		{ID: "messaging", Sup: &otp.Spec{Children: []otp.ChildSpec{{ID: "transport", New: m.Child}}}},
		{ID: "rpc", Sup: &otp.Spec{Intensity: otp.NoRestarts, Children: children}},
	}})
	client := rpc.Client{Transport: m.Wire(), Timeout: time.Minute, Target: rpc.Target{Topic: rpc.TopicPlugin}}
	served := func() {
		t.Helper()
		eventually(t, "messages are consumed", func() bool {
			var answer string
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return client.Call(ctx, "echo", nil, &answer) == nil && answer == "there"
		})
	}
	served()
	const transport = "root/messaging/transport"
	for range 3 {
		if err := root.TerminateChild(t.Context(), transport); err != nil {
			t.Fatal(err)
		}
		if err := client.Call(t.Context(), "echo", nil, nil); !errors.Is(err, rpc.ErrClosed) {
			t.Errorf("without a transport a call gets %v", err)
		}
		again(t, root, "root/rpc/rpc-2")
		if err := root.RestartChild(t.Context(), transport); err != nil {
			t.Fatal(err)
		}
		served()
	}
	for _, id := range []string{"rpc-1", "rpc-2"} {
		n, err := root.Node("root/rpc/" + id)
		if err != nil || n.Restarts != 0 || n.State != otp.StateRunning {
			t.Errorf("%s is %s and was restarted %d times (%v)", n.Path, n.State, n.Restarts, err)
		}
	}
}
