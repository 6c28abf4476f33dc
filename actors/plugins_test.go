package actors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/periodic"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// TestHealthLoop: every half agent_down_time in whole seconds, the first time after one to two of them.
func TestHealthLoop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		down            time.Duration
		random          float64
		interval, first time.Duration
	}{
		{75 * time.Second, 0, 37 * time.Second, 37 * time.Second},
		{75 * time.Second, 0.9999, 37 * time.Second, 74 * time.Second},
		{75 * time.Second, 0.5, 37 * time.Second, 56 * time.Second},
		{time.Second, 0, time.Second, time.Second},
		{0, 0.9999, time.Second, 2 * time.Second},
	} {
		l := healthLoop(c.down, c.random)
		if l.Interval != c.interval || l.InitialDelay != c.first || !l.KeepGoing {
			t.Errorf("%s with %v: got %+v", c.down, c.random, l)
		}
	}
}

// plugged runs f in virtual time beside the plugin workers of a configuration. change may alter them before.
func plugged(
	t *testing.T, text string, change func(*Plugins), f func(t *testing.T, root *otp.Root, db *atomic.Pointer[store.DB], log *buffer),
) {
	t.Helper()
	snapshot := configured(t, text)
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), store.Options{URL: "sqlite://"})
		if err != nil {
			t.Fatal(err)
		}
		open, log := &atomic.Pointer[store.DB]{}, &buffer{}
		open.Store(db)
		config := func() *conf.Snapshot { return snapshot }
		a, err := NewAgents(config, open.Load, nil, time.Now, zerolog.New(log))
		if err != nil {
			t.Fatal(err)
		}
		p := NewPlugins(config, a, open.Load, time.Now, zerolog.New(log))
		p.Random = func() float64 { return 0 }
		if change != nil {
			change(p)
		}
		system := newSystem()
		root, err := otp.Start(system, "plugins", otp.Spec{Strategy: otp.OneForOne, Intensity: 10, Children: p.Children()})
		if err != nil {
			t.Fatal(err)
		}
		f(t, root, open, log)
		if err := errors.Join(root.Shutdown(t.Context()), db.Close()); err != nil {
			t.Error(err)
		}
		system.Shutdown()
		time.Sleep(time.Second) // virtual: the dead-letter throttle ends
	})
}

func ids(children []otp.ChildSpec) []string {
	var out []string
	for _, c := range children {
		out = append(out, c.ID+" "+c.Kind)
	}
	return out
}

// TestChildrenOfPlugins: the cleaner is there for the driver that needs it, tasks when there are any.
func TestChildrenOfPlugins(t *testing.T) {
	t.Parallel()
	const health, cleaner, tasks = "agent-health periodic", "quota-cleaner periodic", "periodic-tasks periodic"
	for _, c := range []struct {
		text string
		task periodic.Task
		want []string
	}{
		{"", periodic.Task{}, []string{health, cleaner}},
		{"[quotas]\nquota_driver = neutron.db.quota.driver.DbQuotaDriver", periodic.Task{Name: "x"}, []string{health, tasks}},
		{"", periodic.Task{Name: "x", External: true}, []string{health, cleaner, tasks}},
		{"run_external_periodic_tasks = false", periodic.Task{Name: "x", External: true}, []string{health, cleaner}},
	} {
		snapshot := configured(t, c.text)
		config, none := func() *conf.Snapshot { return snapshot }, func() *store.DB { return nil }
		a, err := NewAgents(config, none, nil, time.Now, zerolog.Nop())
		if err != nil {
			t.Fatal(err)
		}
		p := NewPlugins(config, a, none, time.Now, zerolog.Nop())
		if c.task.Name != "" {
			c.task.Run = func(context.Context) error { return nil }
			if _, err := p.Tasks.Add(c.task); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(c.want, ids(p.Children())); diff != "" {
			t.Errorf("%q: -want +got\n%s", c.text, diff)
		}
	}
	if got := (&Plugins{}).Children(); len(got) != 0 {
		t.Errorf("without parts: got %v", ids(got))
	}
}

// TestAgentHealthRunsEveryHalfDownTime, tells of the dead once they are, and goes on when the database was away.
func TestAgentHealthRunsEveryHalfDownTime(t *testing.T) {
	plugged(t, "agent_down_time = 20", nil, func(t *testing.T, root *otp.Root, db *atomic.Pointer[store.DB], log *buffer) {
		a, err := agents.New(agents.Options{DB: db.Load, DownTime: func() time.Duration { return time.Hour }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Report(t.Context(), agents.Report{AgentType: "L3 agent", Binary: "b", Host: "h1", Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		checks := func() (alive, dead, failed int) {
			synctest.Wait()
			for _, line := range log.lines(t, "debug") {
				if line == "Agent healthcheck: found 1 active agents" {
					alive++
				}
			}
			for _, line := range log.lines(t, "warn") {
				if strings.HasPrefix(line, "Agent healthcheck: found 1 dead agents out of 1:\n") {
					dead++
				}
			}
			return alive, dead, len(log.lines(t, "error"))
		}
		expect := func(want string) {
			t.Helper()
			alive, dead, failed := checks()
			if got := fmt.Sprintf("%d alive, %d dead, %d failed", alive, dead, failed); got != want {
				t.Errorf("after %s: got %s, want %s", time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), got, want)
			}
		}
		time.Sleep(9 * time.Second)
		expect("0 alive, 0 dead, 0 failed")
		time.Sleep(12 * time.Second) // at 10 s and 20 s
		expect("2 alive, 0 dead, 0 failed")
		open := db.Swap(nil)
		time.Sleep(10 * time.Second) // at 30 s
		expect("2 alive, 0 dead, 1 failed")
		db.Store(open)
		time.Sleep(20 * time.Second) // at 40 s and 50 s
		expect("2 alive, 2 dead, 1 failed")
		if n, err := root.Node("plugins/agent-health"); err != nil || n.Incarnation != 1 {
			t.Errorf("incarnation %d (%v), want 1", n.Incarnation, err)
		}
	})
}

// TestQuotaCleanerRemovesWhatHasExpired, first after two minutes, and again every two.
func TestQuotaCleanerRemovesWhatHasExpired(t *testing.T) {
	plugged(t, "", nil, func(t *testing.T, _ *otp.Root, db *atomic.Pointer[store.DB], log *buffer) {
		add := func(id string, expires time.Time) {
			if err := db.Load().Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO reservations (id, project_id, expiration) VALUES (?, 'p', ?)`, id, store.FormatTime(expires))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		left := func() (out []string) {
			synctest.Wait()
			if err := db.Load().Read(t.Context(), func(tx *store.Tx) (err error) {
				out, err = tx.Strings(`SELECT id FROM reservations ORDER BY id`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		add("old", time.Now().Add(-time.Hour))
		add("two minutes", time.Now().Add(2*time.Minute))
		for _, step := range []struct {
			wait time.Duration
			want string
		}{
			{119 * time.Second, "[old two minutes]"}, {2 * time.Second, "[two minutes]"}, {2 * time.Minute, "[two minutes]"},
			{2 * time.Minute, "[]"},
		} {
			time.Sleep(step.wait)
			if got := fmt.Sprint(left()); got != step.want {
				t.Errorf("after %s: got %s, want %s", step.wait, got, step.want)
			}
		}
		open := db.Swap(nil)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		db.Store(open)
		found := false
		for _, line := range log.lines(t, "error") {
			found = found || strings.Contains(line, "_remove_expired_reservations' failed")
		}
		if !found {
			t.Errorf("nothing in the log says that the database was away: %s", log)
		}
	})
}

// TestTasksRunAtTheirTurn: a domain's one line is enough.
func TestTasksRunAtTheirTurn(t *testing.T) {
	var runs []time.Duration
	begun := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // the bubble's beginning
	plugged(t, "periodic_interval = 10\nperiodic_fuzzy_delay = 3", func(p *Plugins) {
		p.Random = func() float64 { return 0.99 }
		for _, task := range []periodic.Task{
			{Name: "sweep", Spacing: 20 * time.Second, Run: func(context.Context) error {
				runs = append(runs, time.Since(begun))
				return errors.New("sweep failed")
			}},
		} {
			if _, err := p.Tasks.Add(task); err != nil {
				t.Fatal(err)
			}
		}
	}, func(t *testing.T, _ *otp.Root, _ *atomic.Pointer[store.DB], log *buffer) {
		time.Sleep(65 * time.Second)
		synctest.Wait()
		// Passes at 3, 13, 23 ... s; due at 20 s, 40 s and 60 s, plus less than a second of jitter.
		want := []time.Duration{23 * time.Second, 43 * time.Second, 63 * time.Second}
		if diff := cmp.Diff(want, runs); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		failed := 0
		for _, line := range log.lines(t, "error") {
			if line == "Error during Plugins.sweep" {
				failed++
			}
		}
		if failed != 3 {
			t.Errorf("%d errors in the log, want 3:\n%s", failed, log)
		}
	})
}
