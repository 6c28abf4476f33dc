package subnet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// admin sees every project.
var admin = &neutron.Context{Admin: true}

// world is a database with the network "net" and its service.
type world struct {
	tb   testing.TB
	db   *store.DB
	svc  *Service
	ipam *ipam.Allocator
	now  time.Time
	seq  int
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	db, err := store.Open(tb.Context(), store.Options{URL: "sqlite:///" + filepath.Join(tb.TempDir(), "neutron.db"), Readers: 2})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	w := &world{tb: tb, db: db, now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), ipam: ipam.New(ipam.Options{})}
	w.svc = New(Options{DB: db, IPAM: w.ipam, Now: func() time.Time { return w.now }, NewID: func() string {
		w.seq++
		return fmt.Sprintf("sub%d", w.seq)
	}})
	w.addNetwork("net", 1450)
	return w
}

func (w *world) write(fn func(*store.Tx) error) {
	w.tb.Helper()
	if err := w.db.Write(w.tb.Context(), fn); err != nil {
		w.tb.Fatal(err)
	}
}

// exec runs a statement whose last column is standard_attr_id.
func (w *world) exec(kind, statement string, args ...any) {
	w.tb.Helper()
	w.write(func(tx *store.Tx) error {
		id, err := tx.NewStandard(kind, "", 1, w.now)
		if err != nil {
			return err
		}
		_, err = tx.Exec(statement, append(args, id)...)
		return err
	})
}

func (w *world) addNetwork(id string, mtu int) {
	w.tb.Helper()
	w.exec("networks", `INSERT INTO networks (id, project_id, name, status, admin_state_up, mtu, standard_attr_id)
		VALUES (?, 'p', 'n', 'ACTIVE', 1, ?, ?)`, id, mtu)
}

func (w *world) addSegment(id, networkID string, dynamic bool) {
	w.tb.Helper()
	w.exec("networksegments", `INSERT INTO networksegments (id, network_id, network_type, physical_network, is_dynamic,
		standard_attr_id) VALUES (?, ?, 'vlan', ?, ?, ?)`, id, networkID, id, dynamic)
}

// addPort makes a port with the addresses it asks for.
func (w *world) addPort(id, owner, mac string, requests []ipam.Request) []neutron.FixedIP {
	w.tb.Helper()
	w.exec("ports", `INSERT INTO ports (id, project_id, name, network_id, mac_address, admin_state_up, status, device_id,
		device_owner, standard_attr_id) VALUES (?, 'p', '', 'net', ?, 1, 'DOWN', '', ?, ?)`, id, mac, owner)
	var ips []neutron.FixedIP
	w.write(func(tx *store.Tx) (err error) {
		ips, err = w.ipam.Allocate(tx, ipam.Target{NetworkID: "net", PortID: id, MAC: mac, DeviceOwner: owner}, requests)
		return err
	})
	return ips
}

// create creates one subnet of the network "net" from what the engine would hand over: attrs over the defaults.
func (w *world) create(attrs neutron.Attrs) (neutron.Subnet, error) {
	w.tb.Helper()
	out, err := w.svc.Create(w.tb.Context(), &neutron.Context{Admin: true}, []neutron.Attrs{w.attrs(attrs)})
	if err != nil {
		return neutron.Subnet{}, err
	}
	return out[0], nil
}

func (w *world) attrs(attrs neutron.Attrs) neutron.Attrs {
	all := neutron.Attrs{"project_id": "p", "network_id": "net", "name": "", "description": "", "enable_dhcp": false,
		"ip_version": int64(4), "dns_publish_fixed_ip": false, "segment_id": nil, "use_default_subnetpool": false}
	for k, v := range attrs {
		all[k] = v
	}
	return all
}

func (w *world) mustCreate(attrs neutron.Attrs) neutron.Subnet {
	w.tb.Helper()
	out, err := w.create(attrs)
	if err != nil {
		w.tb.Fatal(err)
	}
	return out
}

func (w *world) update(id string, attrs neutron.Attrs) (neutron.Subnet, error) {
	return w.svc.Update(w.tb.Context(), &neutron.Context{Admin: true}, id, attrs)
}

func (w *world) delete(id string) error {
	return w.svc.Delete(w.tb.Context(), &neutron.Context{Admin: true}, id)
}

// number is the single integer that a query returns.
func (w *world) number(query string, args ...any) int {
	w.tb.Helper()
	var n int
	if err := w.db.Read(context.WithoutCancel(w.tb.Context()), func(tx *store.Tx) error { return tx.Get(query, args, &n) }); err != nil {
		w.tb.Fatal(err)
	}
	return n
}

func (w *world) networkRevision() int {
	return w.number(`SELECT a.revision_number FROM standardattributes a JOIN networks n ON n.standard_attr_id = a.id WHERE n.id = 'net'`)
}

func (w *world) portRevision(id string) int {
	return w.number(`SELECT a.revision_number FROM standardattributes a JOIN ports p ON p.standard_attr_id = a.id WHERE p.id = ?`, id)
}

func pairs(key1, key2 string, values ...string) []any {
	var out []any
	for i := 0; i < len(values); i += 2 {
		out = append(out, map[string]any{key1: values[i], key2: values[i+1]})
	}
	return out
}

func startEnd(values ...string) []any { return pairs("start", "end", values...) }

// wantError holds err against Neutron's class and text.
func wantError(tb testing.TB, err error, typ, message string) {
	tb.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) {
		tb.Errorf("got %v, want %s: %s", err, typ, message)
		return
	}
	if e.Type != typ || e.Message != message {
		tb.Errorf("got %s: %s\nwant %s: %s", e.Type, e.Message, typ, message)
	}
}
