package agents

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

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service on a database of its own, with a clock that the test moves.
type world struct {
	*Service
	t        testing.TB
	database *store.DB
	clock    time.Time
	enable   bool
	log      strings.Builder
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOn(t, filepath.Join(t.TempDir(), "n.db"))
}

// worldOn is a world on a database that others may have too.
func worldOn(t testing.TB, path string) *world {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{URL: "sqlite:///" + path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, database: db, clock: time.Date(2026, 11, 22, 8, 4, 23, 0, time.UTC), enable: true}
	w.Service, err = New(Options{
		DB: func() *store.DB { return w.database }, DownTime: func() time.Duration { return 75 * time.Second },
		EnableNew: func() bool { return w.enable }, Now: func() time.Time { return w.clock }, Log: zerolog.New(&w.log),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// row is a row of the table as the database has it, "NULL" where it has nothing.
type row struct {
	Type, Binary, Topic, Host, Zone, Up, Created, Started, Heartbeat, Description, Configurations, Versions, Load, Synced string
}

func (w *world) rows() []row {
	w.t.Helper()
	var out []row
	err := w.database.Read(context.Background(), func(tx *store.Tx) error {
		n, err := tx.Strings(`SELECT id FROM agents ORDER BY agent_type, host`)
		if err != nil {
			return err
		}
		for _, id := range n {
			if len(id) != 36 {
				return fmt.Errorf("id %q is no UUID", id)
			}
			var r row
			if err := tx.Get(`SELECT agent_type, "binary", topic, host, coalesce(availability_zone, 'NULL'), admin_state_up || '',
				created_at || '', started_at || '', heartbeat_timestamp || '', coalesce(description, 'NULL'), configurations,
				coalesce(resource_versions, 'NULL'), "load" || '', coalesce(resources_synced || '', 'NULL')
				FROM agents WHERE id = ?`, []any{id}, &r.Type, &r.Binary, &r.Topic, &r.Host, &r.Zone, &r.Up, &r.Created, &r.Started,
				&r.Heartbeat, &r.Description, &r.Configurations, &r.Versions, &r.Load, &r.Synced); err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) report(r Report, want Status) {
	w.t.Helper()
	if got, err := w.Report(context.Background(), r); got != want || err != nil {
		w.t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func l3(host string) Report {
	return Report{
		AgentType: "L3 agent", Binary: "neutron-l3-agent", Host: host, Topic: "l3_agent", AvailabilityZone: new("nova"),
		Configurations: json.RawMessage(`{"routers":0,"agent_mode":"dvr_snat","extensions":["a","b"],"none":null}`),
	}
}

// TestAReportMakesARowAndLaterOnesChangeIt: the life of one agent, column by column.
func TestAReportMakesARowAndLaterOnesChangeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := l3("h1")
	r.StartFlag = true
	r.ResourceVersions = json.RawMessage(`{"Port":"1.10","Network":"1.2"}`)
	w.report(r, StatusNew)
	want := row{
		Type: "L3 agent", Binary: "neutron-l3-agent", Topic: "l3_agent", Host: "h1", Zone: "nova", Up: "1",
		Created: "2026-11-22 08:04:23.000000", Started: "2026-11-22 08:04:23.000000", Heartbeat: "2026-11-22 08:04:23.000000",
		Description: "NULL", Load: "0", Synced: "NULL",
		Configurations: `{"agent_mode": "dvr_snat", "extensions": ["a", "b"], "none": null, "routers": 0}`,
		Versions:       `{"Network": "1.2", "Port": "1.10"}`,
	}
	expect := func(step string) {
		t.Helper()
		if diff := cmp.Diff([]row{want}, w.rows()); diff != "" {
			t.Errorf("%s: -want +got\n%s", step, diff)
		}
	}
	expect("first")

	w.clock = w.clock.Add(30 * time.Second)
	w.report(Report{AgentType: r.AgentType, Binary: "other", Host: "h1", Topic: "elsewhere"}, StatusAlive)
	want.Binary, want.Topic, want.Configurations, want.Heartbeat = "other", "elsewhere", "", "2026-11-22 08:04:53.000000"
	expect("zone, versions and start stay as they were")

	w.clock = w.clock.Add(75 * time.Second)
	w.report(r, StatusAlive) // to the second: not yet down
	w.clock = w.clock.Add(76 * time.Second)
	r.AvailabilityZone, r.ResourceVersions = new("az2"), json.RawMessage(`{}`)
	w.report(r, StatusRevived)
	want.Binary, want.Topic, want.Zone = "neutron-l3-agent", "l3_agent", "az2"
	want.Configurations = `{"agent_mode": "dvr_snat", "extensions": ["a", "b"], "none": null, "routers": 0}`
	want.Started, want.Heartbeat = "2026-11-22 08:07:24.000000", "2026-11-22 08:07:24.000000"
	expect("revived")
	w.report(r, StatusAlive)
}

func TestNewAgentsMayWaitForTheAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enable = false
	r := l3("h1")
	r.AvailabilityZone = nil
	w.report(r, StatusNew)
	w.enable = true
	w.report(r, StatusAlive)
	if rows := w.rows(); rows[0].Up != "0" || rows[0].Zone != "NULL" || rows[0].Versions != "NULL" {
		t.Errorf("got %+v", rows[0])
	}
}

// TestTheLoadOfADHCPAgent is the count that dhcp_load_type names; other agents have none.
func TestTheLoadOfADHCPAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, c := range []struct {
		agentType, configurations, want, fail string
	}{
		{TypeDHCP, `{"networks": 7, "ports": 9}`, "7", ""},
		{TypeDHCP, `{"networks": "7"}`, "7", ""},
		{TypeDHCP, `{"networks": 7.9}`, "7", ""},
		{TypeDHCP, `{"ports": 9}`, "0", ""},
		{TypeDHCP, ``, "0", ""},
		{TypeDHCP, `{"networks": "many"}`, "", "not a number"},
		{TypeDHCP, `[1]`, "", "not an object"},
		{"L3 agent", `{"networks": "many"}`, "0", ""},
	} {
		host := fmt.Sprintf("host-%d", i)
		_, err := w.Report(t.Context(), Report{
			AgentType: c.agentType, Binary: "b", Host: host, Topic: "t", Configurations: json.RawMessage(c.configurations),
		})
		var got string
		for _, r := range w.rows() {
			if r.Host == host {
				got = r.Load
			}
		}
		if got != c.want {
			t.Errorf("%s %s: load %q, want %q", c.agentType, c.configurations, got, c.want)
		}
		if c.fail == "" && err != nil ||
			c.fail != "" && (neutron.KindOf(err) != neutron.BadRequest || !strings.Contains(err.Error(), c.fail)) {
			t.Errorf("%s: got %v, want %q", c.configurations, err, c.fail)
		}
	}
}

// TestConcurrentFirstReportsMakeOneRow: one of them is new, the others find it, be they of one server or of two on one
// database.
func TestConcurrentFirstReportsMakeOneRow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "n.db")
	w := worldOn(t, path)
	servers := []*world{w, worldOn(t, path)}
	const reporters = 24
	got := make([]Status, reporters)
	var all sync.WaitGroup
	for i := range reporters {
		all.Go(func() {
			var err error
			if got[i], err = servers[i%2].Report(context.Background(), l3("h1")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	count := map[Status]int{}
	for _, s := range got {
		count[s]++
	}
	if diff := cmp.Diff(map[Status]int{StatusNew: 1, StatusAlive: reporters - 1}, count); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if rows := w.rows(); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
}

// TestARowThatAnotherServerMadeMeanwhileIsUpdated: the insert is refused, and the report tried again.
func TestARowThatAnotherServerMadeMeanwhileIsUpdated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.report(l3("h2"), StatusNew)
	ids := []string{w.id("h2"), "33333333-3333-3333-3333-333333333333"} // the first is taken, as the pair of type and host would be
	w.o.NewID = func() string {
		id := ids[0]
		ids = ids[1:]
		return id
	}
	w.report(l3("h1"), StatusNew)
	if len(ids) != 0 || len(w.rows()) != 2 {
		t.Errorf("%d ids left, rows %v", len(ids), w.rows())
	}
}

func (w *world) id(host string) string {
	w.t.Helper()
	var id string
	if err := w.database.Read(context.Background(), func(tx *store.Tx) error {
		return tx.Get(`SELECT id FROM agents WHERE host = ?`, []any{host}, &id)
	}); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestHeartbeatsAreLoggedWhenTheAgentAsksForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := l3("h1")
	r.UUID, r.Time = "u1", time.Date(2026, 11, 22, 8, 4, 20, 5000, time.UTC)
	w.report(r, StatusNew)
	r.Configurations = json.RawMessage(`{"log_agent_heartbeats": false}`)
	w.report(r, StatusAlive)
	if w.log.Len() > 0 {
		t.Errorf("log: %s", &w.log)
	}
	w.clock = w.clock.Add(30 * time.Second)
	r.Configurations = json.RawMessage(`{"log_agent_heartbeats": true}`)
	w.report(r, StatusAlive)
	want := `"level":"info","message":"Heartbeat received from L3 agent agent on host h1, uuid u1 after 0:00:30, sent at 2026-11-22 08:04:20.000005"`
	if !strings.Contains(w.log.String(), want) {
		t.Errorf("got %s want %s", &w.log, want)
	}
}

func TestTimesInTheLogAreAsPythonPrintsThem(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0:00:00", 61 * time.Second: "0:01:01", 29985123 * time.Microsecond: "0:00:29.985123",
		25*time.Hour + time.Millisecond: "1 day, 1:00:00.001000", 49 * time.Hour: "2 days, 1:00:00",
		-time.Second: "-1 day, 23:59:59",
	} {
		if got := pythonDelta(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 500_000_000, time.UTC)
	if got, want := pythonTime(at), "2026-01-02 03:04:05.500000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := pythonTime(at.Truncate(time.Second)), "2026-01-02 03:04:05"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHealthCheckListsTheDead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.check(`{"level":"debug","message":"Agent healthcheck: found 0 active agents"}`)
	w.report(l3("h1"), StatusNew)
	w.report(l3("h2"), StatusNew)
	w.enable = false
	w.report(l3("h3"), StatusNew) // administratively down: nobody's concern
	w.check(`{"level":"debug","message":"Agent healthcheck: found 2 active agents"}`)
	w.clock = w.clock.Add(76 * time.Second)
	w.report(l3("h2"), StatusRevived)
	w.check(`{"level":"warn","message":"Agent healthcheck: found 1 dead agents out of 2:\n` +
		`                Type       Last heartbeat host\n` +
		`            L3 agent  2026-11-22 08:04:23 h1"}`)
}

func (w *world) check(want string) {
	w.t.Helper()
	w.log.Reset()
	if err := w.CheckHealth(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	if got := w.log.String(); got != want+"\n" {
		w.t.Errorf("got %s want %s", got, want)
	}
}

// TestWithoutDatabaseNothingIsSaidOfAgents.
func TestWithoutDatabaseNothingIsSaidOfAgents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	db := w.database
	w.database = nil
	_, reported := w.Report(t.Context(), l3("h1"))
	for what, err := range map[string]error{"report": reported, "check": w.CheckHealth(t.Context()), "ping": w.Ping(t.Context())} {
		if neutron.KindOf(err) != neutron.Unavailable {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if w.log.Len() > 0 {
		t.Errorf("log: %s", &w.log)
	}
	w.database = db
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Report(cancelled, l3("h1")); !errors.Is(err, context.Canceled) || len(w.rows()) != 0 {
		t.Errorf("after the end of the request: %v", err)
	}
}

func TestOptionsThatAreMissing(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}); err == nil {
		t.Error("no error")
	}
}
