package flavors

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

var admin = &neutron.Context{Admin: true, ProjectID: "p"}

// world has the services of this package on a database of their own, with ids i1, i2, ...
type world struct {
	t        *testing.T
	db       *store.DB
	o        Options
	flavors  *Flavors
	profiles *Profiles
}

func newWorld(t *testing.T, providers ...string) *world {
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
	p := &Providers{}
	for _, v := range providers {
		if err := p.Add(v); err != nil {
			t.Fatal(err)
		}
	}
	p.AddBuilt()
	n := 0
	w := &world{t: t, db: db, o: Options{DB: db, Providers: p, NewID: func() string { n++; return fmt.Sprintf("i%d", n) },
		FlavorHooks: &callbacks.Hooks[neutron.Flavor]{}, ProfileHooks: &callbacks.Hooks[neutron.ServiceProfile]{}}}
	w.flavors, w.profiles = NewFlavors(w.o), NewProfiles(w.o)
	return w
}

func (w *world) flavor(in neutron.Attrs) string {
	w.t.Helper()
	out, err := w.flavors.Create(context.Background(), admin, []neutron.Attrs{in})
	if err != nil {
		w.t.Fatal(err)
	}
	return out[0].ID
}

func (w *world) profile(driver, metainfo string, enabled bool) string {
	w.t.Helper()
	out, err := w.profiles.Create(context.Background(), admin,
		[]neutron.Attrs{{"driver": driver, "metainfo": metainfo, "enabled": enabled, "description": nil}})
	if err != nil {
		w.t.Fatal(err)
	}
	return out[0].ID
}

// associate runs one request for /flavors/{id}/service_profiles, as an administrator.
func (w *world) associate(flavor, profile string) error {
	a := NewAssociations(w.flavors, w.profiles, func(*neutron.Context, any) ([]neutron.Attrs, bool, error) {
		return []neutron.Attrs{{"id": profile}}, false, nil
	})
	return a.Create(context.Background(), admin, call(flavor))
}

func call(args ...string) *wire.Call {
	return &wire.Call{Args: args, Out: &wire.Buffer{}, Enforce: func(string, map[string]any) error { return nil }}
}

// text is the whole error, "" for none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAFlavorKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	id := w.flavor(neutron.Attrs{"name": "f", "description": nil, "service_type": "CORE", "enabled": nil, "service_profiles": []any{"x"}})
	profile := w.profile("", "m", true)
	if err := w.associate(id, profile); err != nil {
		t.Fatal(err)
	}
	got, err := w.flavors.Get(ctx, &neutron.Context{ProjectID: "other"}, id, neutron.Fields{})
	want := neutron.Flavor{ID: id, Name: "f", ServiceType: "CORE", Enabled: true, Profiles: []string{profile}}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	empty := ""
	got, err = w.flavors.Update(ctx, admin, id, neutron.Attrs{"description": "", "enabled": false, "name": "g", "service_profiles": []any{}})
	want.Description, want.Enabled, want.Name = &empty, false, "g"
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	if got, err = w.flavors.Get(ctx, admin, id, neutron.Fields{Names: []string{"name"}}); err != nil || got.Profiles != nil {
		t.Errorf("profiles were read that nobody asked for: %v %v", got, err)
	}
	if list, err := w.flavors.List(ctx, admin, &neutron.Query{Limit: 1, Marker: "gone"}); len(list) != 0 || err != nil {
		t.Errorf("behind a marker that is none: got %v %v", list, err)
	}
}

func TestWhatIsInUseStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	flavor, profile := w.flavor(neutron.Attrs{"service_type": "CORE"}), w.profile("", "m", true)
	for _, c := range []struct {
		what string
		err  error
		want string
	}{
		{"no profile", w.associate(flavor, "gone"), ProfileNotFound("gone").Error()},
		{"no flavor", w.associate("gone", profile), FlavorNotFound("gone").Error()},
		{"both", w.associate(flavor, profile), ""},
		{"twice", w.associate(flavor, profile),
			"FlavorServiceProfileBindingExists: Service Profile " + profile + " is already associated with flavor " + flavor + "."},
		{"delete", w.profiles.Delete(ctx, admin, profile), "ServiceProfileInUse: Service Profile " + profile + " is used by some service instance."},
		{"update", second(w.profiles.Update(ctx, admin, profile, neutron.Attrs{"enabled": false})),
			"ServiceProfileInUse: Service Profile " + profile + " is used by some service instance."},
		{"update with a driver", second(w.profiles.Update(ctx, admin, profile, neutron.Attrs{"driver": "d"})),
			"ServiceProfileDriverNotFound: Service Profile driver d could not be found."},
		{"update of none", second(w.profiles.Update(ctx, admin, "gone", neutron.Attrs{"driver": "d"})), ProfileNotFound("gone").Error()},
	} {
		if got := message(c.err); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
	w.router(flavor)
	if got, want := message(w.flavors.Delete(ctx, admin, flavor)), "FlavorInUse: Flavor "+flavor+" is used by some service instance."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.exec(`DELETE FROM routers`)
	if err := errors.Join(w.flavors.Delete(ctx, admin, flavor), w.profiles.Delete(ctx, admin, profile)); err != nil {
		t.Errorf("got %v", err)
	}
}

func second(_ neutron.ServiceProfile, err error) error { return err }

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	if err := w.db.Write(context.Background(), func(tx *store.Tx) error { _, err := tx.Exec(text, args...); return err }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) router(flavor string) {
	w.t.Helper()
	w.exec(`INSERT INTO standardattributes (id, resource_type, revision_number) VALUES (9, 'routers', 0)`)
	w.exec(`INSERT INTO routers (id, enable_snat, flavor_id, standard_attr_id) VALUES ('r', 1, ?, 9)`, flavor)
}

func TestAProfileSaysSomething(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		in   neutron.Attrs
		want string
	}{
		{neutron.Attrs{"driver": "", "metainfo": ""}, "ServiceProfileEmpty: Service Profile needs either a driver or metainfo."},
		{neutron.Attrs{"driver": "", "metainfo": nil}, "ServiceProfileEmpty: Service Profile needs either a driver or metainfo."},
		{neutron.Attrs{"driver": "x", "metainfo": "y"}, "ServiceProfileDriverNotFound: Service Profile driver x could not be found."},
		{neutron.Attrs{"driver": "more than " + driverPath + "ha.HaDriver", "metainfo": ""}, ""},
	} {
		_, err := w.profiles.Create(context.Background(), admin, []neutron.Attrs{c.in})
		if got := message(err); got != c.want {
			t.Errorf("%v: got %q, want %q", c.in, got, c.want)
		}
	}
}

// provider is who stands for a flavor, or why nobody does.
func (w *world) provider(flavor string) string {
	w.t.Helper()
	var p neutron.RouterProvider
	err := w.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		p, err = w.flavors.RouterProvider(tx, admin, flavor)
		return err
	})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s ha=%t distributed=%t", p.Name, p.HA, p.Distributed)
}

func TestTheFirstProfileStandsForAFlavor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "L3_ROUTER_NAT:mine:"+driverPath+"dvrha.DvrHaDriver")
	flavor := w.flavor(neutron.Attrs{"service_type": L3, "enabled": false})
	first := w.profile(driverPath+"dvrha.DvrHaDriver", "", true)
	second := w.profile(driverPath+"single_node.SingleNodeDriver", "", true)
	want := func(want string) {
		t.Helper()
		if got := w.provider(flavor); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	want("FlavorServiceProfileBindingNotFound: Service Profile  is not associated with flavor " + flavor + ".")
	for _, profile := range []string{second, first} {
		if err := w.associate(flavor, profile); err != nil {
			t.Fatal(err)
		}
	}
	want("mine ha=true distributed=true")
	w.exec(`UPDATE serviceprofiles SET enabled = 0 WHERE id = ?`, first)
	want("ServiceProfileDisabled: Service Profile is not enabled.")
	w.exec(`UPDATE serviceprofiles SET enabled = 1, driver = '' WHERE id = ?`, first)
	want("ServiceProfileDriverNotFound: Service Profile driver  could not be found.")
	if got := w.provider("gone"); got != FlavorNotFound("gone").Error() {
		t.Errorf("got %q", got)
	}
}

func TestRoutersWithoutAFlavorHaveTheDefaultProviderIfItCan(t *testing.T) {
	t.Parallel()
	const one, ha = driverPath + "single_node.SingleNodeDriver", driverPath + "ha.HaDriver"
	for _, c := range []struct {
		configured []string
		want       string
	}{
		{nil, "single_node"},
		{[]string{"L3_ROUTER_NAT:mine:" + one}, "mine"},
		{[]string{"L3_ROUTER_NAT:other:" + ha + ":default"}, "single_node"},
		{[]string{"L3_ROUTER_NAT:single_node:" + ha}, ""},
	} {
		w := newWorld(t, c.configured...)
		p, err := w.flavors.UsualRouterProvider()
		if p.Name != c.want || (c.want == "") != (neutron.KindOf(err) == neutron.NotImplemented) {
			t.Errorf("%v: got %q %v, want %q", c.configured, p.Name, err, c.want)
		}
	}
}

// TestOneOfManyAssociates: the same association, asked for by many at once, is made once.
func TestOneOfManyAssociates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flavor, profile := w.flavor(neutron.Attrs{"service_type": "CORE"}), w.profile("", "m", true)
	const clients = 16
	results := make(chan error, clients)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() { results <- w.associate(flavor, profile) })
	}
	group.Wait()
	made := 0
	for range clients {
		switch err := <-results; {
		case err == nil:
			made++
		case neutron.KindOf(err) != neutron.Conflict:
			t.Errorf("got %v", err)
		}
	}
	if made != 1 {
		t.Errorf("it was made %d times", made)
	}
}

// TestPrecommitHooksHaveTheirSay: what a hook refuses leaves nothing behind.
func TestPrecommitHooksHaveTheirSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	refused := neutron.NewError(neutron.Conflict, "Refused", "no")
	var seen []string
	for _, op := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
		w.o.FlavorHooks.On(callbacks.Precommit, op, "test", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[neutron.Flavor]) error {
			seen = append(seen, op.String())
			if e.New != nil && e.New.Name == "bad" || e.Old != nil && e.Old.Name == "kept" {
				return refused
			}
			return nil
		})
	}
	if _, err := w.flavors.Create(ctx, admin, []neutron.Attrs{{"name": "ok"}, {"name": "bad"}}); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if list, err := w.flavors.List(ctx, admin, &neutron.Query{}); len(list) != 0 || err != nil {
		t.Errorf("half of a refused request stays: %v %v", list, err)
	}
	id := w.flavor(neutron.Attrs{"name": "kept"})
	if _, err := w.flavors.Update(ctx, admin, id, neutron.Attrs{"name": "x"}); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if err := w.flavors.Delete(ctx, admin, id); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if got, err := w.flavors.Get(ctx, admin, id, neutron.Fields{}); err != nil || got.Name != "kept" {
		t.Errorf("got %v %v", got, err)
	}
	if d := cmp.Diff([]string{"create", "create", "create", "update", "delete"}, seen); d != "" {
		t.Error(d)
	}
}
