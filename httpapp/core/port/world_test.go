package port

import (
	"encoding/json"
	"errors"
	"maps"
	"net/netip"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service on a database with one network and its subnets 10.0.0.0/24 and 2001:db8::/64.
type world struct {
	t     testing.TB
	db    *store.DB
	s     *Service
	rc    *neutron.Context
	clock time.Time
}

const (
	netID   = "11111111-0000-4000-8000-000000000000"
	subnet4 = "44444444-0000-4000-8000-000000000000"
	subnet6 = "66666666-0000-4000-8000-000000000000"
	nowhere = "99999999-0000-4000-8000-000000000000"
	project = "0123456789abcdef0123456789abcdef"
)

type obj = map[string]any
type list = []any

func newWorld(t testing.TB, set ...func(*Options)) *world {
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
	w := &world{t: t, db: db, rc: &neutron.Context{Admin: true}, clock: time.Date(2026, 11, 22, 8, 0, 0, 7, time.UTC)}
	o := DefaultOptions()
	o.DB, o.Addresses, o.DNSDomain, o.Now = db, ipam.New(ipam.Options{}), "ref.example.", func() time.Time { return w.clock }
	for _, fn := range set {
		fn(&o)
	}
	if w.s, err = New(o); err != nil {
		t.Fatal(err)
	}
	w.network(netID, true)
	w.subnet(subnet4, "10.0.0.0/24", 4)
	w.subnet(subnet6, "2001:db8::/64", 6)
	return w
}

func (w *world) write(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(text, args...)
		return err
	})
}

func (w *world) network(id string, security bool) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("networks", "", 1, w.clock)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO networks (id, project_id, name, status, admin_state_up, mtu, standard_attr_id)
			VALUES (?, ?, 'net', 'ACTIVE', 1, 1450, ?)`, id, project, standard); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO networksecuritybindings (network_id, port_security_enabled) VALUES (?, ?)`, id, security)
		return err
	})
}

func (w *world) subnet(id, cidr string, version int) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		standard, err := tx.NewStandard("subnets", "", 0, w.clock)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO subnets (id, project_id, name, network_id, ip_version, cidr, enable_dhcp,
			standard_attr_id) VALUES (?, ?, '', ?, ?, ?, 0, ?)`, id, project, netID, version, cidr, standard); err != nil {
			return err
		}
		p := netip.MustParsePrefix(cidr)
		return ipam.AddSubnet(tx, id, ipam.DefaultPools(p, ipam.DefaultGateway(p)))
	})
}

// defaults are what the engine fills in when a port is created.
func defaults() neutron.Attrs {
	return neutron.Attrs{
		"project_id": project, "network_id": netID, "name": "", "admin_state_up": true, "device_id": "", "device_owner": "",
		"description": "", "binding:vnic_type": "normal", "extra_dhcp_opts": nil, "hints": nil, "numa_affinity_policy": nil,
		"device_profile": nil, "dns_name": "", "dns_domain": "", "qos_policy_id": nil, "tags": list{},
		"propagate_uplink_status": true,
	}
}

func with(set obj) neutron.Attrs {
	a := defaults()
	maps.Copy(a, set)
	return a
}

func (w *world) tryCreate(set ...obj) ([]neutron.Port, error) {
	in := make([]neutron.Attrs, len(set))
	for i, s := range set {
		in[i] = with(s)
	}
	return w.s.Create(w.t.Context(), w.rc, in)
}

func (w *world) create(set obj) neutron.Port {
	w.t.Helper()
	ports, err := w.tryCreate(set)
	if err != nil {
		w.t.Fatalf("create %v: %v", set, err)
	}
	return ports[0]
}

func (w *world) put(id string, set obj) (neutron.Port, error) {
	return w.s.Update(w.t.Context(), w.rc, id, neutron.Attrs(set))
}

func (w *world) get(id string) neutron.Port {
	w.t.Helper()
	p, err := w.s.Get(w.t.Context(), w.rc, id, neutron.Fields{})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) count(table string) (n int) {
	w.t.Helper()
	err := w.db.Read(w.t.Context(), func(tx *store.Tx) error { return tx.Get("SELECT count(*) FROM "+table, nil, &n) })
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// shown is the port as a client sees it.
func shown(t testing.TB, p neutron.Port) obj {
	t.Helper()
	var b wire.Buffer
	b.Open('{')
	for i, f := range View() {
		b.Key(i, f.Name)
		f.Append(&b, &p)
	}
	b.Close('}')
	var o obj
	if err := json.Unmarshal(b.B, &o); err != nil {
		t.Fatalf("%v in %s", err, b.B)
	}
	return o
}

// plain is a port without anything special.
func plain() obj {
	return obj{
		"name": "", "admin_state_up": true, "status": "DOWN", "device_id": "", "device_owner": "", "description": "",
		"fixed_ips": list{}, "allowed_address_pairs": list{}, "extra_dhcp_opts": list{}, "security_groups": list{}, "tags": list{},
		"binding:vnic_type": "normal", "binding:profile": obj{}, "binding:host_id": "", "binding:vif_type": "unbound",
		"binding:vif_details": obj{}, "port_security_enabled": true, "qos_policy_id": nil, "qos_network_policy_id": nil,
		"dns_name": "", "dns_assignment": list{}, "dns_domain": "", "data_plane_status": nil, "propagate_uplink_status": true,
		"device_profile": nil, "hardware_offload_type": nil, "hints": nil, "numa_affinity_policy": nil, "trusted": nil,
		"resource_request": nil, "ip_allocation": "immediate", "network_id": netID, "project_id": project, "tenant_id": project,
		"created_at": "2026-11-22T08:00:00Z", "updated_at": "2026-11-22T08:00:00Z", "revision_number": 1.0,
	}
}

// special is what is not plain about a port, its generated attributes left out.
func special(t testing.TB, p neutron.Port, leaveOut ...string) obj {
	t.Helper()
	o := shown(t, p)
	for name, v := range plain() {
		if got, ok := o[name]; !ok {
			t.Errorf("attribute %s is not shown", name)
		} else if reflect.DeepEqual(got, v) {
			delete(o, name)
		}
	}
	for _, name := range append(leaveOut, "id", "mac_address", "updated_at") {
		delete(o, name)
	}
	return o
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// refusal is an error as the client sees it.
type refusal struct {
	kind         neutron.Kind
	typ, message string
}

func refused(t testing.TB, what string, err error, want refusal) {
	t.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want %s", what, err, want.message)
		return
	}
	if got := (refusal{e.Kind, e.Type, e.Message}); got != want {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}
