package quota

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Creating returns the context in which the objects of one request are made: the transaction that does so fails when they
// would be more than a project's limit.
func (e *Engine) Creating(ctx context.Context, name string, in []neutron.Attrs) context.Context {
	r := e.resource(name)
	if r == nil || e.o.Driver == DriverNull {
		return ctx
	}
	return store.Ahead(ctx, func(tx *store.Tx) error { return e.reserve(tx, r, in) })
}

const (
	dirtyProject = `UPDATE quotausages SET dirty = ? WHERE project_id = ? AND dirty = ?`
	dirtyAll     = `UPDATE quotausages SET dirty = ? WHERE dirty = ?`
)

// Changing returns the context of any other request that changes something. What it removes besides its own object, and of
// which projects, is known to nobody here: with DriverLock, all counts are marked.
func (e *Engine) Changing(ctx context.Context) context.Context {
	if e.o.Driver != DriverLock {
		return ctx
	}
	return store.Ahead(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(dirtyAll, true, false)
		return err
	})
}

// share is what one project gets of a request.
type share struct {
	project string
	n       int64
}

// shares counts the objects of each project. Most requests have one; those that name no project count for nobody.
func shares(in []neutron.Attrs) []share {
	var out []share
next:
	for _, a := range in {
		if !a.Has("project_id") {
			continue
		}
		project := a.String("project_id")
		for i := range out {
			if out[i].project == project {
				out[i].n++
				continue next
			}
		}
		out = append(out, share{project, 1})
	}
	return out
}

func (e *Engine) reserve(tx *store.Tx, r *resource, in []neutron.Attrs) error {
	for _, s := range shares(in) {
		if err := e.allow(tx, r, s.project, s.n); err != nil {
			return err
		}
		if e.o.Driver == DriverLock {
			if _, err := tx.Exec(dirtyProject, true, s.project, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// Allow fails when a project may not have that many more of a resource. It is for what is made along with something else;
// what a request asks for has gone through Creating.
func (e *Engine) Allow(tx *store.Tx, project, name string, more int) error {
	r := e.resource(name)
	if r == nil || e.o.Driver == DriverNull {
		return nil
	}
	return e.allow(tx, r, project, int64(more))
}

// check is one statement that finds the limit and, only where there is one, counts.
func check(count string) string {
	return `SELECT l.most, CASE WHEN l.most < 0 THEN 0 ELSE (` + count + `) + (` + sumReserved + `) END
		FROM (SELECT coalesce((` + selectLimit + `), ?) AS most) l`
}

func (e *Engine) allow(tx *store.Tx, r *resource, project string, more int64) error {
	var limit, used int64
	args := []any{project, project, r.name, store.FormatTime(e.o.Now()), project, r.name, r.limit}
	err := tx.Get(r.check, args, &limit, &used)
	if err == nil && limit >= 0 && used+more > limit {
		err = overQuota(r.name)
	}
	return err
}

func overQuota(name string) error {
	return neutron.NewError(neutron.Conflict, "OverQuota", "Quota exceeded for resources: ['%s'].", name)
}

const selectLimit = `SELECT "limit" FROM quotas WHERE project_id = ? AND resource = ?`

const sumReserved = `SELECT coalesce(sum(d.amount), 0) FROM reservations r JOIN resourcedeltas d ON d.reservation_id = r.id
	WHERE r.project_id = ? AND d.resource = ? AND r.expiration >= ?`

// used returns how many a project has, with those that another Neutron is about to make for it.
func (e *Engine) used(tx *store.Tx, r *resource, project string) (int64, error) {
	var has, reserved int64
	if err := tx.Get(r.count, []any{project}, &has); err != nil {
		return 0, err
	}
	err := tx.Get(sumReserved, []any{project, r.name, store.FormatTime(e.o.Now())}, &reserved)
	return has + reserved, err
}
