package quota

import (
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// limits are those of one project.
type limits struct {
	project string
	// of has a limit for each resource of the engine.
	of []int64
	// strange are rows of resources that the engine does not know: of plugins of another Neutron.
	strange []strange
}

type strange struct {
	resource string
	limit    int64
}

const (
	selectLimits                = `SELECT project_id, resource, "limit" FROM quotas WHERE project_id = ? AND "limit" IS NOT NULL ORDER BY resource`
	selectAllLimits             = `SELECT project_id, resource, "limit" FROM quotas WHERE project_id IS NOT NULL AND "limit" IS NOT NULL`
	visibleLimits   store.Scope = `project_id = ?`
	orderAllLimits              = ` ORDER BY project_id, resource`
)

func (e *Engine) defaults(project string) limits {
	l := limits{project: project, of: make([]int64, len(e.resources))}
	for i := range e.resources {
		l.of[i] = e.resources[i].limit
	}
	return l
}

func (e *Engine) set(l *limits, name string, limit int64) {
	for i := range e.resources {
		if e.resources[i].name == name {
			l.of[i] = limit
			return
		}
	}
	l.strange = append(l.strange, strange{name, limit})
}

// limitsOf returns the limits of one project.
func (e *Engine) limitsOf(tx *store.Tx, project string) (limits, error) {
	l := e.defaults(project)
	err := tx.Each(selectLimits, []any{project}, func(rows *sql.Rows) error {
		var owner, name string
		var limit int64
		err := rows.Scan(&owner, &name, &limit)
		e.set(&l, name, limit)
		return err
	})
	return l, err
}

// allLimits returns those of the projects that have some of their own and that the request may see.
func (e *Engine) allLimits(tx *store.Tx, rc *neutron.Context) ([]limits, error) {
	var all []limits
	text, args := visibleLimits.Narrow(rc, selectAllLimits)
	err := tx.Each(text+orderAllLimits, args, func(rows *sql.Rows) error {
		var project, name string
		var limit int64
		if err := rows.Scan(&project, &name, &limit); err != nil {
			return err
		}
		if len(all) == 0 || all[len(all)-1].project != project {
			all = append(all, e.defaults(project))
		}
		e.set(&all[len(all)-1], name, limit)
		return nil
	})
	return all, err
}

// append writes the limits as an object, in lists with the project.
func (e *Engine) append(w *wire.Buffer, l *limits, listed bool) {
	w.Open('{')
	n := 0
	for i := range l.of {
		w.Key(n, e.resources[i].name)
		w.Int(l.of[i])
		n++
	}
	if listed {
		w.Key(n, "project_id")
		w.Str(l.project)
		w.Key(n+1, "tenant_id")
		w.Str(l.project)
		n += 2
	}
	for _, s := range l.strange {
		w.Key(n, s.resource)
		w.Int(s.limit)
		n++
	}
	w.Close('}')
}
