package subnetpool

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var admin = &neutron.Context{Admin: true, ProjectID: "p"}

func open(t *testing.T) (*Service, *store.DB) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	n := 0
	return New(Options{DB: db, NewID: func() string { n++; return fmt.Sprintf("id%d", n) },
		Now: func() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) }}), db
}

// attrs is a request for a pool with these prefixes, and more of what pairs says.
func attrs(prefixes string, pairs ...any) neutron.Attrs {
	list := []any{}
	for _, p := range strings.Fields(prefixes) {
		list = append(list, p)
	}
	a := neutron.Attrs{"project_id": "p", "name": "n", "prefixes": list}
	for i := 0; i < len(pairs); i += 2 {
		a[pairs[i].(string)] = pairs[i+1]
	}
	return a
}

func create(t *testing.T, s *Service, a neutron.Attrs) neutron.SubnetPool {
	t.Helper()
	out, err := s.Create(context.Background(), admin, []neutron.Attrs{a})
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func TestPrefixesAreMerged(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for prefixes, want := range map[string]string{
		"10.10.0.0/16":                             "10.10.0.0/16",
		"10.12.0.0/16 10.11.0.0/16 10.10.0.0/16":   "10.10.0.0/15 10.12.0.0/16",
		"10.0.0.5/24 10.0.0.0/16":                  "10.0.0.0/16",
		"2001:db8:0:1::/64 2001:db8::/64 fd00::/8": "2001:db8::/63 fd00::/8",
	} {
		p := create(t, s, attrs(prefixes))
		again, err := s.Get(context.Background(), admin, p.ID, neutron.Fields{})
		if got := strings.Join(p.Prefixes, " "); got != want || err != nil || strings.Join(again.Prefixes, " ") != want {
			t.Errorf("%s: got %s, then %v %v, want %s", prefixes, got, again.Prefixes, err, want)
		}
	}
}

func TestBoundsOfNewPools(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for _, c := range []struct {
		in             neutron.Attrs
		least, most, d int64
		want           string
	}{
		{attrs("10.0.0.0/8"), 8, 32, 8, ""},
		{attrs("fd00::/8"), 64, 128, 64, ""},
		{attrs("10.0.0.0/8", "min_prefixlen", int64(16)), 16, 32, 16, ""},
		{attrs("10.0.0.0/8", "min_prefixlen", int64(16), "max_prefixlen", int64(28), "default_prefixlen", int64(24)), 16, 28, 24, ""},
		{attrs(""), 0, 0, 0, "EmptySubnetPoolPrefixList: Empty subnet pool prefix list."},
		{attrs("10.0.0.0/8 fd00::/8"), 0, 0, 0, "PrefixVersionMismatch: Cannot mix IPv4 and IPv6 prefixes in a subnet pool."},
		{attrs("10.0.0.0/8", "min_prefixlen", int64(30), "max_prefixlen", int64(20)), 0, 0, 0,
			"IllegalSubnetPoolPrefixBounds: Illegal prefix bounds: min_prefixlen=30, max_prefixlen=20."},
		{attrs("10.0.0.0/8", "max_prefixlen", int64(33)), 0, 0, 0,
			"IllegalSubnetPoolPrefixBounds: Illegal prefix bounds: max_prefixlen=33, ip_version_max=32."},
		{attrs("10.0.0.0/8", "default_prefixlen", int64(7)), 0, 0, 0,
			"IllegalSubnetPoolPrefixBounds: Illegal prefix bounds: default_prefixlen=7, min_prefixlen=8."},
		{attrs("10.0.0.0/8", "default_prefixlen", int64(30), "max_prefixlen", int64(28)), 0, 0, 0,
			"IllegalSubnetPoolPrefixBounds: Illegal prefix bounds: default_prefixlen=30, max_prefixlen=28."},
	} {
		out, err := s.Create(context.Background(), admin, []neutron.Attrs{c.in})
		switch {
		case c.want != "" && (err == nil || err.Error() != c.want):
			t.Errorf("%v: got %v, want %s", c.in, err, c.want)
		case c.want == "" && err != nil:
			t.Errorf("%v: %v", c.in, err)
		case c.want == "" && (out[0].MinLen != c.least || out[0].MaxLen != c.most || out[0].DefaultLen != c.d):
			t.Errorf("%v: got %d %d %d", c.in, out[0].MinLen, out[0].MaxLen, out[0].DefaultLen)
		}
	}
}

func TestUpdates(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	ctx := context.Background()
	p := create(t, s, attrs("10.0.0.0/16", "default_quota", int64(5)))
	create(t, s, attrs("10.0.0.0/16", "is_default", true))
	for _, c := range []struct {
		in       neutron.Attrs
		revision int64
		want     string
	}{
		{neutron.Attrs{}, 0, ""},
		{neutron.Attrs{"name": "n"}, 0, ""},
		{neutron.Attrs{"prefixes": []any{"10.0.0.0/15"}}, 0, ""}, // counts for nothing, as observed
		{neutron.Attrs{"name": "m", "description": "d"}, 1, ""},
		{neutron.Attrs{"default_quota": int64(6), "min_prefixlen": int64(10), "default_prefixlen": int64(12)}, 2, ""},
		{neutron.Attrs{"prefixes": []any{"10.0.0.0/16"}}, 2,
			"IllegalSubnetPoolPrefixUpdate: Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes."},
		{neutron.Attrs{"prefixes": []any{}}, 2,
			"IllegalSubnetPoolPrefixUpdate: Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes."},
		{neutron.Attrs{"prefixes": []any{"10.0.0.0/15", "fd00::/8"}}, 2, "PrefixVersionMismatch: Cannot mix IPv4 and IPv6 prefixes in a subnet pool."},
		{neutron.Attrs{"max_prefixlen": int64(11)}, 2, "IllegalSubnetPoolPrefixBounds: Illegal prefix bounds: default_prefixlen=12, max_prefixlen=11."},
		{neutron.Attrs{"is_default": true}, 2, "InvalidInput: Invalid input for operation: A default subnetpool for this IP family has " +
			"already been set. Only one default may exist per IP family."},
		{neutron.Attrs{"address_scope_id": "x"}, 2, "AddressScopeNotFound: Address scope x could not be found."},
	} {
		_, err := s.Update(ctx, admin, p.ID, c.in)
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%v: got %v, want %s", c.in, err, c.want)
		}
		got, err := s.Get(ctx, admin, p.ID, neutron.Fields{})
		if err != nil || got.Revision != c.revision {
			t.Errorf("%v: revision %d %v, want %d", c.in, got.Revision, err, c.revision)
		}
	}
	got, _ := s.Get(ctx, admin, p.ID, neutron.Fields{})
	if got.Name != "m" || got.Description != "d" || *got.DefaultQuota != 6 || got.MinLen != 10 || strings.Join(got.Prefixes, "") != "10.0.0.0/15" {
		t.Errorf("in the end: %+v", got)
	}
}

// subnet notes a prefix as given away.
func subnet(t *testing.T, db *store.DB, pool, project string, prefix netip.Prefix) {
	t.Helper()
	err := db.Write(context.Background(), func(tx *store.Tx) error {
		standard, err := tx.NewStandard("subnets", "", 0, time.Unix(0, 0))
		if err != nil {
			return err
		}
		network, err := tx.NewStandard("networks", "", 0, time.Unix(0, 0))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO networks (id, mtu, standard_attr_id) VALUES (?, 1500, ?)`, network, network); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO subnets (id, project_id, network_id, ip_version, cidr, subnetpool_id, standard_attr_id)
			VALUES (?, ?, ?, 4, ?, ?, ?)`, fmt.Sprint("s", standard), project, network, prefix.String(), pool, standard)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func allocate(db *store.DB, rc *neutron.Context, w Wish) (p netip.Prefix, err error) {
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		g, err := Allocate(tx, rc, w)
		p = g.Prefix
		return err
	})
	return p, err
}

func TestQuotaCountsAProjectsAddresses(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	pool := create(t, s, attrs("10.0.0.0/16", "default_quota", int64(256), "default_prefixlen", int64(25)))
	want := func(project, prefix string) {
		t.Helper()
		got, err := allocate(db, admin, Wish{PoolID: pool.ID, ProjectID: project, IPVersion: 4})
		if prefix == "" {
			if err == nil || err.Error() != "SubnetPoolQuotaExceeded: Per-project subnet pool prefix quota exceeded." {
				t.Errorf("%s: got %v %v", project, got, err)
			}
			return
		}
		if err != nil || got.String() != prefix {
			t.Fatalf("%s: got %v %v, want %s", project, got, err, prefix)
		}
		subnet(t, db, pool.ID, project, got)
	}
	want("a", "10.0.0.0/25")
	want("a", "10.0.0.128/25")
	want("a", "")
	want("b", "10.0.1.0/25")
}

// Until it is full, a pool gives away prefixes that overlap with none before; then it refuses.
func TestAPoolGivesNothingAwayTwice(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	pool := create(t, s, attrs("10.0.0.0/24 10.0.2.0/25"))
	var given []netip.Prefix
	addresses := 0
	for i := 0; ; i++ {
		length := int64(26 + i%4)
		p, err := allocate(db, admin, Wish{PoolID: pool.ID, IPVersion: 4, Length: &length})
		if err != nil {
			if length == 29 {
				break
			}
			continue
		}
		for _, g := range given {
			if g.Overlaps(p) {
				t.Fatalf("%s overlaps with %s", p, g)
			}
		}
		given = append(given, p)
		addresses += 1 << (32 - p.Bits())
		subnet(t, db, pool.ID, "p", p)
	}
	if addresses != 384 {
		t.Errorf("the pool is full with %d addresses given away, want 384", addresses)
	}
	if err := s.Delete(context.Background(), admin, pool.ID); neutron.KindOf(err) != neutron.BadRequest {
		t.Errorf("a pool with subnets was deleted: %v", err)
	}
}

func TestForeignPoolsAreNotThere(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	mine, shared := create(t, s, attrs("10.0.0.0/16")), create(t, s, attrs("10.1.0.0/16", "shared", true))
	other := &neutron.Context{ProjectID: "other"}
	if _, err := allocate(db, other, Wish{PoolID: mine.ID, IPVersion: 4}); neutron.KindOf(err) != neutron.NotFound {
		t.Errorf("got %v", err)
	}
	length := int64(24)
	if p, err := allocate(db, other, Wish{PoolID: shared.ID, IPVersion: 4, Length: &length}); err != nil || p.String() != "10.1.0.0/24" {
		t.Errorf("got %v %v", p, err)
	}
}

func TestPrefixesComeAndGo(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	ctx := context.Background()
	pool := create(t, s, attrs("10.10.0.0/16"))
	subnet(t, db, pool.ID, "p", netip.MustParsePrefix("10.10.1.0/24"))
	body := func(prefixes ...any) any { return map[string]any{"prefixes": prefixes} }
	for _, c := range []struct {
		act  func(context.Context, *neutron.Context, string, any, *wire.Buffer) error
		body any
		want string
	}{
		{s.AddPrefixes, body("10.12.0.0/16", "10.11.0.0/16"), `{"prefixes":["10.10.0.0/15","10.12.0.0/16"]}`},
		{s.RemovePrefixes, body("10.12.0.0/16"), `{"prefixes":["10.10.0.0/15"]}`},
		{s.RemovePrefixes, body("10.10.0.0/16"), "IllegalSubnetPoolPrefixUpdate: Illegal update to prefixes: One or more of the prefixes to be removed is in use by a subnet."},
		{s.RemovePrefixes, body("192.168.0.0/16"), `{"prefixes":["10.10.0.0/15"]}`},
		{s.AddPrefixes, body("fd00::/8"), "PrefixVersionMismatch: Cannot mix IPv4 and IPv6 prefixes in a subnet pool."},
		{s.AddPrefixes, body("bogus"), "HTTPBadRequest: Request body contains invalid data"},
		{s.AddPrefixes, body(5), "HTTPBadRequest: Request body contains invalid data"},
		{s.AddPrefixes, body(), "HTTPBadRequest: Request body contains invalid data"},
		{s.AddPrefixes, nil, "HTTPBadRequest: Request body contains invalid data"},
	} {
		var w wire.Buffer
		err := c.act(ctx, admin, pool.ID, c.body, &w)
		got := string(w.B)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: got %s, want %s", c.body, got, c.want)
		}
	}
	got, err := s.Get(ctx, admin, pool.ID, neutron.Fields{})
	if err != nil || strings.Join(got.Prefixes, " ") != "10.10.0.0/15" || got.Revision != 0 {
		t.Errorf("in the end: %+v %v", got, err)
	}
}

func TestSubnetsJoinAPool(t *testing.T) {
	t.Parallel()
	s, db := open(t)
	ctx := context.Background()
	pool, other := create(t, s, attrs("10.10.0.0/16")), create(t, s, attrs("10.20.0.0/16"))
	subnet(t, db, other.ID, "p", netip.MustParsePrefix("10.11.5.0/24"))
	var network, id string
	err := db.Read(ctx, func(tx *store.Tx) error { return tx.Get(`SELECT network_id, id FROM subnets`, nil, &network, &id) })
	if err != nil {
		t.Fatal(err)
	}
	body := func(network string) any { return map[string]any{"network_id": network} }
	for _, c := range []struct {
		body any
		want string
	}{
		{nil, "InvalidInput: Invalid input for operation: network_id must be specified.."},
		{body("nowhere"), "NetworkNotFound: Network nowhere could not be found."},
		{body(network), `[{"id":"` + id + `","cidr":"10.11.5.0/24"}]`},
		{body(network), "IllegalSubnetPoolPrefixUpdate: Illegal update to prefixes: 10.11.5.0/24 of subnet " + id + " overlaps with a subnet of the pool."},
	} {
		var w wire.Buffer
		got := ""
		if err := s.Onboard(ctx, admin, pool.ID, c.body, &w); err != nil {
			got = err.Error()
		} else {
			got = string(w.B)
		}
		if got != c.want {
			t.Errorf("%v: got %s, want %s", c.body, got, c.want)
		}
	}
	p, err := s.Get(ctx, admin, pool.ID, neutron.Fields{})
	if err != nil || strings.Join(p.Prefixes, " ") != "10.10.0.0/16 10.11.5.0/24" {
		t.Errorf("the pool has %v, %v", p.Prefixes, err)
	}
}
