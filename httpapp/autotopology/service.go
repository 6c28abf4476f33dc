package autotopology

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Networks makes networks: package network's service, with its events.
type Networks interface {
	Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Network, error)
	Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Network, error)
	Delete(ctx context.Context, rc *neutron.Context, id string) error
}

// Subnets makes subnets: package subnet's service, with its events.
type Subnets interface {
	Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Subnet, error)
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.Subnet, error)
}

// Pools knows subnet pools: *subnetpool.Service.
type Pools interface {
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.SubnetPool, error)
}

// Routers makes routers: *l3.Service.
type Routers interface {
	Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Router, error)
	Delete(ctx context.Context, rc *neutron.Context, id string) error
	AddInterface(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error
	RemoveInterface(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error
}

// Options are what a Service needs; all of them but Hooks.
type Options struct {
	DB       *store.DB
	Networks Networks
	Subnets  Subnets
	Pools    Pools
	Routers  Routers
	// Hooks hear of new topologies; nil for nobody. Of their end Ending tells.
	Hooks *Hooks
	// Fill completes and checks the attributes of a new object of a collection, as a request's are.
	Fill func(rc *neutron.Context, collection string, in neutron.Attrs) (neutron.Attrs, error)
}

// Service answers requests for auto-allocated topologies. It is safe for concurrent use.
type Service struct{ o Options }

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Networks == nil || o.Subnets == nil || o.Pools == nil || o.Routers == nil || o.Fill == nil {
		return nil, errors.New("auto-allocated topologies: every option is required")
	}
	return &Service{o: o}, nil
}

// dryRun is what fields must say for no more than a look whether a topology could be made.
const dryRun = "dry-run"

// Show answers with the topology of a project, which it makes when there is none.
func (s *Service) Show(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	project, err := projectOf(rc, c.Args[0])
	if err != nil {
		return err
	}
	if err := enforce(c, "get", project); err != nil {
		return err
	}
	fields := c.Query("fields")
	var id string
	switch {
	case slices.Contains(fields, dryRun):
		id, err = "dry-run=pass", s.check(ctx, rc)
	case slices.ContainsFunc(fields, func(f string) bool { return f != "" }):
		err = neutron.NewError(neutron.BadRequest, "BadRequest", "Bad auto_allocate request: Unrecognized field.")
	default:
		id, err = s.network(ctx, rc, project)
	}
	if err != nil {
		return err
	}
	write(c.Out, id, project)
	return nil
}

// Delete removes a topology. A project without one has none afterwards.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	project, err := projectOf(rc, c.Args[0])
	if err != nil {
		return err
	}
	if err := enforce(c, "delete", project); err != nil {
		return err
	}
	t, err := s.find(ctx, project)
	if err != nil || t.network == "" {
		return err
	}
	subnets, err := s.o.Subnets.List(ctx, rc, &neutron.Query{Filters: []neutron.Filter{{Name: "network_id", Values: []string{t.network}}}})
	if err != nil {
		return err
	}
	for i := range subnets {
		t.subnets = append(t.subnets, subnets[i].ID)
	}
	return s.cleanUp(ctx, rc, &t)
}

// projectOf is the project that a URL means: "None" is that of the caller, which is what clients send that do not know it.
func projectOf(rc *neutron.Context, id string) (string, error) {
	if id == "None" {
		id = rc.ProjectID
	}
	if !rc.Admin && id != rc.ProjectID {
		return "", neutron.NewError(neutron.Forbidden, "NotAuthorized", "Not authorized.")
	}
	return id, nil
}

// enforce asks whether the caller may do something with his topology. Who may not even see it does not find it.
func enforce(c *wire.Call, verb, project string) error {
	object := map[string]any{"project_id": project, "tenant_id": project}
	denied := c.Enforce(verb+"_auto_allocated_topology", object)
	if denied == nil || neutron.KindOf(denied) != neutron.Forbidden {
		return denied
	}
	if verb != "get" && c.Enforce("get_auto_allocated_topology", object) == nil {
		return denied
	}
	return neutron.NewError(neutron.NotFound, "HTTPNotFound", "The resource could not be found.")
}

func write(w *wire.Buffer, id, project string) {
	w.Open('{')
	w.Key(0, "auto_allocated_topology")
	w.Open('{')
	w.Key(0, "id")
	w.Str(id)
	w.Key(1, "tenant_id")
	w.Str(project)
	w.Key(2, "project_id")
	w.Str(project)
	w.Close('}')
	w.Close('}')
}

// failure is what a deployment lacks.
func failure(reason string) *neutron.Error {
	return neutron.NewError(neutron.Conflict, "AutoAllocationFailure", "Deployment error: %s.", reason)
}

// because is a failure whose cause the log tells.
func because(cause error, reason string) error {
	e := failure(reason)
	e.Err = cause
	return e
}

// check looks whether there is all that a topology needs.
func (s *Service) check(ctx context.Context, rc *neutron.Context) error {
	if _, err := s.external(ctx); err != nil {
		return err
	}
	pools, err := s.pools(ctx, rc)
	if err == nil && len(pools) == 0 {
		err = failure("No default subnetpools defined")
	}
	return err
}

// external returns the default external network.
func (s *Service) external(ctx context.Context) (string, error) {
	var id string
	err := s.o.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.Get(`SELECT network_id FROM externalnetworks WHERE is_default = ? ORDER BY network_id LIMIT 1`, []any{true}, &id)
	})
	if store.IsNoRows(err) {
		return "", failure("No default router:external network")
	}
	return id, err
}

// pools returns the default subnet pools that the caller sees, that of IPv4 first.
func (s *Service) pools(ctx context.Context, rc *neutron.Context) ([]neutron.SubnetPool, error) {
	pools, err := s.o.Pools.List(ctx, rc, &neutron.Query{Filters: []neutron.Filter{{Name: "is_default", Values: []string{"True"}}}})
	slices.SortFunc(pools, func(a, b neutron.SubnetPool) int { return int(a.IPVersion - b.IPVersion) })
	return pools, err
}

// unmet reports whether an error says that the deployment lacks something, and not that something went wrong.
func unmet(err error) bool {
	var e *neutron.Error
	return errors.As(err, &e) && (e.Kind == neutron.BadRequest || e.Kind == neutron.NotFound || strings.HasSuffix(e.Type, "SubnetAllocationError"))
}
