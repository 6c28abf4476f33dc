package trunk

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service on a database with the network net of project p (MTU 1450) and vlan, big and several: others of p's.
type world struct {
	*testing.T
	db     *store.DB
	s      *Service
	clock  time.Time
	events []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db"), Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{T: t, db: db, clock: time.Date(2026, 11, 22, 8, 0, 0, 7, time.UTC)}
	ids := make(chan string, 1000)
	for i := range cap(ids) {
		ids <- fmt.Sprintf("t%d", i+1)
	}
	w.s, err = New(Options{DB: db, Spell: func(v any) string { return fmt.Sprint(v) }, CheckSubPorts: w.check,
		Hooks: w.trunkHooks(), SubPortHooks: w.subPortHooks(), Now: func() time.Time { return w.clock },
		NewID: func() string { return <-ids }})
	if err != nil {
		t.Fatal(err)
	}
	w.network("net", "p", 1450, "vxlan", 5)
	w.network("vlan", "p", 1400, "vlan", 77)
	w.network("big", "p", 1500, "vlan", 78)
	return w
}

// check is what the attribute table checks, as far as the domain relies on it.
func (w *world) check(v any) error {
	list, ok := v.([]any)
	if !ok {
		return neutron.InvalidInput("not a list")
	}
	for _, item := range list {
		if _, ok := item.(map[string]any); !ok {
			return neutron.InvalidInput("not a dict")
		}
	}
	return nil
}

func (w *world) trunkHooks() *callbacks.Hooks[neutron.Trunk] {
	var h callbacks.Hooks[neutron.Trunk]
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
		h.On(callbacks.Precommit, o, "test", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[neutron.Trunk]) error {
			if e.Tx == nil || (e.New == nil) == (o != callbacks.Delete) || (e.Old == nil) == (o != callbacks.Create) {
				w.Errorf("%v of %s: %+v", o, e.ID, e)
			}
			w.events = append(w.events, o.String()+" "+e.ID)
			return nil
		})
	}
	return &h
}

func (w *world) subPortHooks() *callbacks.Hooks[neutron.SubPortChange] {
	var h callbacks.Hooks[neutron.SubPortChange]
	for _, p := range []callbacks.Phase{callbacks.Precommit, callbacks.After} {
		for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Delete} {
			h.On(p, o, "test", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[neutron.SubPortChange]) error {
				change := e.New
				if o == callbacks.Delete {
					change = e.Old
				}
				if (e.Tx != nil) != (p == callbacks.Precommit) {
					w.Errorf("%v: transaction %v", p, e.Tx)
				}
				w.events = append(w.events, fmt.Sprint(p, " ", o, " ", e.ID, " ", text(change.SubPorts), " of ", text(change.Trunk.SubPorts)))
				return nil
			})
		}
	}
	return &h
}

func text(subports []neutron.SubPort) string {
	out := "["
	for _, p := range subports {
		out += fmt.Sprint(p.PortID, ":", p.SegmentationID, " ")
	}
	return out + "]"
}

func (w *world) exec(statement string, args ...any) {
	w.Helper()
	err := w.db.Write(w.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) standard(kind string) (id int64) {
	w.Helper()
	err := w.db.Write(w.Context(), func(tx *store.Tx) (err error) {
		id, err = tx.NewStandard(kind, "", 0, w.clock)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) network(id, project string, mtu int, kind string, number int) {
	w.Helper()
	w.exec(`INSERT INTO networks (id, project_id, name, status, admin_state_up, mtu, standard_attr_id) VALUES (?, ?, '', 'ACTIVE', 1, ?, ?)`,
		id, project, mtu, w.standard("networks"))
	w.segment(id, kind, number, 0)
}

func (w *world) segment(network, kind string, number, index int) {
	w.Helper()
	w.exec(`INSERT INTO networksegments (id, network_id, network_type, segmentation_id, is_dynamic, segment_index, standard_attr_id)
		VALUES (?, ?, ?, ?, 0, ?, ?)`, fmt.Sprint(network, "-segment-", index), network, kind, number, index, w.standard("networksegments"))
}

// ports makes ports of project p on a network.
func (w *world) ports(network string, ids ...string) {
	w.Helper()
	for _, id := range ids {
		w.portOf("p", network, id)
	}
}

func (w *world) portOf(project, network, id string) {
	w.Helper()
	w.exec(`INSERT INTO ports (id, project_id, network_id, name, mac_address, admin_state_up, status, device_id, device_owner, standard_attr_id)
		VALUES (?, ?, ?, '', ?, 1, 'DOWN', '', '', ?)`, id, project, network, "mac of "+id, w.standard("ports"))
}

func of(project string) *neutron.Context { return &neutron.Context{ProjectID: project} }

// sub is a subport of a request.
func sub(port string, number any) map[string]any {
	return map[string]any{"port_id": port, "segmentation_type": "vlan", "segmentation_id": number}
}

func inherit(port string) map[string]any {
	return map[string]any{"port_id": port, "segmentation_type": "inherit"}
}

// tryCreate makes a trunk in the name of project p.
func (w *world) tryCreate(parent string, subports ...any) (neutron.Trunk, error) {
	return w.createAs(of("p"), parent, subports...)
}

func (w *world) createAs(rc *neutron.Context, parent string, subports ...any) (neutron.Trunk, error) {
	out, err := w.s.Create(w.Context(), rc, []neutron.Attrs{{"project_id": rc.ProjectID, "port_id": parent, "name": "n", "description": "d",
		"admin_state_up": true, "sub_ports": subports}})
	if err != nil {
		return neutron.Trunk{}, err
	}
	return out[0], nil
}

func (w *world) create(parent string, subports ...any) neutron.Trunk {
	w.Helper()
	t, err := w.tryCreate(parent, subports...)
	if err != nil {
		w.Fatal(err)
	}
	return t
}

func (w *world) get(id string) neutron.Trunk {
	w.Helper()
	t, err := w.s.Get(w.Context(), of("p"), id, neutron.Fields{})
	if err != nil {
		w.Fatal(err)
	}
	return t
}

func body(subports ...any) any { return map[string]any{"sub_ports": subports} }

func (w *world) add(id string, subports ...any) error {
	var out wire.Buffer
	return w.s.AddSubPorts(w.Context(), of("p"), id, body(subports...), &out)
}

func (w *world) remove(id string, ports ...string) error {
	var out wire.Buffer
	list := make([]any, len(ports))
	for i, p := range ports {
		list[i] = map[string]any{"port_id": p}
	}
	return w.s.RemoveSubPorts(w.Context(), of("p"), id, body(list...), &out)
}

// refused wants an error for the client.
func (w *world) refused(what string, err error, typ, message string) {
	w.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) || e.Type != typ || message != "" && e.Message != message {
		w.Errorf("%s: got %v, want %s: %s", what, err, typ, message)
	}
}
