package network

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service on a database of its own, with a clock that the test moves.
type world struct {
	t       testing.TB
	db      *store.DB
	s       *Service
	rc      *neutron.Context
	clock   time.Time
	ensured []string
}

func config() ml2.Config {
	c := ml2.Defaults()
	c.ProjectNetworkTypes = []string{ml2.VXLAN}
	c.VLANRanges = []string{"physnet1:1:20", "physnet2:1:5"}
	c.VNIRanges, c.TunnelRanges, c.GeneveRanges = []string{"1:50"}, []string{"1:5"}, []string{"1:5"}
	c.GeneveMaxHeaderSize = 38
	return c
}

func newWorld(t testing.TB, c ml2.Config) *world {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	plugin, err := ml2.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, db: db, rc: &neutron.Context{ProjectID: "caller", Admin: true},
		clock: time.Date(2026, 11, 22, 8, 4, 23, 900, time.UTC),
	}
	w.s, err = New(Options{DB: db, Segments: plugin, Now: func() time.Time { return w.clock }, Ensure: w.ensure})
	if err != nil {
		t.Fatal(err)
	}
	w.write(plugin.Sync)
	return w
}

func (w *world) ensure(_ *store.Tx, _ *neutron.Context, project string) error {
	w.ensured = append(w.ensured, project)
	return nil
}

func (w *world) write(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error { _, err := tx.Exec(text, args...); return err })
}

func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	w.write(func(tx *store.Tx) error { return tx.Get(query, args, &n) })
	return n
}

func (w *world) rows(query string, args ...any) []string {
	w.t.Helper()
	var out []string
	w.write(func(tx *store.Tx) error { var err error; out, err = tx.Strings(query, args...); return err })
	return out
}

// tryCreate creates one network of project p1.
func (w *world) tryCreate(a neutron.Attrs) (neutron.Network, error) {
	in := neutron.Attrs{"project_id": "p1"}
	for k, v := range a {
		in[k] = v
	}
	out, err := w.s.Create(context.Background(), w.rc, []neutron.Attrs{in})
	if err != nil {
		return neutron.Network{}, err
	}
	return out[0], nil
}

func (w *world) create(a neutron.Attrs) neutron.Network {
	w.t.Helper()
	n, err := w.tryCreate(a)
	if err != nil {
		w.t.Fatalf("create %v: %v", a, err)
	}
	return n
}

func (w *world) get(id string) neutron.Network {
	w.t.Helper()
	n, err := w.s.Get(context.Background(), w.rc, id, neutron.Fields{})
	if err != nil {
		w.t.Fatalf("get: %v", err)
	}
	return n
}

func (w *world) update(id string, a neutron.Attrs) neutron.Network {
	w.t.Helper()
	n, err := w.s.Update(context.Background(), w.rc, id, a)
	if err != nil {
		w.t.Fatalf("update %v: %v", a, err)
	}
	return n
}

func (w *world) remove(id string) {
	w.t.Helper()
	if err := w.s.Delete(context.Background(), w.rc, id); err != nil {
		w.t.Fatalf("delete: %v", err)
	}
}

// list returns the names of the networks a query finds.
func (w *world) list(q *neutron.Query) []string {
	w.t.Helper()
	found, err := w.s.List(context.Background(), w.rc, q)
	if err != nil {
		w.t.Fatalf("list: %v", err)
	}
	names := make([]string, 0, len(found))
	for _, n := range found {
		names = append(names, n.Name)
	}
	return names
}

// subnet writes a subnet's rows as the subnets and their IPAM driver do.
func (w *world) subnet(network, project string, version int, segment string) string {
	w.t.Helper()
	id, ipam := uuid.NewString(), uuid.NewString()
	w.write(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("subnets", "", 0, w.clock)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(`INSERT INTO subnets (id, project_id, network_id, ip_version, cidr, segment_id, standard_attr_id)
			VALUES (?, ?, ?, ?, 'x', ?, ?)`, id, project, network, version, store.Nullable(segment), standard); err != nil {
			return err
		}
		if _, err = tx.Exec(`INSERT INTO ipamsubnets (id, neutron_subnet_id) VALUES (?, ?)`, ipam, id); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO ipamallocations (ip_address, ipam_subnet_id) VALUES ('10.0.0.2', ?)`, ipam)
		return err
	})
	return id
}

// port writes a port's row.
func (w *world) port(network, project, owner string) string {
	w.t.Helper()
	id := uuid.NewString()
	w.write(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("ports", "", 1, w.clock)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO ports
			(id, project_id, network_id, mac_address, admin_state_up, status, device_id, device_owner, standard_attr_id)
			VALUES (?, ?, ?, ?, 1, 'DOWN', '', ?, ?)`, id, project, network, id[:17], owner, standard)
		return err
	})
	return id
}

// problem returns the type, text and kind of a client error.
func problem(t testing.TB, err error) (string, string, neutron.Kind) {
	t.Helper()
	if err == nil {
		return "", "", neutron.Internal
	}
	var e *neutron.Error
	if !errors.As(err, &e) {
		t.Fatalf("not a client error: %v", err)
	}
	return e.Type, e.Message, e.Kind
}

// wantError compares a client error.
func wantError(t testing.TB, err error, kind neutron.Kind, typ, message string) {
	t.Helper()
	gotType, gotMessage, gotKind := problem(t, err)
	if gotType != typ || gotMessage != message || gotKind != kind {
		t.Errorf("got %d %s %q, want %d %s %q", gotKind, gotType, gotMessage, kind, typ, message)
	}
}

// body is the network as a client sees it.
func body(n neutron.Network) string {
	var out wire.Buffer
	out.Open('{')
	i := 0
	for _, f := range View() {
		var value wire.Buffer
		if f.Append(&value, &n); len(value.B) == 0 {
			continue
		}
		out.Key(i, f.Name)
		out.B = append(out.B, value.B...)
		i++
	}
	out.Close('}')
	return string(out.B)
}

// field is one attribute of a network as a client sees it.
func field(name string, n neutron.Network) string {
	var out wire.Buffer
	for _, f := range View() {
		if f.Name == name {
			f.Append(&out, &n)
		}
	}
	return string(out.B)
}
