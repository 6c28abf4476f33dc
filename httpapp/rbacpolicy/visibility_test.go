package rbacpolicy_test

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// object is a row as the model knows it; parent is the id of the object through which it may be seen.
type object struct{ id, project, parent string }

// entry is a row of one of the tables of entries.
type entry struct{ object, target, action string }

// service is a resource whatever its noun is.
type service struct {
	name    string
	objects string // SELECT id, project, parent
	sees    func(m *model, project string, o object) bool
	list    func(context.Context, *neutron.Context, *neutron.Query) ([]string, error)
	get     func(context.Context, *neutron.Context, string) error
	update  func(context.Context, *neutron.Context, string) error
	remove  func(context.Context, *neutron.Context, string) error
}

// domain is what api.Service is.
type domain[T any] interface {
	Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (T, error)
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]T, error)
	Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (T, error)
	Delete(ctx context.Context, rc *neutron.Context, id string) error
}

func serviceOf[T any](name, objects string, d domain[T], id func(T) string, sees func(*model, string, object) bool) service {
	return service{name: name, objects: objects, sees: sees, remove: d.Delete,
		list: func(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]string, error) {
			out, err := d.List(ctx, rc, q)
			ids := make([]string, len(out))
			for i := range out {
				ids[i] = id(out[i])
			}
			return ids, err
		},
		get: func(ctx context.Context, rc *neutron.Context, id string) error {
			_, err := d.Get(ctx, rc, id, neutron.Fields{})
			return err
		},
		update: func(ctx context.Context, rc *neutron.Context, id string) error {
			_, err := d.Update(ctx, rc, id, neutron.Attrs{"name": "changed", "description": "changed", "target_tenant": "changed"})
			return err
		},
	}
}

// model says who sees what, from nothing but the rows.
type model struct {
	owners  map[string]string // of networks and groups
	entries []entry
}

func (m *model) shared(project, id string) bool {
	return slices.ContainsFunc(m.entries, func(e entry) bool {
		return e.object == id && (e.target == "*" || project != "" && e.target == project)
	})
}

func (m *model) owns(project, id string) bool { return project != "" && m.owners[id] == project }

func own(_ *model, project string, o object) bool { return project != "" && o.project == project }

func ownOrShared(m *model, project string, o object) bool {
	return own(m, project, o) || m.shared(project, o.id)
}

func ownOrOfShared(m *model, project string, o object) bool {
	return own(m, project, o) || m.shared(project, o.parent)
}

func ownOrOfOwn(m *model, project string, o object) bool {
	return own(m, project, o) || m.owns(project, o.parent)
}

func (w *world) services() []service {
	return []service{
		serviceOf("networks", `SELECT id, project_id, '' FROM networks`, w.networks, func(v neutron.Network) string { return v.ID }, ownOrShared),
		serviceOf("subnets", `SELECT id, project_id, network_id FROM subnets`, w.subnets, func(v neutron.Subnet) string { return v.ID }, ownOrOfShared),
		serviceOf("ports", `SELECT id, project_id, network_id FROM ports`, w.ports, func(v neutron.Port) string { return v.ID }, ownOrOfOwn),
		serviceOf("groups", `SELECT id, project_id, '' FROM securitygroups`, w.groups, func(v neutron.SecurityGroup) string { return v.ID }, ownOrShared),
		serviceOf("rules", `SELECT id, project_id, security_group_id FROM securitygrouprules`, w.rules,
			func(v neutron.SecurityGroupRule) string { return v.ID }, ownOrOfOwn),
		serviceOf("scopes", `SELECT id, project_id, '' FROM address_scopes`, w.scopes, func(v neutron.AddressScope) string { return v.ID }, ownOrShared),
		serviceOf("pools", `SELECT id, project_id, '' FROM subnetpools`, w.pools, func(v neutron.SubnetPool) string { return v.ID }, ownOrShared),
		serviceOf("address groups", `SELECT id, project_id, '' FROM address_groups`, w.sets, func(v neutron.AddressGroup) string { return v.ID }, ownOrShared),
		serviceOf("entries", allEntries, w.entries, func(v neutron.RBACPolicy) string { return v.ID }, own),
	}
}

const allEntries = `SELECT id, project_id, '' FROM networkrbacs UNION ALL SELECT id, project_id, '' FROM securitygrouprbacs
	UNION ALL SELECT id, project_id, '' FROM addressscoperbacs UNION ALL SELECT id, project_id, '' FROM subnetpoolrbacs
	UNION ALL SELECT id, project_id, '' FROM addressgrouprbacs`

// triples reads rows of three texts.
func (w *world) triples(text string) (out []object) {
	w.t.Helper()
	check(w.t, w.db.Read(w.t.Context(), func(tx *store.Tx) error {
		return tx.Each(text, nil, func(rows *sql.Rows) error {
			var o object
			err := rows.Scan(&o.id, &o.project, &o.parent)
			out = append(out, o)
			return err
		})
	}))
	return out
}

func (w *world) model() *model {
	m := &model{owners: make(map[string]string)}
	for _, o := range w.triples(`SELECT id, project_id, '' FROM networks UNION ALL SELECT id, project_id, '' FROM securitygroups`) {
		m.owners[o.id] = o.project
	}
	for _, table := range []string{"networkrbacs", "securitygrouprbacs", "addressscoperbacs", "subnetpoolrbacs", "addressgrouprbacs"} {
		for _, o := range w.triples(`SELECT object_id, target_project, action FROM ` + table) {
			m.entries = append(m.entries, entry{object: o.id, target: o.project, action: o.parent})
		}
	}
	return m
}

// populate makes objects of three projects and shares them, all at random.
func (w *world) populate(r *rand.Rand) {
	projects := []string{"p", "q", "r"}
	any := func(l []string) string { return l[r.IntN(len(l))] }
	var networks, groups []string
	for _, p := range projects {
		networks, groups = append(networks, w.network(p)), append(groups, w.group(p))
	}
	kinds := map[string][]string{"network": networks, "security_group": groups}
	for range 12 {
		w.subnet(any(projects), any(networks))
		w.port(any(projects), any(networks))
		_, err := w.rule(any(projects), any(groups), nil)
		check(w.t, err)
		kinds["address_scope"] = append(kinds["address_scope"], w.scope(any(projects)))
		kinds["subnetpool"] = append(kinds["subnetpool"], w.pool(any(projects), ""))
		kinds["address_group"] = append(kinds["address_group"], w.set(any(projects)))
	}
	for kind, ids := range kinds {
		for range 8 {
			action := "access_as_shared"
			if kind == "network" && r.IntN(2) == 0 {
				action = "access_as_external"
			}
			_, err := w.share(&neutron.Context{Admin: true, ProjectID: any(projects)}, kind, any(ids), action, any([]string{"p", "q", "r", "*", "elsewhere"}))
			if err != nil && neutron.KindOf(err) != neutron.Conflict { // twice the same
				w.t.Fatal(err)
			}
		}
	}
}

// For objects, entries and callers at random, what lists, shows, markers, updates and deletes see is what the rows say.
func TestCallersSeeWhatTheModelSees(t *testing.T) {
	t.Parallel()
	for range 2 {
		seed := uint64(time.Now().UnixNano())
		r := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t)
		w.populate(r)
		for _, project := range []string{"p", "q", "r", "nobody", ""} {
			_, err := w.groups.List(t.Context(), of(project), &neutron.Query{}) // which makes its default group
			check(t, err)
		}
		for _, s := range w.services() {
			for _, project := range []string{"p", "q", "r", "nobody", ""} {
				w.compare(s, project, r)
			}
			w.seesAll(s)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// compare holds what one project sees of one resource against the model.
func (w *world) compare(s service, project string, r *rand.Rand) {
	w.t.Helper()
	ctx, rc, m := w.t.Context(), of(project), w.model()
	var want, unseen []string
	for _, o := range w.triples(s.objects) {
		if s.sees(m, project, o) {
			want = append(want, o.id)
		} else {
			unseen = append(unseen, o.id)
		}
	}
	slices.Sort(want)
	w.expect(s, rc, &neutron.Query{}, want)
	for _, id := range want {
		if err := s.get(ctx, rc, id); err != nil {
			w.t.Errorf("%s: %q does not get %s: %v", s.name, project, id, err)
		}
	}
	if len(want) > 1 {
		i := r.IntN(len(want) - 1)
		w.expect(s, rc, &neutron.Query{Marker: want[i], Limit: len(want)}, want[i+1:])
		w.expect(s, rc, &neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: []string{want[i]}}}}, want[i:i+1])
	}
	if len(unseen) > 0 {
		w.expect(s, rc, &neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: unseen}}}, nil)
	}
	for _, id := range unseen {
		_, marked := s.list(ctx, rc, &neutron.Query{Marker: id, Limit: 2})
		for what, err := range map[string]error{"get": s.get(ctx, rc, id), "update": s.update(ctx, rc, id), "delete": s.remove(ctx, rc, id), "marker": marked} {
			if neutron.KindOf(err) != neutron.NotFound {
				w.t.Errorf("%s: %s of %s by %q: got %v, want not found", s.name, what, id, project, err)
			}
		}
	}
}

func (w *world) expect(s service, rc *neutron.Context, q *neutron.Query, want []string) {
	w.t.Helper()
	q.Sort = []neutron.SortKey{{Name: "id"}}
	got, err := s.list(w.t.Context(), rc, q)
	if err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%s: %q lists %v, %v, want %v (%+v)", s.name, rc.ProjectID, got, err, want, q)
	}
}

// seesAll wants every row, none of them changed, for who sees all.
func (w *world) seesAll(s service) {
	w.t.Helper()
	var all []string
	for _, o := range w.triples(s.objects) {
		all = append(all, o.id)
	}
	slices.Sort(all)
	for _, rc := range []*neutron.Context{{Admin: true}, {ProjectID: "p", Service: true}, {ProjectID: "p", GlobalAccess: true}} {
		w.expect(s, rc, &neutron.Query{}, all)
	}
}
