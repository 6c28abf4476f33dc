package port

import (
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func BenchmarkGet(b *testing.B) {
	w := newWorld(b)
	p := w.create(obj{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.s.Get(b.Context(), w.rc, p.ID, neutron.Fields{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCreate makes ports without addresses: package ipam measures its own share, and a /24 would be full soon.
func BenchmarkCreate(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		w.create(obj{"fixed_ips": list{}})
	}
}

func BenchmarkCreateWithAddress(b *testing.B) {
	w := newWorld(b)
	set := obj{"fixed_ips": list{obj{"subnet_id": subnet6}}}
	b.ReportAllocs()
	for b.Loop() {
		w.create(set)
	}
}

func BenchmarkList1000(b *testing.B) {
	w := newWorld(b)
	for range 10 {
		in := make([]obj, 100)
		for i := range in {
			in[i] = obj{"fixed_ips": list{obj{"subnet_id": subnet6}}}
		}
		if _, err := w.tryCreate(in...); err != nil {
			b.Fatal(err)
		}
	}
	for _, f := range []struct {
		name   string
		fields neutron.Fields
	}{{"full", neutron.Fields{}}, {"id", neutron.Fields{Names: []string{"id"}}}} {
		b.Run(f.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := w.list(neutron.Query{Fields: f.fields}); len(got) != 1000 {
					b.Fatalf("got %d ports", len(got))
				}
			}
		})
	}
}
