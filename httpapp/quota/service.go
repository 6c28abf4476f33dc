package quota

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// The rules of policy that the URLs ask for.
const (
	getQuota    = "get_quota"
	updateQuota = "update_quota"
	deleteQuota = "delete_quota"
)

// List answers GET /quotas: the projects that have limits of their own, as far as the request may see projects.
func (e *Engine) List(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	if err := e.o.Authorize(ctx, rc, getQuota, rc.ProjectID); err != nil {
		return err
	}
	var all []limits
	if e.o.Driver != DriverNull {
		if err := e.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
			all, err = e.allLimits(tx, rc)
			return err
		}); err != nil {
			return err
		}
	}
	w := c.Out
	w.Open('{')
	w.Key(0, "quotas")
	w.Open('[')
	for i := range all {
		w.Comma(i)
		e.append(w, &all[i], true)
	}
	w.Close(']')
	w.Close('}')
	return nil
}

// Show answers GET /quotas/{id}. What a project may have is no secret to its members.
func (e *Engine) Show(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	project := c.Args[0]
	if err := e.own(ctx, rc, project); err != nil {
		return err
	}
	var l limits
	if err := e.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		l, err = e.limitsOf(tx, project)
		return err
	}); err != nil {
		return err
	}
	e.one(c.Out, &l)
	return nil
}

// Default answers GET /quotas/{id}/default: the limits of a project that has none of its own. They are the same for all, so
// that who may see those of his own project may ask for any.
func (e *Engine) Default(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	if c.Args[0] != rc.ProjectID {
		if err := e.o.Authorize(ctx, rc, getQuota, rc.ProjectID); err != nil {
			return err
		}
	}
	l := e.defaults(c.Args[0])
	e.one(c.Out, &l)
	return nil
}

func (e *Engine) own(ctx context.Context, rc *neutron.Context, project string) error {
	if project == rc.ProjectID {
		return nil
	}
	return e.o.Authorize(ctx, rc, getQuota, project)
}

// one writes the answer about one project. Without limits, there is nothing to tell.
func (e *Engine) one(w *wire.Buffer, l *limits) {
	if e.o.Driver == DriverNull {
		l = &limits{}
	}
	w.Open('{')
	w.Key(0, "quota")
	e.append(w, l, false)
	w.Close('}')
}

// Tenant answers GET /quotas/tenant: which project the request is of.
func (e *Engine) Tenant(_ context.Context, rc *neutron.Context, c *wire.Call) error {
	return whoami(rc, c.Out, "tenant")
}

// Project answers GET /quotas/project, as Tenant does.
func (e *Engine) Project(_ context.Context, rc *neutron.Context, c *wire.Call) error {
	return whoami(rc, c.Out, "project")
}

func whoami(rc *neutron.Context, w *wire.Buffer, key string) error {
	if rc.ProjectID == "" {
		return neutron.NewError(neutron.BadRequest, "QuotaMissingTenant", "Tenant-id was missing from quota request.")
	}
	w.Open('{')
	w.Key(0, key)
	w.Open('{')
	w.Key(0, key+"_id")
	w.Str(rc.ProjectID)
	w.Close('}')
	w.Close('}')
	return nil
}

// Create answers POST /quotas: limits belong to a project and are not created.
func (e *Engine) Create(context.Context, *neutron.Context, *wire.Call) error {
	return neutron.NewError(neutron.NotImplemented, "HTTPNotImplemented", "POST requests are not supported on this resource.")
}

const (
	hasLimits    = `SELECT EXISTS (SELECT 1 FROM quotas WHERE project_id = ?)`
	deleteLimits = `DELETE FROM quotas WHERE project_id = ?`
)

// Delete answers DELETE /quotas/{id}: the project has the limits of the configuration again.
func (e *Engine) Delete(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	if err := e.o.Authorize(ctx, rc, deleteQuota, c.Args[0]); err != nil {
		return err
	}
	if c.Body != nil {
		return neutron.HTTPBadRequest("Request body is not supported in DELETE.")
	}
	if e.o.Driver == DriverNull {
		return nil
	}
	return e.o.DB.Write(ctx, func(tx *store.Tx) error { return e.drop(tx, rc, c.Args[0]) })
}

func (e *Engine) drop(tx *store.Tx, rc *neutron.Context, project string) error {
	there := false
	if err := tx.Get(hasLimits, []any{project}, &there); err != nil {
		return err
	}
	if !there {
		return neutron.NewError(neutron.NotFound, "TenantQuotaNotFound", "Quota for project %s could not be found.", project)
	}
	err := e.o.Hooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.QuotaLimits, error) {
		l, err := e.limitsOf(tx, project)
		return []neutron.QuotaLimits{e.told(&l)}, err
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(deleteLimits, project)
	return err
}
