package quota

import (
	"context"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Update answers PUT /quotas/{id}. A limit below what the project has already is refused, unless force says otherwise;
// check_limit asked for that once, and means nothing any more.
func (e *Engine) Update(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	if err := e.o.Authorize(ctx, rc, updateQuota, c.Args[0]); err != nil {
		return err
	}
	in, err := read(c.Body)
	if err != nil {
		return err
	}
	force := in["force"] == true
	delete(in, "force")
	delete(in, "check_limit")
	if in, err = e.o.Check(in); err != nil {
		return err
	}
	project := c.Args[0]
	if n := utf8.RuneCountInString(project); n > maxProject {
		return neutron.HTTPBadRequest("Invalid input for project_id. Reason: '%s' exceeds maximum length of %d.", project, maxProject)
	}
	l, err := e.update(ctx, rc, project, in, force)
	if err != nil {
		return err
	}
	e.one(c.Out, &l)
	return nil
}

// maxProject is what the column quotas.project_id holds.
const maxProject = 255

// read returns the limits in a body. Neutron fails with 500 on bodies that are not of this form.
func read(body any) (neutron.Attrs, error) {
	object, ok := body.(map[string]any)
	switch {
	case body == nil:
		return nil, neutron.HTTPBadRequest("Resource body required")
	case !ok:
		return nil, neutron.HTTPBadRequest("Body contains invalid data")
	}
	quota, ok := object["quota"]
	if !ok {
		return nil, neutron.HTTPBadRequest("Unable to find 'quota' in request body")
	}
	in, ok := quota.(map[string]any)
	if !ok {
		return nil, neutron.HTTPBadRequest("Object 'quota' contains invalid data")
	}
	return in, nil
}

func (e *Engine) update(ctx context.Context, rc *neutron.Context, project string, in neutron.Attrs, force bool) (l limits, err error) {
	if e.o.Driver == DriverNull {
		return l, nil
	}
	err = e.o.DB.Write(ctx, func(tx *store.Tx) error {
		if !force {
			if err := e.enough(tx, project, in); err != nil {
				return err
			}
		}
		event, err := e.updating(tx, project)
		if err != nil {
			return err
		}
		if err := event.Begin(tx, rc, project, in, true); err != nil {
			return err
		}
		for i := range e.resources {
			if r := &e.resources[i]; in.Has(r.name) {
				if err := e.setLimit(tx, project, r, in.Int(r.name)); err != nil {
					return err
				}
			}
		}
		if l, err = e.limitsOf(tx, project); err != nil || !e.o.Hooks.Heard(callbacks.Update) {
			return err
		}
		return event.Done(tx, rc, project, in, e.told(&l))
	})
	return l, err
}

// updating begins the event of a change; the limits as they are are read only for who hears of it.
func (e *Engine) updating(tx *store.Tx, project string) (callbacks.Change[neutron.QuotaLimits], error) {
	if !e.o.Hooks.HearsWhole(callbacks.Update) {
		return callbacks.Change[neutron.QuotaLimits]{}, nil
	}
	l, err := e.limitsOf(tx, project)
	return e.o.Hooks.Updating(e.told(&l)), err
}

// told is limits as hooks are told of them.
func (e *Engine) told(l *limits) neutron.QuotaLimits {
	out := neutron.QuotaLimits{ProjectID: l.project, Limits: make(map[string]int64, len(l.of)+len(l.strange))}
	for i := range l.of {
		out.Limits[e.resources[i].name] = l.of[i]
	}
	for _, s := range l.strange {
		out.Limits[s.resource] = s.limit
	}
	return out
}

// enough refuses limits below what the project has.
func (e *Engine) enough(tx *store.Tx, project string, in neutron.Attrs) error {
	for i := range e.resources {
		r := &e.resources[i]
		limit := in.Int(r.name)
		if !in.Has(r.name) || limit == unlimited {
			continue
		}
		used, err := e.used(tx, r, project)
		if err != nil {
			return err
		}
		if used > limit {
			return neutron.HTTPBadRequest("Quota limit %d for %s must be greater than or equal to already used %d", limit, r.name, used)
		}
	}
	return nil
}

const (
	updateLimit = `UPDATE quotas SET "limit" = ? WHERE project_id = ? AND resource = ?`
	insertLimit = `INSERT INTO quotas (id, project_id, resource, "limit") VALUES (?, ?, ?, ?)`
)

func (e *Engine) setLimit(tx *store.Tx, project string, r *resource, limit int64) error {
	n, err := tx.Exec(updateLimit, limit, project, r.name)
	if err == nil && n == 0 {
		_, err = tx.Exec(insertLimit, e.o.NewID(), project, r.name, limit)
	}
	return err
}
