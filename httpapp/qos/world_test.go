package qos_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/core/network"
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var admin = &neutron.Context{Admin: true, ProjectID: "admin"}

func of(project string) *neutron.Context { return &neutron.Context{ProjectID: project} }

// world has policies, and networks and ports to bind to them, on one database.
type world struct {
	t          *testing.T
	db         *store.DB
	hooks      callbacks.Hooks[neutron.QoSPolicy]
	policies   *qos.Policies
	networks   *network.Service
	ports      *port.Service
	statements atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	var err error
	w.db, err = store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db"), Readers: 2,
		Trace: func(text string, _ []any) {
			if strings.HasPrefix(text, "SELECT") {
				w.statements.Add(1)
			}
		}})
	check(t, err)
	t.Cleanup(func() { check(t, w.db.Close()) })
	drivers := qos.Drivers{qos.OpenVSwitch()}
	o := qos.Options{DB: w.db, Drivers: drivers, Hooks: &w.hooks}
	w.policies = qos.NewPolicies(o)
	plugin, err := ml2.New(ml2.Config{TypeDrivers: []string{"vxlan", "flat"}, ProjectNetworkTypes: []string{"vxlan"}, FlatNetworks: []string{"*"},
		VNIRanges: []string{"1:1000"}, OverlayIPVersion: 4, GlobalPhysnetMTU: 1500})
	check(t, err)
	check(t, w.db.Write(t.Context(), plugin.Sync))
	w.networks, err = network.New(network.Options{DB: w.db, Segments: plugin, QoS: drivers})
	check(t, err)
	p := port.DefaultOptions()
	p.DB, p.Addresses, p.QoS = w.db, ipam.New(ipam.Options{}), drivers
	w.ports, err = port.New(p)
	check(t, err)
	return w
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused wants a refusal of that kind and type, with something of its text.
func refused(t *testing.T, err error, kind neutron.Kind, typ, text string) {
	t.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Type != typ || !strings.Contains(e.Message, text) {
		t.Errorf("got %v, want a %s with %q", err, typ, text)
	}
}

// policy makes a policy of a project.
func (w *world) policy(project string, more neutron.Attrs) string {
	w.t.Helper()
	a := neutron.Attrs{"project_id": project, "name": "q"}
	for k, v := range more {
		a[k] = v
	}
	out, err := w.policies.Create(w.t.Context(), admin, []neutron.Attrs{a})
	check(w.t, err)
	return out[0].ID
}

// rules is the service for the rules of a kind below a policy, or under their alias.
func (w *world) rules(kind, policy string) *qos.Rules {
	w.t.Helper()
	for _, k := range qos.Kinds() {
		if k.Name == kind {
			return qos.NewRules(w.policies, k).Of(policy)
		}
	}
	w.t.Fatalf("no kind %s", kind)
	return nil
}

func (w *world) rule(kind, policy string, in neutron.Attrs) (string, error) {
	out, err := w.rules(kind, policy).Create(w.t.Context(), admin, []neutron.Attrs{in})
	if err != nil {
		return "", err
	}
	return out[0].ID, nil
}

func (w *world) mustRule(kind, policy string, in neutron.Attrs) string {
	w.t.Helper()
	id, err := w.rule(kind, policy, in)
	check(w.t, err)
	return id
}

func (w *world) network(rc *neutron.Context, project, policy string, more neutron.Attrs) (string, error) {
	a := neutron.Attrs{"project_id": project, "name": "n"}
	if policy != "" {
		a["qos_policy_id"] = policy
	}
	for k, v := range more {
		a[k] = v
	}
	out, err := w.networks.Create(w.t.Context(), rc, []neutron.Attrs{a})
	if err != nil {
		return "", err
	}
	return out[0].ID, nil
}

func (w *world) mustNetwork(project, policy string) string {
	w.t.Helper()
	id, err := w.network(admin, project, policy, nil)
	check(w.t, err)
	return id
}

func (w *world) port(rc *neutron.Context, project, network string, more neutron.Attrs) (string, error) {
	a := neutron.Attrs{"project_id": project, "network_id": network, "admin_state_up": true, "binding:vnic_type": "normal", "fixed_ips": []any{}}
	for k, v := range more {
		a[k] = v
	}
	out, err := w.ports.Create(w.t.Context(), rc, []neutron.Attrs{a})
	if err != nil {
		return "", err
	}
	return out[0].ID, nil
}

func (w *world) mustPort(project, network string, more neutron.Attrs) string {
	w.t.Helper()
	id, err := w.port(admin, project, network, more)
	check(w.t, err)
	return id
}

// exec writes as another program on the same database would.
func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	check(w.t, w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(text, args...)
		return err
	}))
}

func (w *world) get(rc *neutron.Context, id string) neutron.QoSPolicy {
	w.t.Helper()
	p, err := w.policies.Get(w.t.Context(), rc, id, neutron.Fields{})
	check(w.t, err)
	return p
}

// contains reports whether a text has all parts.
func contains(text string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}
