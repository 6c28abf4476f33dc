package quota

import (
	"context"
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// detail is what there is to say about one resource of a project.
type detail struct{ limit, used, reserved int64 }

// Details answers GET /quotas/{id}/details: limits, what the project has, and what others have reserved for it.
func (e *Engine) Details(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	project := c.Args[0]
	if project != rc.ProjectID && !rc.Admin { // no rule of policy, in Neutron neither
		return neutron.NewError(neutron.Forbidden, "AdminRequired", "User does not have admin privileges: "+
			"Only admin is authorized to access quotas for another project.")
	}
	var all []detail
	if err := e.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = e.details(tx, project)
		return err
	}); err != nil {
		return err
	}
	w := c.Out
	w.Open('{')
	w.Key(0, "quota")
	w.Open('{')
	for i := range all {
		w.Key(i, e.resources[i].name)
		all[i].append(w)
	}
	w.Close('}')
	w.Close('}')
	return nil
}

func (d *detail) append(w *wire.Buffer) {
	w.Open('{')
	w.Key(0, "limit")
	w.Int(d.limit)
	w.Key(1, "used")
	w.Int(d.used)
	w.Key(2, "reserved")
	w.Int(d.reserved)
	w.Close('}')
}

const sumAllReserved = `SELECT d.resource, coalesce(sum(d.amount), 0) FROM reservations r JOIN resourcedeltas d ON d.reservation_id = r.id
	WHERE r.project_id = ? AND r.expiration >= ? GROUP BY d.resource`

func (e *Engine) details(tx *store.Tx, project string) ([]detail, error) {
	l, err := e.limitsOf(tx, project)
	if err != nil {
		return nil, err
	}
	all := make([]detail, len(e.resources))
	for i := range all {
		all[i].limit = l.of[i]
		if err := tx.Get(e.resources[i].count, []any{project}, &all[i].used); err != nil {
			return nil, err
		}
	}
	err = tx.Each(sumAllReserved, []any{project, store.FormatTime(e.o.Now())}, func(rows *sql.Rows) error {
		var name string
		var amount int64
		err := rows.Scan(&name, &amount)
		for i := range e.resources {
			if e.resources[i].name == name {
				all[i].reserved = amount
			}
		}
		return err
	})
	return all, err
}
