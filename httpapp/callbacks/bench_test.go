package callbacks

import (
	"context"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// BenchmarkAnEvent is what it costs to tell of a transaction's objects, beside an empty transaction: to nobody, to somebody who hears
// of another operation, and to a hook.
func BenchmarkAnEvent(b *testing.B) {
	nothing := func(context.Context, []Event[object]) error { return nil }
	for _, who := range []string{"no event", "nobody", "another operation", "a hook"} {
		b.Run(who, func(b *testing.B) {
			d := newObjects(b)
			switch who {
			case "another operation":
				d.hooks.OnList(After, Delete, "x", 1, nothing)
			case "a hook":
				d.hooks.OnList(After, Create, "x", 1, nothing)
			}
			made, rc := make([]object, 100), &neutron.Context{}
			b.ReportAllocs()
			for b.Loop() {
				err := d.db.Write(b.Context(), func(tx *store.Tx) error {
					if who == "no event" {
						return nil
					}
					return d.hooks.Created(tx, rc, nil, made)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
