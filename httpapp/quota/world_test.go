package quota_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

var (
	admin  = &neutron.Context{Admin: true, ProjectID: "boss"}
	member = &neutron.Context{ProjectID: "p"}
)

var now = time.Date(2026, 11, 22, 8, 4, 23, 0, time.UTC)

// world is an engine on a database of its own, whose clock stands still unless a test moves it. Networks may be two, of subnets none, of ports any
// number.
type world struct {
	*quota.Engine
	t           testing.TB
	url, driver string
	db          *store.DB
	n           int
	// now is the time of its clock.
	now time.Time
}

func open(t testing.TB, driver string) *world {
	t.Helper()
	w := &world{t: t, url: "sqlite:///" + filepath.Join(t.TempDir(), "n.db"), driver: driver, now: now}
	w.start()
	return w
}

// another is a second server on the same database.
func (w *world) another() *world {
	w.t.Helper()
	other := &world{t: w.t, url: w.url, driver: w.driver, now: now}
	other.start()
	return other
}

func (w *world) start() {
	w.t.Helper()
	var err error
	if w.db, err = store.Open(context.Background(), store.Options{URL: w.url}); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := w.db.Close(); err != nil {
			w.t.Error(err)
		}
	})
	w.Engine, err = quota.New(quota.Options{DB: w.db, Driver: w.driver, Now: func() time.Time { return w.now },
		Limits: quota.Limits{Default: -7, Network: 2, Port: -1, Router: 10, FloatingIP: 50, RBACPolicy: 1, SecurityGroup: 10, SecurityGroupRule: 4},
		Check:  func(in neutron.Attrs) (neutron.Attrs, error) { return in, nil }})
	if err != nil {
		w.t.Fatal(err)
	}
}

// ask returns the answer of a URL, or the error's type and message.
func (w *world) ask(do func(context.Context, *neutron.Context, *wire.Call) error, rc *neutron.Context, body any, args ...string) string {
	w.t.Helper()
	c := &wire.Call{Args: args, Body: body, Out: &wire.Buffer{}}
	if err := do(context.Background(), rc, c); err != nil {
		return err.Error()
	}
	return string(c.Out.B)
}

func limits(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		v := pairs[i+1]
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		m[pairs[i].(string)] = v
	}
	return map[string]any{"quota": m}
}

func (w *world) set(project string, pairs ...any) {
	w.t.Helper()
	if got := w.ask(w.Update, admin, limits(pairs...), project); got[0] != '{' {
		w.t.Fatalf("limits of %s: %s", project, got)
	}
}

// networks makes one network for each project in one request.
func (w *world) networks(projects ...string) error {
	var in []neutron.Attrs
	for _, p := range projects {
		in = append(in, neutron.Attrs{"project_id": p})
	}
	return w.db.Write(w.Creating(context.Background(), "network", in), func(tx *store.Tx) error {
		for _, p := range projects {
			w.n++
			if err := insertNetwork(tx, fmt.Sprintf("n%d", w.n), p); err != nil {
				return err
			}
		}
		return nil
	})
}

func insertNetwork(tx *store.Tx, id, project string) error {
	standard, err := tx.NewStandard("networks", "", 1, now)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO networks (id, project_id, mtu, standard_attr_id) VALUES (?, ?, 1500, ?)`, id, project, standard)
	return err
}

// exec runs statements as somebody else on the same database would.
func (w *world) exec(statements ...string) {
	w.t.Helper()
	err := w.db.Write(context.Background(), func(tx *store.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) texts(query string) []string {
	w.t.Helper()
	var out []string
	err := w.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		out, err = tx.Strings(query)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// text is an error's text, "" for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
