package logging

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service on a database with the network net and the security group sg of project p, and other of q.
type world struct {
	*testing.T
	db     *store.DB
	s      *Service
	events []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{T: t, db: db}
	n := 0
	w.s = New(Options{DB: db, Hooks: w.hooks(), NewID: func() string { n++; return fmt.Sprintf("l%d", n) }})
	w.exec(`INSERT INTO networks (id, project_id, name, status, admin_state_up, mtu, standard_attr_id) VALUES ('net', 'p', '', 'ACTIVE', 1, 1450, ?)`)
	for group, project := range map[string]string{"sg": "p", "other": "q"} {
		w.exec(`INSERT INTO securitygroups (id, project_id, name, stateful, standard_attr_id) VALUES ('` + group + `', '` + project + `', 'g', 1, ?)`)
	}
	return w
}

func (w *world) hooks() *callbacks.Hooks[neutron.Log] {
	var h callbacks.Hooks[neutron.Log]
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
		h.On(callbacks.Precommit, o, "test", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[neutron.Log]) error {
			if e.Tx == nil || (e.New == nil) == (o != callbacks.Delete) || (e.Old == nil) == (o != callbacks.Create) {
				w.Errorf("%v of %s: %+v", o, e.ID, e)
			}
			w.events = append(w.events, o.String()+" "+e.ID)
			return nil
		})
	}
	return &h
}

// exec runs a statement whose only argument is a new standard attribute.
func (w *world) exec(text string) {
	w.Helper()
	err := w.db.Write(w.Context(), func(tx *store.Tx) error {
		standard, err := tx.NewStandard("test", "", 0, time.Unix(0, 0))
		if err != nil {
			return err
		}
		_, err = tx.Exec(text, standard)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}

// port makes a port of project p that is plugged that way.
func (w *world) port(id, vif, vnic string) {
	w.Helper()
	w.exec(`INSERT INTO ports (id, project_id, network_id, name, mac_address, admin_state_up, status, device_id, device_owner, standard_attr_id)
		VALUES ('` + id + `', 'p', 'net', '', 'mac of ` + id + `', 1, 'DOWN', '', '', ?)`)
	w.exec(`INSERT INTO ml2_port_bindings (port_id, host, vnic_type, profile, vif_type, vif_details, status)
		SELECT '` + id + `', '', '` + vnic + `', '', '` + vif + `', '', 'ACTIVE' WHERE ? > 0`)
}

func of(project string) *neutron.Context { return &neutron.Context{ProjectID: project} }

func (w *world) try(project string, set neutron.Attrs) (neutron.Log, error) {
	a := neutron.Attrs{"project_id": project, "resource_type": "security_group", "name": "n", "description": "d", "event": "ALL", "enabled": true,
		"resource_id": nil, "target_id": nil}
	for k, v := range set {
		a[k] = v
	}
	out, err := w.s.Create(w.Context(), of(project), []neutron.Attrs{a})
	if err != nil {
		return neutron.Log{}, err
	}
	return out[0], nil
}

func (w *world) refused(what string, err error, typ, message string) {
	w.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) || e.Type != typ || e.Message != message {
		w.Errorf("%s: got %v, want %s: %s", what, err, typ, message)
	}
}

// The texts and their order are those of 2026.1.
func TestWhatCanBeLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, p := range [][3]string{{"a", "unbound", "normal"}, {"b", "unbound", "normal"}, {"failed", "binding_failed", "normal"},
		{"ovs", "ovs", "direct"}, {"user", "vhostuser", "normal"}, {"direct", "unbound", "direct"}, {"bridge", "bridge", "normal"}} {
		w.port(p[0], p[1], p[2])
	}
	w.exec(`INSERT INTO securitygroupportbindings (port_id, security_group_id) SELECT 'a', 'sg' WHERE ? > 0`)
	const unsupported = "Logging type security_group is not supported on port "
	for _, c := range []struct {
		project      string
		set          neutron.Attrs
		typ, message string
	}{
		{"p", neutron.Attrs{}, "", ""},
		{"p", neutron.Attrs{"resource_id": "sg"}, "", ""},
		{"p", neutron.Attrs{"target_id": "b"}, "", ""},
		{"p", neutron.Attrs{"target_id": "failed"}, "", ""},
		{"p", neutron.Attrs{"target_id": "ovs"}, "", ""},
		{"p", neutron.Attrs{"target_id": "user"}, "", ""},
		{"p", neutron.Attrs{"resource_id": "sg", "target_id": "a"}, "", ""},
		{"p", neutron.Attrs{"resource_type": "snat"}, "InvalidLogResourceType", "Invalid log resource_type: snat."},
		{"p", neutron.Attrs{"resource_id": "gone", "target_id": "gone"}, "ResourceNotFound", "Resource gone could not be found."},
		{"p", neutron.Attrs{"resource_id": "other"}, "ResourceNotFound", "Resource other could not be found."},
		{"q", neutron.Attrs{"resource_id": "sg"}, "ResourceNotFound", "Resource sg could not be found."},
		{"p", neutron.Attrs{"target_id": "gone"}, "TargetResourceNotFound", "Target resource gone could not be found."},
		{"q", neutron.Attrs{"target_id": "a"}, "TargetResourceNotFound", "Target resource a could not be found."},
		{"p", neutron.Attrs{"target_id": "direct"}, "LoggingTypeNotSupported", unsupported + "direct."},
		{"p", neutron.Attrs{"target_id": "bridge"}, "LoggingTypeNotSupported", unsupported + "bridge."},
		{"p", neutron.Attrs{"resource_id": "sg", "target_id": "b"}, "InvalidResourceConstraint",
			"Invalid resource constraint between resource (security_group sg) and target resource (port b)."},
	} {
		l, err := w.try(c.project, c.set)
		if c.typ != "" {
			w.refused(fmt.Sprint(c.set), err, c.typ, c.message)
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", c.set, err)
			continue
		}
		kept, err := w.s.Get(t.Context(), of("p"), l.ID, neutron.Fields{})
		if err != nil || kept.ResourceID != c.set.String("resource_id") || kept.TargetID != c.set.String("target_id") || kept.Revision != 0 ||
			kept.Description != "d" || !kept.Enabled || kept.Event != "ALL" {
			t.Errorf("%v: got %+v, %v", c.set, kept, err)
		}
	}
}

func TestALogIsItsProjects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, err := w.try("p", neutron.Attrs{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, missing := t.Context(), "Log resource "+l.ID+" could not be found."
	_, err = w.s.Get(ctx, of("q"), l.ID, neutron.Fields{})
	w.refused("get", err, "LogResourceNotFound", missing)
	_, err = w.s.Update(ctx, of("q"), l.ID, neutron.Attrs{"name": "x"})
	w.refused("update", err, "LogResourceNotFound", missing)
	w.refused("delete", w.s.Delete(ctx, of("q"), l.ID), "LogResourceNotFound", missing)
	if list, err := w.s.List(ctx, of("q"), &neutron.Query{}); err != nil || len(list) != 0 {
		t.Errorf("q lists %v, %v", list, err)
	}
	for _, step := range []struct {
		in       neutron.Attrs
		revision int64
	}{{neutron.Attrs{"name": "n"}, 0}, {neutron.Attrs{"enabled": false}, 1}, {neutron.Attrs{"enabled": false}, 1},
		{neutron.Attrs{"name": "m", "description": "e", "enabled": true}, 2}} {
		got, err := w.s.Update(ctx, of("p"), l.ID, step.in)
		kept, _ := w.s.Get(ctx, of("p"), l.ID, neutron.Fields{})
		if err != nil || got.Revision != step.revision || kept.Revision != step.revision || kept.Name != got.Name || kept.Enabled != got.Enabled {
			t.Errorf("%v: got %+v, kept %+v, %v", step.in, got, kept, err)
		}
	}
	if err := w.s.Delete(ctx, of("p"), l.ID); err != nil {
		t.Fatal(err)
	}
	w.refused("deleted", w.s.Delete(ctx, of("p"), l.ID), "LogResourceNotFound", missing)
	if want := []string{"create l1", "update l1", "update l1", "update l1", "update l1", "delete l1"}; !slices.Equal(w.events, want) {
		t.Errorf("events: got %v, want %v", w.events, want)
	}
}

// Only enabled logs end with their group or port (observed).
func TestEnabledLogsEndWithWhatTheyAreOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.port("a", "unbound", "normal")
	w.port("b", "unbound", "normal")
	for _, set := range []neutron.Attrs{{"resource_id": "sg"}, {"resource_id": "sg", "enabled": false}, {"target_id": "a"},
		{"target_id": "a", "enabled": false}, {"target_id": "b"}, {}} {
		if _, err := w.try("p", set); err != nil {
			t.Fatal(err)
		}
	}
	w.events = nil
	for _, end := range []func(*store.Tx) error{
		func(tx *store.Tx) error { return w.s.GroupDeleted(tx, of("q"), "sg") },
		func(tx *store.Tx) error { return w.s.PortDeleted(tx, of("q"), "a") },
		func(tx *store.Tx) error { return w.s.PortDeleted(tx, of("q"), "a") },
	} {
		if err := w.db.Write(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.s.List(t.Context(), of("p"), &neutron.Query{Sort: []neutron.SortKey{{Name: "id"}}})
	var left []string
	for _, l := range list {
		left = append(left, l.ID)
	}
	if err != nil || !slices.Equal(left, []string{"l2", "l4", "l5", "l6"}) || !slices.Equal(w.events, []string{"delete l1", "delete l3"}) {
		t.Errorf("left: %v, %v; events %v", left, err, w.events)
	}
}

func TestTypesAreOnlyListed(t *testing.T) {
	t.Parallel()
	var s Types
	list, err := s.List(t.Context(), of("p"), nil)
	if err != nil || len(list) != 1 || list[0] != (Type{Name: "security_group", ProjectID: "p"}) {
		t.Errorf("got %v, %v", list, err)
	}
	_, get := s.Get(t.Context(), of("p"), "security_group", neutron.Fields{})
	_, update := s.Update(t.Context(), of("p"), "security_group", nil)
	for _, err := range []error{get, update, s.Delete(t.Context(), of("p"), "security_group")} {
		if neutron.KindOf(err) != neutron.NotFound {
			t.Errorf("got %v, want not found", err)
		}
	}
	if _, err := s.Create(t.Context(), of("p"), nil); neutron.KindOf(err) != neutron.MethodNotAllowed {
		t.Errorf("create: got %v", err)
	}
}
