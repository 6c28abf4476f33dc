package addressgroup

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *Service {
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
	return New(Options{DB: db, NewID: func() string { n++; return fmt.Sprintf("g%d", n) }})
}

func of(project string) *neutron.Context { return &neutron.Context{ProjectID: project} }

func create(t *testing.T, s *Service, addresses ...any) neutron.AddressGroup {
	t.Helper()
	out, err := s.Create(t.Context(), of("p"), []neutron.Attrs{{"project_id": "p", "name": "n", "addresses": addresses}})
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func refused(t *testing.T, err error, kind neutron.Kind, typ, message string) {
	t.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Type != typ || e.Message != message {
		t.Errorf("got %v, want %s: %s", err, typ, message)
	}
}

// Spellings and counts as observed on 2026.1.
func TestAddressesAreKeptOnceInOneSpelling(t *testing.T) {
	t.Parallel()
	s := open(t)
	g := create(t, s, "10.0.0.1/24", "10.0.0.2/24", "2001:DB8::1/32")
	want := []string{"10.0.0.0/24", "2001:db8::/32"}
	for _, g := range []neutron.AddressGroup{g, get(t, s, "p", g.ID)} {
		if !slices.Equal(g.Addresses, want) || g.Revision != 2 {
			t.Errorf("got %v, revision %d, want %v, 2", g.Addresses, g.Revision, want)
		}
	}
	if g := create(t, s); g.Revision != 0 || len(g.Addresses) != 0 {
		t.Errorf("without addresses: got %+v", g)
	}
}

func get(t *testing.T, s *Service, project, id string) neutron.AddressGroup {
	t.Helper()
	g, err := s.Get(t.Context(), of(project), id, neutron.Fields{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func body(addresses ...any) any { return map[string]any{"addresses": addresses} }

func TestActionsAddAndRemove(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := create(t, s, "10.0.0.0/24").ID
	var w wire.Buffer
	if err := s.AddAddresses(t.Context(), of("p"), id, body("10.1.0.7", "10.2.0.1/16"), &w); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Group struct {
			Addresses []string `json:"addresses"`
			Revision  int64    `json:"revision_number"`
			Shared    *bool    `json:"shared"`
			Standard  *int64   `json:"standard_attr_id"`
		} `json:"address_group"`
	}
	if err := json.Unmarshal(w.B, &got); err != nil {
		t.Fatal(err)
	}
	want := []string{"10.0.0.0/24", "10.1.0.7/32", "10.2.0.0/16"}
	if g := got.Group; !slices.Equal(g.Addresses, want) || g.Revision != 3 || g.Shared == nil || g.Standard == nil {
		t.Errorf("got %s", w.B)
	}
	w.Reset()
	if err := s.RemoveAddresses(t.Context(), of("p"), id, body("10.2.9.9/16", "10.0.0.0/24"), &w); err != nil {
		t.Fatal(err)
	}
	if g := get(t, s, "p", id); !slices.Equal(g.Addresses, []string{"10.1.0.7/32"}) || g.Revision != 5 {
		t.Errorf("got %v, revision %d", g.Addresses, g.Revision)
	}
}

func TestActionsRefuse(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := create(t, s, "10.0.0.0/24").ID
	ctx := t.Context()
	var w wire.Buffer
	refused(t, s.AddAddresses(ctx, of("p"), id, body("10.3.0.0/24", "10.0.0.9/24"), &w), neutron.BadRequest, "AddressesAlreadyExist",
		"Addresses ['10.0.0.0/24'] already exist in the address group "+id+".")
	refused(t, s.RemoveAddresses(ctx, of("p"), id, body("10.0.0.0/24", "10.4.0.0/24"), &w), neutron.NotFound, "AddressesNotFound",
		"Addresses ['10.4.0.0/24'] not found in the address group "+id+".")
	for _, bad := range []any{"bogus", "10.3/16", "10.0.0.0/33", "fe80::1%eth0"} {
		refused(t, s.AddAddresses(ctx, of("p"), id, body(bad), &w), neutron.BadRequest, "AddrFormatError", fmt.Sprintf("invalid IPNetwork %v", bad))
	}
	for _, none := range []any{nil, map[string]any{}, []any{}, map[string]any{"addresses": "10.0.0.0/24"}} {
		refused(t, s.AddAddresses(ctx, of("p"), id, none, &w), neutron.BadRequest, "HTTPBadRequest",
			"Invalid input for addresses. Reason: a list of IP networks is required.")
	}
	for _, act := range []func() error{
		func() error { return s.AddAddresses(ctx, of("q"), id, body("10.3.0.0/24"), &w) },
		func() error { return s.RemoveAddresses(ctx, of("q"), id, body("10.0.0.0/24"), &w) },
	} {
		refused(t, act(), neutron.NotFound, "AddressGroupNotFound", "Address group "+id+" could not be found.")
	}
	if g := get(t, s, "p", id); g.Revision != 1 || len(w.B) != 0 {
		t.Errorf("refusals left revision %d and the answer %q", g.Revision, w.B)
	}
}

func TestOnlyChangesCount(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := create(t, s, "10.0.0.0/24").ID
	for _, step := range []struct {
		in   neutron.Attrs
		want int64
	}{{neutron.Attrs{"name": "n"}, 1}, {neutron.Attrs{"name": "m", "description": "d"}, 2}, {neutron.Attrs{"description": "d"}, 2}} {
		g, err := s.Update(t.Context(), of("p"), id, step.in)
		if err != nil || g.Revision != step.want || get(t, s, "p", id).Revision != step.want {
			t.Errorf("%v: got revision %d, %v, want %d", step.in, g.Revision, err, step.want)
		}
	}
	if g := get(t, s, "p", id); g.Name != "m" || g.Description != "d" {
		t.Errorf("got %+v", g)
	}
}

func TestASharedGroupIsSeenAsShared(t *testing.T) {
	t.Parallel()
	s := open(t)
	g := create(t, s)
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error { return rbac.Share(tx, rbac.AddressGroups, "e", "p", g.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "q", g.ID); !got.Shared {
		t.Errorf("got %+v, want it shared", got)
	}
}

func TestAGroupThatARuleNamesStays(t *testing.T) {
	t.Parallel()
	s := open(t)
	g := create(t, s)
	exec := func(text string) {
		t.Helper()
		err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO standardattributes (id, resource_type, revision_number) VALUES (900, 'securitygroups', 1), (901, 'securitygrouprules', 0)`)
	exec(`INSERT INTO securitygroups (id, project_id, name, stateful, standard_attr_id) VALUES ('sg', 'p', 'sg', 1, 900)`)
	exec(`INSERT INTO securitygrouprules (id, project_id, security_group_id, direction, remote_address_group_id, standard_attr_id)
		VALUES ('r', 'p', 'sg', 'ingress', '` + g.ID + `', 901)`)
	refused(t, s.Delete(t.Context(), of("p"), g.ID), neutron.Conflict, "AddressGroupInUse",
		"Address group "+g.ID+" is in use on one or more security group rules.")
	exec(`DELETE FROM securitygrouprules`)
	if err := s.Delete(t.Context(), of("p"), g.ID); err != nil {
		t.Error(err)
	}
	refused(t, s.Delete(t.Context(), of("p"), g.ID), neutron.NotFound, "AddressGroupNotFound", "Address group "+g.ID+" could not be found.")
}
