package network

import (
	"context"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// wide is a configuration whose range does not end within a run.
func wide() ml2.Config {
	c := config()
	c.VNIRanges = []string{"1:300000"}
	return c
}

func BenchmarkGet(b *testing.B) {
	w := newWorld(b, wide())
	var id string
	for range 100 {
		id = w.create(neutron.Attrs{"name": "n"}).ID
	}
	w.subnet(id, "p1", 4, "")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.s.Get(context.Background(), w.rc, id, neutron.Fields{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetName(b *testing.B) {
	w := newWorld(b, wide())
	id := w.create(neutron.Attrs{"name": "n"}).ID
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.s.Get(context.Background(), w.rc, id, neutron.Fields{Names: []string{"name"}}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList100(b *testing.B) {
	w := newWorld(b, wide())
	for range 100 {
		w.create(neutron.Attrs{"name": "n"})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.s.List(context.Background(), w.rc, &neutron.Query{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	w := newWorld(b, wide())
	b.ReportAllocs()
	for b.Loop() {
		w.ensured = nil
		if _, err := w.tryCreate(neutron.Attrs{"name": "n"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCreateAndDelete(b *testing.B) {
	w := newWorld(b, wide())
	for b.Loop() {
		w.remove(w.create(neutron.Attrs{"name": "n"}).ID)
	}
}
