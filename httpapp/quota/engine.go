package quota

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// The values of quota_driver.
const (
	// DriverNoLock leaves the removal of expired reservations to a periodic worker.
	DriverNoLock = "neutron.db.quota.driver_nolock.DbQuotaNoLockDriver"
	// DriverLock trusts the counts in the table quotausages. Ours are made anew each time, and so that another Neutron on
	// the same database does not trust old ones, every change of what is counted marks them as dirty.
	DriverLock = "neutron.db.quota.driver.DbQuotaDriver"
	// DriverNull knows no limits.
	DriverNull = "neutron.db.quota.driver_null.DbQuotaDriverNull"
)

// Options are what an Engine needs.
type Options struct {
	// DB is required.
	DB *store.DB
	// Driver is one of the drivers above.
	Driver string
	// Limits are those of projects that have none of their own.
	Limits Limits
	// Check converts and checks the limits of an update: integers from -1 on under the names of Resources.
	Check func(neutron.Attrs) (neutron.Attrs, error)
	// Authorize refuses what the rule of that name forbids the request to do with the limits of a project: get_quota,
	// update_quota, delete_quota. Nil lets administrators do everything and others nothing.
	Authorize func(ctx context.Context, rc *neutron.Context, rule, project string) error
	// Hooks hear of every change of a project's limits; nil for nobody.
	Hooks *callbacks.Hooks[neutron.QuotaLimits]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Engine knows the limits of all projects and holds them to those. It is safe for concurrent use.
type Engine struct {
	o         Options
	resources []resource
}

// New returns an Engine on the given database. It refuses a driver that it does not know.
func New(o Options) (*Engine, error) {
	switch o.Driver {
	case DriverNoLock, DriverLock, DriverNull:
	default:
		return nil, fmt.Errorf("quotas: no quota_driver is called %q", o.Driver)
	}
	if o.DB == nil || o.Check == nil {
		return nil, fmt.Errorf("quotas: DB and Check are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Authorize == nil {
		o.Authorize = adminsOnly
	}
	return &Engine{o: o, resources: resources(o.Limits)}, nil
}

func adminsOnly(_ context.Context, rc *neutron.Context, rule, _ string) error {
	if rc.Admin {
		return nil
	}
	return neutron.NewError(neutron.Forbidden, "PolicyNotAuthorized", "rule:%s is disallowed by policy", rule)
}

// resource returns the resource of that name, nil for those without limits. There are ten: no map is faster.
func (e *Engine) resource(name string) *resource {
	for i := range e.resources {
		if e.resources[i].name == name {
			return &e.resources[i]
		}
	}
	return nil
}
