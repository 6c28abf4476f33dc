package quota_test

import (
	"context"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// BenchmarkCreating is what a limit adds to a write transaction, beside one that does nothing ("without").
func BenchmarkCreating(b *testing.B) {
	for _, c := range []struct {
		name, driver string
		limit, there int
	}{
		{"without", quota.DriverNull, -1, 0},
		{"unlimited", quota.DriverNoLock, -1, 500},
		{"of 10", quota.DriverNoLock, 100, 10},
		{"of 500", quota.DriverNoLock, 1_000, 500},
		{"of 10000", quota.DriverNoLock, 100_000, 10_000},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := open(b, c.driver)
			w.set("p", "network", -1)
			projects := make([]string, c.there)
			for i := range projects {
				projects[i] = "p"
			}
			if err := w.networks(projects...); err != nil {
				b.Fatal(err)
			}
			w.set("p", "network", c.limit)
			in := []neutron.Attrs{{"project_id": "p"}}
			nothing := func(*store.Tx) error { return nil }
			b.ReportAllocs()
			for b.Loop() {
				if err := w.db.Write(w.Creating(context.Background(), "network", in), nothing); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
