package ipam

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a database with one network.
type world struct {
	tb   testing.TB
	db   *store.DB
	path string
	seq  int
}

const netID = "net"

func newWorld(tb testing.TB) *world {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "neutron.db")
	db, err := store.Open(tb.Context(), store.Options{URL: "sqlite:///" + path, Readers: 2})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	w := &world{tb: tb, db: db, path: path}
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO networks (id, project_id, name, status, admin_state_up, mtu, standard_attr_id)
			VALUES (?, 'p', 'n', 'ACTIVE', 1, 1450, ?)`, netID, w.standard(tx, "networks"))
		return err
	})
	return w
}

func (w *world) standard(tx *store.Tx, kind string) int64 {
	id, err := tx.NewStandard(kind, "", 0, time.Unix(0, 0))
	if err != nil {
		w.tb.Error(err) // the row that needs the id is refused next
	}
	return id
}

func (w *world) write(fn func(*store.Tx) error) {
	w.tb.Helper()
	if err := w.db.Write(w.tb.Context(), fn); err != nil {
		w.tb.Fatal(err)
	}
}

// subnetSpec is a subnet of the test network; pools empty means the default ones.
type subnetSpec struct {
	id, cidr, mode, segment string
	dhcp                    bool
	owners                  []string
	pools                   []neutron.Pool
}

func (w *world) addSubnet(s subnetSpec) {
	w.tb.Helper()
	cidr := netip.MustParsePrefix(s.cidr)
	version := 6
	if cidr.Addr().Is4() {
		version = 4
	}
	pools := DefaultPools(cidr, DefaultGateway(cidr))
	if len(s.pools) > 0 {
		var err error
		if pools, err = ParsePools(s.pools); err != nil {
			w.tb.Fatal(err)
		}
	}
	w.write(func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO subnets (id, project_id, name, network_id, ip_version, cidr, enable_dhcp, ipv6_ra_mode,
			ipv6_address_mode, segment_id, standard_attr_id) VALUES (?, 'p', '', ?, ?, ?, ?, ?, ?, ?, ?)`, s.id, netID, version,
			s.cidr, s.dhcp, store.Nullable(s.mode), store.Nullable(s.mode), store.Nullable(s.segment), w.standard(tx, "subnets")); err != nil {
			return err
		}
		for _, owner := range s.owners {
			if _, err := tx.Exec(`INSERT INTO subnet_service_types (subnet_id, service_type) VALUES (?, ?)`, s.id, owner); err != nil {
				return err
			}
		}
		return AddSubnet(tx, s.id, pools)
	})
}

func (w *world) addSegment(id string) {
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO networksegments (id, network_id, network_type, physical_network, standard_attr_id)
			VALUES (?, ?, 'vlan', ?, ?)`, id, netID, id, w.standard(tx, "networksegments"))
		return err
	})
}

// newPort inserts a port's row; its MAC is told by its number. Goroutines may share w.seq: one transaction writes at a
// time.
func (w *world) newPort(tx *store.Tx, t Target) (Target, error) {
	w.seq++
	t.NetworkID, t.PortID = netID, fmt.Sprintf("port%d", w.seq)
	if t.MAC == "" {
		t.MAC = fmt.Sprintf("fa:16:3e:%02x:%02x:%02x", w.seq>>16&255, w.seq>>8&255, w.seq&255)
	}
	_, err := tx.Exec(`INSERT INTO ports (id, project_id, name, network_id, mac_address, admin_state_up, status, device_id,
		device_owner, standard_attr_id) VALUES (?, 'p', '', ?, ?, 1, 'DOWN', '', ?, ?)`, t.PortID, netID, t.MAC, t.DeviceOwner,
		w.standard(tx, "ports"))
	return t, err
}

// port makes a port with addresses, or returns what Allocate says against it.
func (w *world) port(a *Allocator, t Target, requests []Request) (Target, []neutron.FixedIP, error) {
	var ips []neutron.FixedIP
	err := w.db.Write(w.tb.Context(), func(tx *store.Tx) (err error) {
		if t, err = w.newPort(tx, t); err != nil {
			return err
		}
		ips, err = a.Allocate(tx, t, requests)
		return err
	})
	return t, ips, err
}

func (w *world) update(a *Allocator, t Target, current []neutron.FixedIP, requests []Request) ([]neutron.FixedIP, error) {
	var ips []neutron.FixedIP
	err := w.db.Write(w.tb.Context(), func(tx *store.Tx) (err error) {
		ips, err = a.Update(tx, t, current, requests)
		return err
	})
	return ips, err
}

func (w *world) deletePort(a *Allocator, t Target, ips []neutron.FixedIP) {
	w.tb.Helper()
	w.write(func(tx *store.Tx) error {
		if err := a.Release(tx, ips); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM ports WHERE id = ?`, t.PortID)
		return err
	})
}

// stored is what both tables say is taken, "subnet address" each.
func (w *world) stored() (ipam, fixed []string) {
	w.tb.Helper()
	err := w.db.Read(w.tb.Context(), func(tx *store.Tx) (err error) {
		if ipam, err = tx.Strings(`SELECT s.neutron_subnet_id || ' ' || a.ip_address FROM ipamallocations a
			JOIN ipamsubnets s ON s.id = a.ipam_subnet_id WHERE a.status = 'ALLOCATED' ORDER BY 1`); err != nil {
			return err
		}
		fixed, err = tx.Strings(`SELECT subnet_id || ' ' || ip_address FROM ipallocations ORDER BY 1`)
		return err
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return ipam, fixed
}

func texts(ips []neutron.FixedIP) []string {
	out := make([]string, len(ips))
	for i, ip := range ips {
		out[i] = ip.IPAddress
	}
	return out
}

// wantError holds err against Neutron's class and text.
func wantError(tb testing.TB, err error, typ, message string) {
	tb.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) {
		tb.Errorf("got %v, want %s", err, typ)
		return
	}
	if e.Type != typ || e.Message != message {
		tb.Errorf("got %s: %s\nwant %s: %s", e.Type, e.Message, typ, message)
	}
}
