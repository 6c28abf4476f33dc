package port

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func TestMACsBeginWithTheBase(t *testing.T) {
	t.Parallel()
	for base, prefix := range map[string]string{
		"fa:16:3e:00:00:00": "fa:16:3e:", "fa:16:3e:4f:00:00": "fa:16:3e:4f:", "FA:16:3E:00:11:22": "fa:16:3e:",
	} {
		rapid.Check(t, func(t *rapid.T) {
			m, err := newMACMaker(base, func() uint64 { return rapid.Uint64().Draw(t, "random") })
			if err != nil {
				t.Fatal(err)
			}
			if got := m.next(); !strings.HasPrefix(got, prefix) || len(got) != 17 || strings.Count(got, ":") != 5 || got != strings.ToLower(got) {
				t.Fatalf("base %s made %s", base, got)
			}
		})
	}
}

func TestBaseMACIsChecked(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "fa:16:3e", "fa:16:3e:00:00", "fa:16:3e:00:00:zz", "fa:16:3e:00:00:100", "01:00:00:00:00:00"} {
		if _, err := newMACMaker(base, nil); err == nil || !strings.Contains(err.Error(), base) {
			t.Errorf("%q: got %v", base, err)
		}
	}
}

// The generator repeats itself, and never runs out of patience before another address comes.
func TestTakenMACsAreNotGivenAgain(t *testing.T) {
	t.Parallel()
	calls := 0
	w := newWorld(t, func(o *Options) {
		o.Random = func() uint64 { calls++; return uint64(calls/10) << 40 }
	})
	seen := map[string]bool{}
	for range 5 {
		p := w.create(obj{"fixed_ips": list{}})
		if seen[p.MACAddress] {
			t.Errorf("%s was given twice", p.MACAddress)
		}
		seen[p.MACAddress] = true
	}
}

func TestNoMACLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Random = func() uint64 { return 0 } })
	w.create(obj{})
	_, err := w.tryCreate(obj{})
	refused(t, "second port", err, refusal{neutron.Unavailable, "NetworkMacAddressGenerationFailure",
		"Unable to generate unique mac on network " + netID + "."})
}
