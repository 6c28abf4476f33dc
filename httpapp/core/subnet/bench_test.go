package subnet

import (
	"fmt"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func BenchmarkCreate(b *testing.B) {
	w := newWorld(b)
	n := 0
	for b.Loop() {
		if n%100 == 0 { // a network of its own for each hundred subnets
			w.addNetwork(fmt.Sprintf("net%d", n/100), 1450)
		}
		w.mustCreate(neutron.Attrs{"cidr": fmt.Sprintf("10.0.%d.0/24", n%100), "network_id": fmt.Sprintf("net%d", n/100)})
		n++
	}
}

func BenchmarkGet(b *testing.B) {
	w := newWorld(b)
	id := w.mustCreate(neutron.Attrs{"cidr": "10.0.0.0/24", "dns_nameservers": []any{"8.8.8.8"}}).ID
	for b.Loop() {
		if _, err := w.svc.Get(b.Context(), admin, id, neutron.Fields{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList100(b *testing.B) {
	w := newWorld(b)
	for i := range 100 {
		w.mustCreate(neutron.Attrs{"cidr": fmt.Sprintf("10.0.%d.0/24", i)})
	}
	for b.Loop() {
		if _, err := w.svc.List(b.Context(), admin, &neutron.Query{}); err != nil {
			b.Fatal(err)
		}
	}
}
