package port

import (
	"fmt"
	"sync"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Many clients want the same few addresses at once, others any: every MAC and every address is given once, the project
// gets one default group, and whoever loses hears 409, never an internal error.
func TestConcurrentCreates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				_, err := w.tryCreate(obj{"mac_address": fmt.Sprintf("fa:16:3e:00:00:%02d", j)}, obj{"name": fmt.Sprint(i)})
				if err != nil && neutron.KindOf(err) != neutron.Conflict {
					t.Errorf("client %d: %v", i, err)
				}
				if _, err := w.tryCreate(obj{}); err != nil {
					t.Errorf("client %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	ports := w.list(neutron.Query{})
	if len(ports) != 10*2+80 {
		t.Errorf("got %d ports, want 10 pairs and 80 single ones", len(ports))
	}
	macs, ips := map[string]bool{}, map[string]bool{}
	for _, p := range ports {
		if macs[p.MACAddress] {
			t.Errorf("MAC address %s twice", p.MACAddress)
		}
		macs[p.MACAddress] = true
		for _, ip := range p.FixedIPs {
			if ips[ip.IPAddress] {
				t.Errorf("address %s twice", ip.IPAddress)
			}
			ips[ip.IPAddress] = true
		}
	}
	if n := w.count("securitygroups"); n != 1 {
		t.Errorf("got %d security groups, want the default one", n)
	}
}

func TestConcurrentUpdatesLoseNoRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.create(obj{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 10 {
				if _, err := w.put(p.ID, obj{"name": fmt.Sprint(i, " ", j)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := w.get(p.ID).Revision; got != 41 {
		t.Errorf("got revision %d, want 41", got)
	}
}
