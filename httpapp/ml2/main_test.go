package ml2

import (
	"context"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reference is the configuration that the recorded conversations were made with, with smaller ranges.
func reference() Config {
	c := Defaults()
	c.ProjectNetworkTypes = []string{VXLAN}
	c.VLANRanges = []string{"physnet1:1:10", "physnet2:5:6", "physnet3"}
	c.VNIRanges = []string{"1:20"}
	c.TunnelRanges = []string{"1:5"}
	c.GeneveRanges = []string{"1:5"}
	c.GeneveMaxHeaderSize = 38
	return c
}

func mustPlugin(t testing.TB, c Config) *Plugin {
	t.Helper()
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func openStore(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// write runs fn in a write transaction that must succeed.
func write(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// synced returns a database with the allocations of p.
func synced(t testing.TB, p *Plugin) *store.DB {
	t.Helper()
	db := openStore(t)
	write(t, db, p.Sync)
	return db
}

func count(t testing.TB, db *store.DB, query string, args ...any) int {
	t.Helper()
	var n int
	err := db.Read(context.Background(), func(tx *store.Tx) error { return tx.Get(query, args, &n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func text(v string) *string { return &v }

func number(v int64) *int64 { return &v }

// wish builds a Wish; "" and absent stand for nothing given.
func wish(networkType, physical string, id int64) Wish {
	w := Wish{NetworkType: text(networkType)}
	if physical != "" {
		w.PhysicalNetwork = text(physical)
	}
	if id != absent {
		w.SegmentationID = number(id)
	}
	return w
}

const absent = int64(-1 << 40)

// take runs Take in a transaction of its own.
func take(db *store.DB, p *Plugin, wishes ...Wish) ([]neutron.Segment, error) {
	var out []neutron.Segment
	err := db.Write(context.Background(), func(tx *store.Tx) error {
		var err error
		out, err = p.Take(tx, wishes, false, "")
		return err
	})
	return out, err
}
