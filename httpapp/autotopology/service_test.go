package autotopology

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cloud is a fake of the domains that make the parts: it writes down what it is asked, and fails where fail says so. Networks
// and routers are rows, as far as the table of topologies needs them.
type cloud struct {
	t     *testing.T
	db    *store.DB
	log   []string
	fail  map[string]error
	hook  func(what string)
	pools []neutron.SubnetPool
}

func newCloud(t *testing.T) (*cloud, *Service) {
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
	c := &cloud{t: t, db: db, fail: map[string]error{}, hook: func(string) {}, pools: []neutron.SubnetPool{{ID: "p6", IPVersion: 6}, {ID: "p4", IPVersion: 4}}}
	c.row("networks", "ext")
	c.exec(`INSERT INTO externalnetworks (network_id, is_default) VALUES ('ext', 1)`)
	s, err := New(Options{DB: db, Networks: networks{c}, Subnets: subnets{c}, Pools: c, Routers: routers{c},
		Fill: func(_ *neutron.Context, _ string, in neutron.Attrs) (neutron.Attrs, error) { return in, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func (c *cloud) exec(text string, args ...any) {
	c.t.Helper()
	err := c.db.Write(context.Background(), func(tx *store.Tx) error { _, err := tx.Exec(text, args...); return err })
	if err != nil {
		c.t.Fatal(err)
	}
}

// row makes a network or a router that others may refer to.
func (c *cloud) row(table, id string) {
	c.t.Helper()
	err := c.db.Write(context.Background(), func(tx *store.Tx) error {
		text := `INSERT INTO networks (id, mtu, standard_attr_id) VALUES (?, 1500, ?)`
		if table == "routers" {
			text = `INSERT INTO routers (id, enable_snat, standard_attr_id) VALUES (?, 1, ?)`
		}
		standard, err := tx.Insert(`INSERT INTO standardattributes (resource_type, revision_number) VALUES (?, 0)`, table)
		if err == nil {
			_, err = tx.Exec(text, id, standard)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *cloud) say(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	c.log = append(c.log, what)
	c.hook(what)
	return c.fail[what]
}

// List implements Pools.
func (c *cloud) List(context.Context, *neutron.Context, *neutron.Query) ([]neutron.SubnetPool, error) {
	return slices.Clone(c.pools), nil
}

type networks struct{ c *cloud }

func (n networks) Create(_ context.Context, _ *neutron.Context, in []neutron.Attrs) ([]neutron.Network, error) {
	if err := n.c.say("network"); err != nil {
		return nil, err
	}
	n.c.row("networks", "net")
	return []neutron.Network{{ID: "net"}}, nil
}

func (n networks) Update(_ context.Context, _ *neutron.Context, id string, in neutron.Attrs) (neutron.Network, error) {
	return neutron.Network{ID: id}, n.c.say("up %s %t", id, in.Bool("admin_state_up"))
}

func (n networks) Delete(_ context.Context, _ *neutron.Context, id string) error {
	if err := n.c.say("delete %s", id); err != nil {
		return err
	}
	n.c.exec(`DELETE FROM networks WHERE id = ?`, id)
	return nil
}

type subnets struct{ c *cloud }

func (s subnets) Create(_ context.Context, _ *neutron.Context, in []neutron.Attrs) ([]neutron.Subnet, error) {
	pool := in[0].String("subnetpool_id")
	return []neutron.Subnet{{ID: "of " + pool}}, s.c.say("subnet of %s", pool)
}

func (s subnets) List(context.Context, *neutron.Context, *neutron.Query) ([]neutron.Subnet, error) {
	return []neutron.Subnet{{ID: "of p4"}, {ID: "of p6"}}, nil
}

type routers struct{ c *cloud }

func (r routers) Create(_ context.Context, _ *neutron.Context, in []neutron.Attrs) ([]neutron.Router, error) {
	if err := r.c.say("router to %s", in[0].Dict("external_gateway_info")["network_id"]); err != nil {
		return nil, err
	}
	r.c.row("routers", "r")
	return []neutron.Router{{ID: "r"}}, nil
}

func (r routers) Delete(_ context.Context, _ *neutron.Context, id string) error {
	return r.c.say("delete %s", id)
}

func (r routers) AddInterface(_ context.Context, _ *neutron.Context, id string, body any, _ *wire.Buffer) error {
	return r.c.say("plug %s", body.(map[string]any)["subnet_id"])
}

func (r routers) RemoveInterface(_ context.Context, _ *neutron.Context, id string, body any, _ *wire.Buffer) error {
	return r.c.say("unplug %s", body.(map[string]any)["subnet_id"])
}

var member = &neutron.Context{ProjectID: "p"}

// show asks for the topology of project p, and returns its id or the error.
func show(s *Service) string {
	c := call()
	if err := s.Show(context.Background(), member, c); err != nil {
		return err.Error()
	}
	text := string(c.Out.B)
	return strings.Split(text, `"`)[5]
}

func call() *wire.Call {
	return &wire.Call{Args: []string{"p"}, Query: func(string) []string { return nil }, Out: &wire.Buffer{},
		Enforce: func(string, map[string]any) error { return nil }}
}

const (
	made   = "network, subnet of p4, subnet of p6, router to ext, plug of p4, plug of p6, up net true"
	undone = "unplug of p4, unplug of p6, delete r, delete net"
)

func TestATopologyIsMadeOnceAndRemovedWhole(t *testing.T) {
	t.Parallel()
	c, s := newCloud(t)
	for range 2 {
		if got := show(s); got != "net" {
			t.Fatalf("got %s", got)
		}
	}
	if got := strings.Join(c.log, ", "); got != made {
		t.Errorf("got %s", got)
	}
	c.log = nil
	gone := neutron.NewError(neutron.NotFound, "NotFound", "gone")
	c.fail["unplug of p4"], c.fail["delete r"] = gone, gone // somebody else has been at it
	for range 2 {
		if err := s.Delete(context.Background(), member, call()); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(c.log, ", "); got != undone {
		t.Errorf("got %s", got)
	}
}

// TestWhatWasBegunIsRemoved: whatever step fails, what was made ahead of it goes, and the error is the one that Neutron tells.
func TestWhatWasBegunIsRemoved(t *testing.T) {
	t.Parallel()
	bad, full := neutron.NewError(neutron.BadRequest, "BadRequest", "bad"), neutron.NewError(neutron.Conflict, "IpAddressGenerationFailure", "full")
	allocation := neutron.NewError(neutron.Conflict, "SubnetAllocationError", "Failed to allocate subnet")
	const private = "AutoAllocationFailure: Deployment error: Unable to provide project private network."
	const external = "AutoAllocationFailure: Deployment error: Unable to provide external connectivity."
	for _, row := range []struct {
		step    string
		err     error
		want    string
		removed string
	}{
		{"network", bad, private, ""},
		{"network", full, "IpAddressGenerationFailure: full", ""},
		{"subnet of p6", allocation, private, "delete net"},
		{"router to ext", bad, external, "delete net"},
		{"router to ext", full, "IpAddressGenerationFailure: full", "delete net"},
		{"plug of p6", bad, external, "unplug of p4, delete r, delete net"},
		{"up net true", errors.New("lost"), "lost", undone},
	} {
		c, s := newCloud(t)
		c.fail[row.step] = row.err
		if got := show(s); !strings.HasPrefix(got, row.want) {
			t.Errorf("%s fails: got %s, want %s", row.step, got, row.want)
		}
		at := slices.Index(c.log, row.step)
		if got := strings.Join(c.log[at+1:], ", "); got != row.removed {
			t.Errorf("%s fails: got %s, want %s", row.step, got, row.removed)
		}
		if there, err := s.find(context.Background(), "p"); err != nil || there.network != "" {
			t.Errorf("%s fails: there is %v, %v", row.step, there, err)
		}
	}
}

// TestWhoIsSlowerTakesWhatIsThere: he removes his own, and answers with that of the other.
func TestWhoIsSlowerTakesWhatIsThere(t *testing.T) {
	t.Parallel()
	c, s := newCloud(t)
	c.hook = func(what string) {
		if what == "plug of p6" {
			c.row("networks", "faster")
			c.exec(`INSERT INTO auto_allocated_topologies (project_id, network_id) VALUES ('p', 'faster')`)
		}
	}
	if got := show(s); got != "faster" {
		t.Errorf("got %s", got)
	}
	if got, want := strings.Join(c.log, ", "), strings.TrimSuffix(made, ", up net true")+", "+undone; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
