package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// agents is an AgentStore in memory.
type agents struct {
	mu   sync.Mutex
	seen map[string]rpc.AgentState
	fail error
}

func (a *agents) ReportState(_ context.Context, s rpc.AgentState) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail != nil {
		return "", a.fail
	}
	key := s.AgentType + "@" + s.Host
	_, known := a.seen[key]
	a.seen[key] = s
	if known {
		return rpc.AgentAlive, nil
	}
	return rpc.AgentNew, nil
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func reports(store rpc.AgentStore, log *buffer) *rpc.AgentReports {
	return &rpc.AgentReports{Store: store, Started: noon, DownTime: func() time.Duration { return 75 * time.Second }, Log: zerolog.New(log),
		Now: func() time.Time { return noon.Add(time.Hour) }}
}

// TestReportsOfAgentsReachTheStore over the same message that an L3 agent of 2026.1 sends.
func TestReportsOfAgentsReachTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		store := &agents{seen: map[string]rpc.AgentState{}}
		d := dispatcher(t, reports(store, &buffer{}).Endpoint())
		args, err := os.ReadFile("testdata/report_state.json")
		if err != nil {
			t.Fatal(err)
		}
		target := rpc.Target{Topic: rpc.TopicReports, Version: "1.2"}
		ordinary := &rpc.Worker{Transport: transport, Options: rpc.DefaultServerOptions(),
			Bindings: []rpc.Binding{rpc.ReportBinding("host1", d)}}
		workers := map[string]*rpc.Worker{
			"rpc": ordinary, "reports": rpc.NewReportWorker(transport, "host1", d, rpc.DefaultServerOptions()),
		}
		tree(t, workers, func(t *testing.T, root *otp.Root) {
			c := rpc.Client{Transport: transport, Target: target, Timeout: time.Minute}
			call := func() (status string) {
				if err := c.Call(t.Context(), "report_state", json.RawMessage(args), &status); err != nil {
					t.Error(err)
				}
				return status
			}
			if first, second := call(), call(); first != rpc.AgentNew || second != rpc.AgentAlive {
				t.Errorf("got %q and %q", first, second)
			}
			// Without the report worker the ordinary one serves them.
			if err := root.TerminateChild(t.Context(), "rpc/reports"); err != nil {
				t.Fatal(err)
			}
			if got := call(); got != rpc.AgentAlive {
				t.Errorf("without report worker: got %q", got)
			}
			var alive bool
			if err := c.Call(t.Context(), "has_alive_neutron_server", nil, &alive); err != nil || !alive {
				t.Errorf("has_alive_neutron_server: %t, %v", alive, err)
			}
		})
		want := rpc.AgentState{
			AgentType: "L3 agent", Binary: "neutron-l3-agent", Host: "ref-host-1", Topic: "l3_agent",
			AvailabilityZone: new("nova"), StartFlag: true, UUID: "b1a0c3a2-0000-4000-8000-000000000001", Configurations: json.RawMessage(`{"agent_mode":"dvr_snat","routers":0}`),
			Time: time.Date(2026, 1, 2, 12, 59, 59, 607812000, time.UTC),
		}
		if diff := cmp.Diff(map[string]rpc.AgentState{"L3 agent@ref-host-1": want}, store.seen); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestReportsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	agent := `{"agent_type": "L3 agent", "binary": "b", "host": "h", "topic": "t", "start_flag": true}`
	for _, c := range []struct {
		name, args string
		fail       error
		want, log  string
	}{
		{"without time", `{"agent_state": {"agent_state": ` + agent + `}}`, nil, "KeyError: 'time'", ""},
		{"time is none", `{"agent_state": {"agent_state": {"bogus": 1}}, "time": "x"}`, nil,
			"ValueError: time data 'x' does not match format '%Y-%m-%dT%H:%M:%S.%f'", ""},
		{"without state", `{"time": "2026-01-02T13:00:00.000000"}`, nil, "KeyError: 'agent_state'", ""},
		{"without agent", `{"agent_state": {"agent_state": {"bogus": 1}}, "time": "2026-01-02T13:00:00.000000"}`, nil,
			"KeyError: 'agent_type'", ""},
		{"state is a text", `{"agent_state": "x", "time": "2026-01-02T13:00:00.000000"}`, nil, "TypeError", ""},
		{"host is a number", `{"agent_state": {"agent_state": {"host": 1}}, "time": "2026-01-02T13:00:00.000000"}`, nil,
			"TypeError", ""},
		{"store fails", `{"agent_state": {"agent_state": ` + agent + `}, "time": "2026-01-02T13:00:00.000000"}`,
			errors.New("database away"), "database away", ""},
		{"sent before the server started", `{"agent_state": {"agent_state": ` + agent + `}, "time": "2026-01-02T11:59:59.9"}`,
			nil, "", "Stale message"},
		{"the clock differs", `{"agent_state": {"agent_state": ` + agent + `}, "time": "2026-01-02T13:01:15.5"}`, nil, "",
			"clock of a starting agent"},
		{"the clock differs later on", `{"agent_state": {"agent_state": {"agent_type": "a", "binary": "b", "host": "h",
			"topic": "t"}}, "time": "2026-01-02T14:00:00"}`, nil, "", ""},
		{"the clock is near enough", `{"agent_state": {"agent_state": ` + agent + `}, "time": "2026-01-02T13:01:15"}`, nil,
			"", ""},
	} {
		log := &buffer{}
		d := dispatcher(t, reports(&agents{seen: map[string]rpc.AgentState{}, fail: c.fail}, log).Endpoint())
		_, err := d.Dispatch(t.Context(), rpc.Message{Method: "report_state", Version: "1.3", Args: json.RawMessage(c.args)})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if got := log.String(); c.log == "" && got != "" || !strings.Contains(got, c.log) {
			t.Errorf("%s: log %q, want %q", c.name, got, c.log)
		}
	}
}

// TestAServerWithoutDatabaseIsNotAlive, and says so instead of failing.
func TestAServerWithoutDatabaseIsNotAlive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{{nil, "true"}, {errors.New("database away"), "false"}} {
		log := &buffer{}
		r := reports(nil, log)
		r.Ping = func(context.Context) error { return c.err }
		got, err := dispatcher(t, r.Endpoint()).Dispatch(t.Context(), rpc.Message{Method: "has_alive_neutron_server", Version: "1.3"})
		if err != nil || string(got) != c.want {
			t.Errorf("%v: got %s, %v, want %s", c.err, got, err, c.want)
		}
		if logged := strings.Contains(log.String(), "database away"); logged != (c.err != nil) {
			t.Errorf("%v: log %q", c.err, log.String())
		}
	}
}

func TestStaleReportsAreNotWrittenDown(t *testing.T) {
	t.Parallel()
	store := &agents{seen: map[string]rpc.AgentState{}}
	d := dispatcher(t, reports(store, &buffer{}).Endpoint())
	raw, err := d.Dispatch(t.Context(), rpc.Message{Method: "report_state", Args: json.RawMessage(`{"time":
		"2026-01-02T11:00:00", "agent_state": {"agent_state": {"agent_type": "a", "binary": "b", "host": "h", "topic": "t"}}}`)})
	if err != nil || string(raw) != "null" || len(store.seen) != 0 {
		t.Errorf("got %s, %v, %d written down", raw, err, len(store.seen))
	}
}

func TestTopicsAreSpelledAsNeutronDoes(t *testing.T) {
	t.Parallel()
	if got := rpc.AgentTopic("port", "update"); got != "q-agent-notifier-port-update" {
		t.Errorf("got %s", got)
	}
	if got := rpc.ResourceTopic("Port", "1.10"); got != "neutron-vo-Port-1.10" {
		t.Errorf("got %s", got)
	}
}
