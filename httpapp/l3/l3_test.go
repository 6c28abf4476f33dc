package l3

import (
	"context"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noPorts is for tests whose routers have none: whatever is asked of it panics.
type noPorts struct{ Ports }

// oneProvider provides every router.
type oneProvider struct{}

func (oneProvider) UsualRouterProvider() (neutron.RouterProvider, error) {
	return neutron.RouterProvider{Name: "single_node"}, nil
}

func (p oneProvider) RouterProvider(*store.Tx, *neutron.Context, string) (neutron.RouterProvider, error) {
	return p.UsualRouterProvider()
}

func (oneProvider) ProviderNamed(name string) neutron.RouterProvider {
	return neutron.RouterProvider{Name: name}
}

func TestAProjectSeesItsOwnRoutersOnly(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := New(Options{DB: db, Ports: noPorts{}, Flavors: oneProvider{}, CheckRoutes: func(any) error { return nil }, MaxRoutes: 30, SNAT: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, owner, other := context.Background(), &neutron.Context{ProjectID: "p"}, &neutron.Context{ProjectID: "q"}
	made, err := s.Create(ctx, owner, []neutron.Attrs{{"project_id": "p", "name": "r", "admin_state_up": true}})
	if err != nil {
		t.Fatal(err)
	}
	id := made[0].ID
	for _, c := range []struct {
		rc   *neutron.Context
		sees int
	}{{owner, 1}, {other, 0}, {&neutron.Context{Admin: true, ProjectID: "q"}, 1}} {
		got, err := s.List(ctx, c.rc, &neutron.Query{})
		if err != nil || len(got) != c.sees {
			t.Errorf("project %s lists %d routers, %v, want %d", c.rc.ProjectID, len(got), err, c.sees)
		}
	}
	for what, err := range map[string]error{
		"get":    second(s.Get(ctx, other, id, neutron.Fields{})),
		"update": second(s.Update(ctx, other, id, neutron.Attrs{"name": "x"})),
		"delete": s.Delete(ctx, other, id),
	} {
		if neutron.KindOf(err) != neutron.NotFound {
			t.Errorf("%s of another project's router: got %v, want not found", what, err)
		}
	}
	if err := s.Delete(ctx, owner, id); err != nil {
		t.Error(err)
	}
}

func second(_ neutron.Router, err error) error { return err }
