package policy

import (
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// row is an object of a list: its project.
type row struct{ project Value }

func (r *row) Value(int) Value { return r.project }

// BenchmarkRow is one object of a list, decided by its project; it must not allocate.
func BenchmarkRow(b *testing.B) {
	e := standard(b)
	c := e.Caller(&neutron.Context{ProjectID: "p1", Roles: []string{"member", "reader"}}, nil)
	r, object := e.Rule("update_network"), &row{TextOrNull("p1")}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := c.CheckRow(b.Context(), r, object); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

// BenchmarkAdmin is one question of an administrator, whose roles decide; the ratio to BenchmarkRow is what a look at
// the object costs.
func BenchmarkAdmin(b *testing.B) {
	e := standard(b)
	c := e.Caller(&neutron.Context{ProjectID: "p1", Roles: []string{"admin"}}, nil)
	r := e.Rule("update_network")
	b.ReportAllocs()
	for b.Loop() {
		if c.Decide(r) != Always {
			b.Fatal("an administrator is refused")
		}
	}
}

// BenchmarkNew is reading all rules anew, as a reload does.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		standard(b)
	}
}
