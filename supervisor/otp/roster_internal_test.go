package otp

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestRosterIsAList compares a roster with a slice.
func TestRosterIsAList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r roster[int]
		var want []int
		next := 1
		t.Repeat(map[string]func(*rapid.T){
			"add": func(*rapid.T) {
				r.add(next)
				want = append(want, next)
				next++
			},
			"remove": func(t *rapid.T) {
				n := rapid.IntRange(1, next).Draw(t, "element")
				i := slices.Index(want, n)
				if got := r.remove(n); got != (i >= 0) {
					t.Fatalf("remove(%d) = %v", n, got)
				}
				if i >= 0 {
					want = slices.Delete(want, i, i+1)
				}
			},
			"": func(t *rapid.T) {
				if got := r.list(); !slices.Equal(got, want) || r.len() != len(want) {
					t.Fatalf("got %v, want %v", got, want)
				}
				if len(r.slots) > 2*len(want) {
					t.Fatalf("%d slots for %d elements", len(r.slots), len(want))
				}
			},
		})
	})
}
