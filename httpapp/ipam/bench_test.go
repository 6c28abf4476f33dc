package ipam

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// BenchmarkAllocate is one address given and taken back in a transaction that stays open: the cost of IPAM alone.
func BenchmarkAllocate(b *testing.B) {
	for _, c := range []struct {
		name, cidr string
		taken      uint64
	}{
		{"empty24", "10.0.0.0/24", 0},
		{"empty16", "10.0.0.0/16", 0},
		{"taken60000of16", "10.0.0.0/16", 60000},
		{"empty64", "2001:db8::/64", 0},
		{"taken60000of64", "2001:db8::/64", 60000},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := newWorld(b)
			w.addSubnet(subnetSpec{id: "s1", cidr: c.cidr})
			w.fill(c.cidr, c.taken)
			a := New(Options{})
			w.write(func(tx *store.Tx) error {
				t, err := w.newPort(tx, Target{})
				for b.Loop() && err == nil {
					ips, failed := a.Allocate(tx, t, nil)
					if failed != nil {
						return failed
					}
					err = giveBack(tx, ips[0], netID)
				}
				return err
			})
		})
	}
}

// BenchmarkExhausted is the refusal of a full /16: everything is read the first time only.
func BenchmarkExhausted(b *testing.B) {
	w := newWorld(b)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/16"})
	w.fill("10.0.0.0/16", 1<<16-3)
	a := New(Options{})
	w.write(func(tx *store.Tx) error {
		t, err := w.newPort(tx, Target{})
		for b.Loop() {
			if _, failed := a.Allocate(tx, t, nil); failed == nil {
				return fmt.Errorf("an address from a full subnet")
			}
		}
		return err
	})
}

// fill takes the first n addresses of s1's pool.
func (w *world) fill(cidr string, n uint64) {
	w.tb.Helper()
	pools := DefaultPools(netip.MustParsePrefix(cidr), DefaultGateway(netip.MustParsePrefix(cidr)))
	w.write(func(tx *store.Tx) error {
		all, err := subnetsOf(tx, Target{NetworkID: netID})
		if err != nil {
			return err
		}
		for i := range n {
			if _, err := tx.Exec(`INSERT INTO ipamallocations (ip_address, status, ipam_subnet_id) VALUES (?, 'ALLOCATED', ?)`,
				at(pools, i).String(), all[0].ipamID); err != nil {
				return err
			}
		}
		return nil
	})
}
