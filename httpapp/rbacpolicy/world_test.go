package rbacpolicy_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/addressgroup"
	"github.com/seed-a8f20362/hadron/httpapp/addressscope"
	"github.com/seed-a8f20362/hadron/httpapp/core/network"
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/core/subnet"
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/rbacpolicy"
	"github.com/seed-a8f20362/hadron/httpapp/secgroup"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/subnetpool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var admin = &neutron.Context{Admin: true, ProjectID: "admin"}

func of(project string) *neutron.Context { return &neutron.Context{ProjectID: project} }

// world has every resource that is shared, or seen because something else is, on one database.
type world struct {
	t        *testing.T
	db       *store.DB
	networks *network.Service
	subnets  *subnet.Service
	ports    *port.Service
	groups   *secgroup.Groups
	rules    *secgroup.Rules
	scopes   *addressscope.Service
	pools    *subnetpool.Service
	sets     *addressgroup.Service
	entries  *rbacpolicy.Service
	policies *qos.Policies
	made     int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db"), Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, db.Close()) })
	plugin, err := ml2.New(ml2.Config{TypeDrivers: []string{"local"}, ProjectNetworkTypes: []string{"local"}, OverlayIPVersion: 4, GlobalPhysnetMTU: 1500})
	check(t, err)
	w := &world{t: t, db: db, groups: secgroup.NewGroups(secgroup.Options{DB: db}), rules: secgroup.NewRules(secgroup.Options{DB: db}),
		scopes: addressscope.New(addressscope.Options{DB: db}), pools: subnetpool.New(subnetpool.Options{DB: db}),
		sets: addressgroup.New(addressgroup.Options{DB: db}), entries: rbacpolicy.New(rbacpolicy.Options{DB: db}),
		policies: qos.NewPolicies(qos.Options{DB: db}),
		subnets:  subnet.New(subnet.Options{DB: db})}
	w.networks, err = network.New(network.Options{DB: db, Segments: plugin})
	check(t, err)
	o := port.DefaultOptions()
	o.DB, o.Addresses = db, ipam.New(ipam.Options{})
	w.ports, err = port.New(o)
	check(t, err)
	return w
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// one returns what a create of one object has made.
func one[T any](t *testing.T) func(out []T, err error) T {
	return func(out []T, err error) T {
		t.Helper()
		check(t, err)
		return out[0]
	}
}

func list(a neutron.Attrs) []neutron.Attrs { return []neutron.Attrs{a} }

func (w *world) network(project string) string {
	w.t.Helper()
	return one[neutron.Network](w.t)(w.networks.Create(w.t.Context(), admin, list(neutron.Attrs{"project_id": project, "name": "n"}))).ID
}

func (w *world) subnet(project, network string) string {
	w.t.Helper()
	w.made++
	return one[neutron.Subnet](w.t)(w.subnets.Create(w.t.Context(), admin, list(neutron.Attrs{"project_id": project, "network_id": network,
		"cidr": fmt.Sprintf("10.%d.%d.0/24", w.made/256, w.made%256), "ip_version": int64(4), "enable_dhcp": true}))).ID
}

func (w *world) port(project, network string, groups ...any) string {
	w.t.Helper()
	return one[neutron.Port](w.t)(w.ports.Create(w.t.Context(), admin, list(neutron.Attrs{"project_id": project, "network_id": network,
		"admin_state_up": true, "binding:vnic_type": "normal", "fixed_ips": []any{}, "security_groups": groups}))).ID
}

func (w *world) policy(project string) string {
	w.t.Helper()
	return one[neutron.QoSPolicy](w.t)(w.policies.Create(w.t.Context(), admin, list(neutron.Attrs{"project_id": project, "name": "n"}))).ID
}

func (w *world) group(project string) string {
	w.t.Helper()
	return one[neutron.SecurityGroup](w.t)(w.groups.Create(w.t.Context(), admin, list(neutron.Attrs{"project_id": project, "name": "g", "stateful": true}))).ID
}

func (w *world) rule(project, group string, more neutron.Attrs) (string, error) {
	w.made++
	a := neutron.Attrs{"project_id": project, "security_group_id": group, "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp",
		"port_range_min": int64(w.made), "port_range_max": int64(w.made)}
	for k, v := range more {
		a[k] = v
	}
	out, err := w.rules.Create(w.t.Context(), admin, list(a))
	if err != nil {
		return "", err
	}
	return out[0].ID, nil
}

func (w *world) scope(project string) string {
	w.t.Helper()
	return one[neutron.AddressScope](w.t)(w.scopes.Create(w.t.Context(), admin, list(neutron.Attrs{"project_id": project, "ip_version": int64(4)}))).ID
}

func (w *world) pool(project, scope string) string {
	w.t.Helper()
	w.made++
	a := neutron.Attrs{"project_id": project, "prefixes": []any{fmt.Sprintf("172.%d.%d.0/24", w.made/256, w.made%256)}}
	if scope != "" {
		a["address_scope_id"] = scope
	}
	return one[neutron.SubnetPool](w.t)(w.pools.Create(w.t.Context(), admin, list(a))).ID
}

func (w *world) set(project string) string {
	w.t.Helper()
	return one[neutron.AddressGroup](w.t)(w.sets.Create(w.t.Context(), admin, list(neutron.Attrs{"project_id": project}))).ID
}

// share makes an entry as rc.
func (w *world) share(rc *neutron.Context, kind, id, action, target string) (neutron.RBACPolicy, error) {
	out, err := w.entries.Create(w.t.Context(), rc, list(neutron.Attrs{"project_id": rc.ProjectID, "object_type": kind, "object_id": id,
		"action": action, "target_tenant": target}))
	if err != nil {
		return neutron.RBACPolicy{}, err
	}
	return out[0], nil
}

func (w *world) mustShare(kind, id, action, target string) string {
	w.t.Helper()
	p, err := w.share(admin, kind, id, action, target)
	check(w.t, err)
	return p.ID
}

// exec writes rows of what has no resource yet.
func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	check(w.t, w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(text, args...)
		return err
	}))
}

// router writes a router with its gateway on a network.
func (w *world) router(project, network string) {
	w.t.Helper()
	check(w.t, w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		w.made++
		gateway, id := fmt.Sprintf("gw%d", w.made), fmt.Sprintf("router%d", w.made)
		standard, err := tx.NewStandard("ports", "", 1, time.Now())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO ports (id, project_id, network_id, mac_address, admin_state_up, status, device_id, device_owner, standard_attr_id)
			VALUES (?, '', ?, ?, 1, 'DOWN', ?, 'network:router_gateway', ?)`, gateway, network, gateway, id, standard); err != nil {
			return err
		}
		if standard, err = tx.NewStandard("routers", "", 1, time.Now()); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO routers (id, project_id, gw_port_id, standard_attr_id) VALUES (?, ?, ?, ?)`, id, project, gateway, standard)
		return err
	}))
}

// refused wants a client error of that type with that text in it.
func refused(t *testing.T, err error, kind neutron.Kind, typ, text string) {
	t.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Type != typ || !strings.Contains(e.Message, text) {
		t.Errorf("got %v, want a %s with %q", err, typ, text)
	}
}
