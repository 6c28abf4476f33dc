package subnetpool

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/rbac"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB is required.
	DB *store.DB
	// Hooks hear of every change; nil for nobody.
	Hooks *callbacks.Hooks[neutron.SubnetPool]
	// Onboarding lets change take subnets into a pool, and tells of their updates. nil tells nobody.
	Onboarding func(tx *store.Tx, rc *neutron.Context, subnets []string, change func() error) error
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for subnet pools. It is safe for concurrent use.
type Service struct {
	callbacks.Resource[neutron.SubnetPool]
	onboarding func(tx *store.Tx, rc *neutron.Context, subnets []string, change func() error) error
	now        func() time.Time
	newID      func() string
}

// New returns a Service on the given database.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Onboarding == nil {
		o.Onboarding = func(_ *store.Tx, _ *neutron.Context, _ []string, change func() error) error { return change() }
	}
	return &Service{onboarding: o.Onboarding, Resource: callbacks.NewResource(resource(o.DB), o.Hooks), now: o.Now, newID: o.NewID}
}

// NotFound returns the 404 of a subnet pool.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "SubnetPoolNotFound", "Subnet pool %s could not be found.", id)
}

// stamp is the time of a change as the API shows it.
func (s *Service) stamp() time.Time { return s.now().UTC().Truncate(time.Second) }

// Create makes all subnet pools of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.SubnetPool, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.SubnetPool, error) { return s.create(tx, rc, a) })
}

func (s *Service) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.SubnetPool, error) {
	now := s.stamp()
	p := neutron.SubnetPool{
		ID: s.newID(), ProjectID: a.String("project_id"), Name: a.String("name"), Default: a.Bool("is_default"),
		Shared: a.Bool("shared"), AddressScopeID: a.String("address_scope_id"), DefaultQuota: quota(a),
		Standard: neutron.Standard{Description: a.String("description"), CreatedAt: now, UpdatedAt: now},
	}
	set, err := parse(a.Strings("prefixes"))
	if err != nil {
		return p, err
	}
	if p.IPVersion, err = version(set); err != nil {
		return p, err
	}
	b, err := boundsOf(a, p.IPVersion, nil)
	if err != nil {
		return p, err
	}
	p.MinLen, p.MaxLen, p.DefaultLen = b.shortest, b.longest, b.byDefault
	p.Prefixes = texts(set)
	if p.Default {
		if err := checkNoDefault(tx, p.IPVersion); err != nil {
			return p, err
		}
	}
	if err := checkScope(tx, rc, &p, set); err != nil {
		return p, err
	}
	return p, s.insert(tx, &p)
}

func quota(a neutron.Attrs) *int64 {
	n, ok := a["default_quota"].(int64)
	if !ok {
		return nil
	}
	return &n
}

const (
	insertPool = `INSERT INTO subnetpools (id, project_id, name, ip_version, default_prefixlen, min_prefixlen, max_prefixlen,
		shared, is_default, default_quota, hash, address_scope_id, standard_attr_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertPrefix = `INSERT INTO subnetpoolprefixes (subnetpool_id, cidr) VALUES (?, ?)`
)

// insert writes a new pool. The column hash makes concurrent allocations of a Python Neutron collide; shared is a
// leftover.
func (s *Service) insert(tx *store.Tx, p *neutron.SubnetPool) error {
	var err error
	if p.Standard.ID, err = tx.NewStandard("subnetpools", p.Description, 0, p.CreatedAt); err != nil {
		return err
	}
	_, err = tx.Exec(insertPool, p.ID, p.ProjectID, p.Name, p.IPVersion, p.DefaultLen, p.MinLen, p.MaxLen, false, p.Default,
		p.DefaultQuota, s.newID(), store.Nullable(p.AddressScopeID), p.Standard.ID)
	if err != nil {
		return err
	}
	if err := insertPrefixes(tx, p); err != nil || !p.Shared {
		return err
	}
	if err := checkShare(tx, p); err != nil {
		return err
	}
	return rbac.Share(tx, rbac.SubnetPools, s.newID(), p.ProjectID, p.ID)
}

func insertPrefixes(tx *store.Tx, p *neutron.SubnetPool) error {
	for _, prefix := range p.Prefixes {
		if _, err := tx.Exec(insertPrefix, p.ID, prefix); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a subnet pool without subnets.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, checkEmpty, func(tx *store.Tx, p *neutron.SubnetPool) error { return tx.DeleteStandard(p.Standard.ID) })
}

func checkEmpty(tx *store.Tx, p *neutron.SubnetPool) error {
	var subnets int
	if err := tx.Get(`SELECT count(*) FROM subnets WHERE subnetpool_id = ?`, []any{p.ID}, &subnets); err != nil || subnets == 0 {
		return err
	}
	return neutron.NewError(neutron.BadRequest, "SubnetPoolDeleteError",
		"Unable to delete subnet pool: Subnet pool has existing allocations.")
}
