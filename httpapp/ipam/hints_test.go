package ipam

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// another opens the world's database once more, as another process would.
func (w *world) another() *world {
	w.tb.Helper()
	db, err := store.Open(w.tb.Context(), store.Options{URL: "sqlite:///" + w.path, Readers: 1})
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			w.tb.Error(err)
		}
	})
	return &world{tb: w.tb, db: db, path: w.path, seq: 1 << 12}
}

// exhausted makes ports until there is no address left, and returns them.
func (w *world) exhausted(a *Allocator) (ports []Target, ips [][]neutron.FixedIP) {
	w.tb.Helper()
	for {
		port, got, err := w.port(a, Target{}, nil)
		if err != nil {
			wantError(w.tb, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
			return ports, ips
		}
		ports, ips = append(ports, port), append(ips, got)
	}
}

// wantOne makes one port more: an address has just been given back.
func (w *world) wantOne(a *Allocator, address string) {
	w.tb.Helper()
	_, ips, err := w.port(a, Target{}, nil)
	if err != nil || len(ips) != 1 || ips[0].IPAddress != address {
		w.tb.Errorf("got %v, %v, want the address %s that was given back", ips, err, address)
	}
	if _, _, err := w.port(a, Target{}, nil); err == nil {
		w.tb.Error("an address from a full subnet")
	}
}

func TestAnAddressThatComesBackToAFullSubnetIsGivenAgain(t *testing.T) {
	t.Parallel()
	const capacity = 1<<9 - 3
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/23"})
	a := New(Options{})
	ports, ips := w.exhausted(a)
	if len(ports) != capacity {
		t.Fatalf("%d ports in a /23, want %d", len(ports), capacity)
	}

	w.deletePort(a, ports[7], ips[7])
	w.wantOne(a, ips[7][0].IPAddress)

	// An Allocator of another application on the same database.
	w.deletePort(New(Options{}), ports[8], ips[8])
	w.wantOne(a, ips[8][0].IPAddress)

	other := w.another()
	other.deletePort(New(Options{}), ports[9], ips[9])
	w.wantOne(a, ips[9][0].IPAddress)
}

func TestASubnetFilledInVainIsNotFull(t *testing.T) {
	t.Parallel()
	const capacity = 1<<9 - 3
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/23"})
	a := New(Options{})
	err := w.db.Write(t.Context(), func(tx *store.Tx) error {
		for range capacity + 1 {
			port, err := w.newPort(tx, Target{})
			if err != nil {
				return err
			}
			if _, err := a.Allocate(tx, port, nil); err != nil {
				return err
			}
		}
		return errors.New("the subnet never got full")
	})
	wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
	if ports, _ := w.exhausted(a); len(ports) != capacity {
		t.Errorf("%d ports behind a transaction that was rolled back, want %d", len(ports), capacity)
	}
}

func TestAReleaseInVainGivesNothingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/23"})
	a := New(Options{})
	_, ips := w.exhausted(a)
	failure := errors.New("rolled back")
	err := w.db.Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(a.Release(tx, ips[3]), failure)
	})
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	_, _, err = w.port(a, Target{}, nil)
	wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
}

// TestProcessesFillExactly has two processes' worth of connections fill and drain one subnet: what each remembers of it
// is wrong most of the time.
func TestProcessesFillExactly(t *testing.T) {
	t.Parallel()
	const capacity, workers, rounds = 1<<8 - 3, 4, 90
	w := newWorld(t)
	w.addSubnet(subnetSpec{id: "s1", cidr: "10.0.0.0/24"})
	worlds := []*world{w, w.another()}
	var mu sync.Mutex
	taken := make(map[string]bool) // guarded by mu
	refused := 0                   // guarded by mu
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			world, a := worlds[k%2], New(Options{})
			for i := range rounds {
				port, ips, err := world.port(a, Target{}, nil)
				mu.Lock()
				switch {
				case err != nil:
					wantError(t, err, "IpAddressGenerationFailure", "No more IP addresses available on network net.")
					refused++
				case taken[ips[0].IPAddress]:
					t.Errorf("%s given twice", ips[0].IPAddress)
				case i%9 != 0:
					taken[ips[0].IPAddress] = true
				}
				mu.Unlock()
				if err == nil && i%9 == 0 {
					world.deletePort(a, port, ips)
				}
			}
		})
	}
	wg.Wait()
	rest, _ := w.exhausted(New(Options{}))
	if n := len(taken) + len(rest); n != capacity {
		t.Errorf("%d addresses given, want %d", n, capacity)
	}
	if refused == 0 {
		t.Error("the subnet was never full: this test proves nothing")
	}
	if ipam, fixed := w.stored(); len(ipam) != capacity || len(fixed) != capacity {
		t.Errorf("tables have %d and %d rows, want %d", len(ipam), len(fixed), capacity)
	}
}

func TestHintsAreBounded(t *testing.T) {
	t.Parallel()
	h := hints{bySubnet: make(map[string]*hint)}
	for i := range 2 * maxHints {
		h.learn(fmt.Sprint(i), &hint{})
	}
	if n := len(h.bySubnet); n != maxHints {
		t.Errorf("%d subnets remembered, want %d", n, maxHints)
	}
}
