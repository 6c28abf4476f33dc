package actors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// configured is the configuration of one file.
func configured(t testing.TB, text string) *conf.Snapshot {
	t.Helper()
	src, err := conf.System("neutron-server", "0", []string{"--config-file", "/n.conf"})
	if err != nil {
		t.Fatal(err)
	}
	src.ReadFile = func(string) ([]byte, error) { return []byte("[DEFAULT]\n" + text), nil }
	src.LookupEnv = func(string) (string, bool) { return "", false }
	src.Exists = func(path string) bool { return path == "/n.conf" }
	s, err := conf.Load(src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCountsOfRPCWorkers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text         string
		api          int
		rpc, reports int
	}{
		{"", 8, 4, 1}, {"", 7, 3, 1}, {"", 1, 1, 1}, {"rpc_workers = 5", 2, 5, 1},
		{"rpc_workers = 0\nrpc_state_report_workers = 0", 8, 0, 0}, {"rpc_state_report_workers = 3", 2, 1, 3},
	} {
		s := configured(t, c.text)
		if workers, reports := RPCWorkers(s, c.api), RPCReportWorkers(s); workers != c.rpc || reports != c.reports {
			t.Errorf("%q with %d API workers: got %d and %d, want %d and %d", c.text, c.api, workers, reports, c.rpc, c.reports)
		}
	}
}

func TestChildrenOfRPC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
		warn []string
	}{
		{"rpc_workers = 2", []string{"rpc-1 rpc 1m5s", "rpc-2 rpc 1m5s", "reports-1 rpc_reports 1m5s"}, nil},
		{"rpc_workers = 0\ngraceful_shutdown_timeout = 3", []string{"reports-1 rpc_reports 8s"},
			[]string{"No rpc workers are launched. Make sure no agent is used in this deployment."}},
		{"rpc_workers = 1\nrpc_state_report_workers = 0\ngraceful_shutdown_timeout = 0",
			[]string{"rpc-1 rpc " + otp.Infinity.String()}, nil},
	} {
		log, s := &buffer{}, configured(t, c.text)
		r := &RPC{Workers: RPCWorkers(s, 4), ReportWorkers: RPCReportWorkers(s), Options: RPCServerOptions(s, zerolog.Nop()),
			Process: callbacks.New(), Log: zerolog.New(log)}
		children, err := r.Children()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, child := range children {
			got = append(got, fmt.Sprintf("%s %s %s", child.ID, child.Kind, child.Shutdown))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", c.text, diff)
		}
		if diff := cmp.Diff(c.warn, log.lines(t, "warn")); diff != "" {
			t.Errorf("%q: -want +got\n%s", c.text, diff)
		}
	}
	for topic, r := range map[string]*RPC{
		rpc.TopicPlugin:  {Plugin: []rpc.Endpoint{{Version: "one"}}},
		rpc.TopicReports: {Reports: []rpc.Endpoint{{Version: "one"}}},
	} {
		if _, err := r.Children(); err == nil || !strings.Contains(err.Error(), topic) {
			t.Errorf("an endpoint that cannot be: got %v", err)
		}
	}
}

// cloud is a tree of the shape that package supervisor makes, with something in the place of the API.
type cloud struct {
	t         testing.TB
	root      *otp.Root
	store     *Store
	messaging *Messaging
	client    rpc.Client
	log       *buffer

	mu     sync.Mutex
	events []string            // guarded by mu; callbacks and starts of the API, in order
	api    map[int]otp.Context // guarded by mu; by incarnation
}

// apiChild takes the place of the API's supervisor.
type apiChild struct {
	noMessages
	c *cloud
}

func (a *apiChild) Init(ctx otp.Context) error {
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	a.c.api[ctx.Incarnation().N] = ctx
	return nil
}

func (a *apiChild) Terminate(error) {}

func (c *cloud) note(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, text)
}

func (c *cloud) noted() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.events...)
}

// newCloud starts a server that has, beside Neutron's, an endpoint whose method panic panics.
func newCloud(t testing.TB, options string) *cloud {
	t.Helper()
	snapshot := configured(t, "transport_url = fake://\nhost = ctl\n"+options)
	c := &cloud{t: t, log: &buffer{}, api: map[int]otp.Context{}}
	log := zerolog.New(c.log)
	process := callbacks.New()
	hook := func(name string) callbacks.Hook { return func(context.Context) error { c.note(name); return nil } }
	if err := errors.Join(
		process.OnBeforeSpawn("test", callbacks.PriorityDefault, hook(callbacks.BeforeSpawn)),
		process.OnAfterSpawn("test", callbacks.PriorityDefault, hook(callbacks.AfterSpawn)),
		process.OnAfterInit("test", callbacks.PriorityDefault, func(_ context.Context, w callbacks.Worker) error {
			c.note(fmt.Sprintf("%s %s %s %d", callbacks.AfterInit, w.Kind, w.Path, w.Incarnation))
			return nil
		}),
	); err != nil {
		t.Fatal(err)
	}
	c.store = &Store{Options: store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")}, Log: log}
	c.messaging = newMessaging(t, NewMessagingOptions(snapshot, log))
	now := func() *conf.Snapshot { return snapshot }
	agents, err := NewAgents(now, c.store.DB, nil, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	plugins := NewPlugins(now, agents, c.store.DB, time.Now, log)
	reports := NewAgentReports(agents, plugins.DownTime, time.Now, log)
	r := &RPC{
		Transport: c.messaging.Wire(), Host: snapshot.Text(conf.Host), Workers: RPCWorkers(snapshot, 2),
		ReportWorkers: RPCReportWorkers(snapshot), Options: RPCServerOptions(snapshot, log), Process: process, Log: log,
		Plugin: []rpc.Endpoint{reports, {Methods: map[string]rpc.Method{
			"panic": func(context.Context, json.RawMessage) (any, error) { panic("as asked for") },
		}}},
		Reports: []rpc.Endpoint{reports},
	}
	children, err := r.Children()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.BeforeSpawn(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.root = grow(t, otp.Spec{Strategy: otp.RestForOne, Intensity: 3, Children: []otp.ChildSpec{
		{ID: "store", New: c.store.Child},
		{ID: "messaging", New: c.messaging.Child},
		{ID: "services", Sup: &otp.Spec{Strategy: otp.OneForAll, Intensity: 3, Children: []otp.ChildSpec{
			{ID: "api", New: func(otp.Incarnation) otp.Child { return &apiChild{c: c} }},
			{ID: "rpc", Sup: &otp.Spec{Strategy: otp.OneForOne, Intensity: 2, Period: time.Hour, Children: children}},
			{ID: "plugins", Sup: &otp.Spec{Strategy: otp.OneForOne, Intensity: 3, Children: plugins.Children()}},
		}}},
	}})
	if err := process.AfterSpawn(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.client = rpc.Client{Transport: c.messaging.Wire(), Timeout: time.Minute, Target: rpc.Target{Topic: rpc.TopicReports, Version: "1.2"}}
	return c
}

// report sends an agent's state as an agent does, and returns the answer.
func (c *cloud) report(host string, started bool) string {
	c.t.Helper()
	var status string
	if err := c.client.Call(context.Background(), "report_state", map[string]any{
		"time": time.Now().UTC().Format("2006-01-02T15:04:05.000000"),
		"agent_state": map[string]any{"agent_state": map[string]any{
			"agent_type": "Open vSwitch agent", "binary": "neutron-openvswitch-agent", "host": host, "topic": "N/A",
			"start_flag": started, "configurations": map[string]any{"bridge_mappings": map[string]any{"physnet1": "br-ex"}},
			"resource_versions": map[string]any{"Port": "1.10"}, "uuid": "u",
		}},
	}, &status); err != nil {
		c.t.Error(err)
	}
	return status
}

func (c *cloud) agents() []string {
	c.t.Helper()
	var out []string
	if err := c.store.DB().Read(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tx.Strings(`SELECT agent_type || ' ' || host || ' ' || configurations || ' ' || resource_versions
			FROM agents ORDER BY host`)
		return err
	}); err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *cloud) incarnation(path string) int {
	n, err := c.root.Node(path)
	if err != nil {
		c.t.Fatal(err)
	}
	return n.Incarnation
}

// TestAReportOverRPCReachesTheDatabase: the first makes the agent's row, the second updates it, on either topic and with
// either kind of worker.
func TestAReportOverRPCReachesTheDatabase(t *testing.T) {
	t.Parallel()
	c := newCloud(t, "rpc_workers = 2")
	if first, second := c.report("h1", true), c.report("h1", false); first != "new" || second != "alive" {
		t.Errorf("got %q and %q", first, second)
	}
	c.client.Target.Topic = rpc.TopicPlugin
	if got := c.report("h2", true); got != "new" {
		t.Errorf("on q-plugin: got %q", got)
	}
	c.client.Target.Topic = rpc.TopicReports
	if err := c.root.TerminateChild(t.Context(), "root/services/rpc/reports-1"); err != nil {
		t.Fatal(err)
	}
	if got := c.report("h2", false); got != "alive" {
		t.Errorf("without report worker: got %q", got)
	}
	want := []string{
		`Open vSwitch agent h1 {"bridge_mappings": {"physnet1": "br-ex"}} {"Port": "1.10"}`,
		`Open vSwitch agent h2 {"bridge_mappings": {"physnet1": "br-ex"}} {"Port": "1.10"}`,
	}
	if diff := cmp.Diff(want, c.agents()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	c.client.Target.Server = "ctl"
	var alive bool
	if err := c.client.Call(t.Context(), "has_alive_neutron_server", nil, &alive); err != nil || !alive {
		t.Errorf("has_alive_neutron_server: %t, %v", alive, err)
	}
}

// TestWhatHasNoEndpointIsAnsweredAsOsloDoes.
func TestWhatHasNoEndpointIsAnsweredAsOsloDoes(t *testing.T) {
	t.Parallel()
	c := newCloud(t, "")
	for _, m := range []struct{ topic, version, method, want string }{
		{rpc.TopicPlugin, "1.5", "get_device_details", "UnsupportedVersion: Endpoint does not support RPC version 1.5. Attempted method: get_device_details"},
		{rpc.TopicReports, "1.4", "get_agents", "UnsupportedVersion: Endpoint does not support RPC version 1.4. Attempted method: get_agents"},
		{rpc.TopicReports, "1.0", "no_such_method", "NoSuchMethod: Endpoint does not support RPC method no_such_method"},
		{rpc.TopicReports, "1.0", "panic", "NoSuchMethod: Endpoint does not support RPC method panic"},
	} {
		c.client.Target = rpc.Target{Topic: m.topic, Version: m.version}
		var remote *rpc.RemoteError
		if err := c.client.Call(t.Context(), m.method, nil, nil); !errors.As(err, &remote) || remote.Error() != m.want {
			t.Errorf("%s %s: got %v, want %s", m.topic, m.method, err, m.want)
		}
	}
	before := len(c.log.lines(t, "error"))
	c.client.Target = rpc.Target{Topic: rpc.TopicReports}
	err := c.client.Call(t.Context(), "report_state", map[string]any{
		"time":        time.Now().UTC().Format("2006-01-02T15:04:05.000000"),
		"agent_state": map[string]any{"agent_state": map[string]any{"agent_type": "a", "binary": "b", "host": "h", "topic": "t", "configurations": 5}},
	}, nil)
	if err == nil || !strings.Contains(err.Error(), "InvalidInput") || len(c.log.lines(t, "error")) > before {
		t.Errorf("a report that is wrong: %v, log %s", err, c.log)
	}
}

// TestAPanicInAnEndpointRestartsItsWorkerOnly, and the caller is answered.
func TestAPanicInAnEndpointRestartsItsWorkerOnly(t *testing.T) {
	t.Parallel()
	c := newCloud(t, "rpc_workers = 2")
	c.client.Target = rpc.Target{Topic: rpc.TopicPlugin}
	var remote *rpc.RemoteError
	if err := c.client.Call(t.Context(), "panic", nil, nil); !errors.As(err, &remote) || !strings.Contains(remote.Text, "as asked for") {
		t.Errorf("the caller got %v", err)
	}
	eventually(t, "one worker in its second incarnation", func() bool {
		return c.incarnation("root/services/rpc/rpc-1")+c.incarnation("root/services/rpc/rpc-2") == 3
	})
	if api, reports := c.incarnation("root/services/api"), c.incarnation("root/services/rpc/reports-1"); api != 1 || reports != 1 {
		t.Errorf("api is in its incarnation %d, reports-1 in %d", api, reports)
	}
	if got := c.report("h1", true); got != "new" {
		t.Errorf("after the panic: got %q", got)
	}
}

// TestAPIAndRPCDieTogether: one that gives up takes the other with it, in both directions, and what agents sent
// meanwhile is not lost.
func TestAPIAndRPCDieTogether(t *testing.T) {
	t.Parallel()
	c := newCloud(t, "rpc_workers = 1")
	c.mu.Lock()
	api := c.api[1]
	c.mu.Unlock()
	api.Fail(errors.New("the API gives up"))
	if got := c.report("h1", true); got != "new" { // it waits for the next worker if need be
		t.Errorf("while both start again: got %q", got)
	}
	eventually(t, "second incarnation of both", func() bool {
		return c.incarnation("root/services/api") == 2 && c.incarnation("root/services/rpc/rpc-1") == 2 &&
			c.incarnation("root/services/rpc/reports-1") == 2
	})
	eventually(t, "the second API runs", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.api[2] != nil
	})
	c.mu.Lock()
	api = c.api[2]
	c.mu.Unlock()
	c.client.Target = rpc.Target{Topic: rpc.TopicPlugin}
	for range 3 { // one more than the intensity of rpc
		if err := c.client.Call(t.Context(), "panic", nil, nil); err == nil {
			t.Error("a panic was answered without an error")
		}
	}
	select {
	case <-api.Done():
	case <-time.After(time.Minute):
		t.Fatal("rpc gave up, and the API goes on")
	}
	if got := c.report("h1", false); got != "alive" {
		t.Errorf("after rpc gave up: got %q", got)
	}
}

// TestProcessEventsComeInOrder: BEFORE_SPAWN, then AFTER_INIT of each worker, then AFTER_SPAWN; AFTER_INIT again in each
// later incarnation, and no other event.
func TestProcessEventsComeInOrder(t *testing.T) {
	t.Parallel()
	c := newCloud(t, "rpc_workers = 2")
	want := []string{
		"before_spawn",
		"after_init rpc root/services/rpc/rpc-1 1", "after_init rpc root/services/rpc/rpc-2 1",
		"after_init rpc_reports root/services/rpc/reports-1 1",
		"after_spawn",
	}
	if diff := cmp.Diff(want, c.noted()); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
	again(t, c.root, "root/services/rpc/rpc-2")
	c.mu.Lock()
	api := c.api[1]
	c.mu.Unlock()
	api.Fail(errors.New("the API gives up"))
	want = append(want, "after_init rpc root/services/rpc/rpc-2 2", "after_init rpc root/services/rpc/rpc-1 2",
		"after_init rpc root/services/rpc/rpc-2 3", "after_init rpc_reports root/services/rpc/reports-1 2")
	eventually(t, "all workers again", func() bool { return len(c.noted()) >= len(want) })
	if diff := cmp.Diff(want, c.noted()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// noMessages is the Receive of an actor that has none.
type noMessages struct{}

func (noMessages) Receive(actor.Context) {}
