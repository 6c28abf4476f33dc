// Package rbac is what resources need of the entries that share their objects with other projects: who sees what, the
// attribute shared, its filter, and the wildcard entry that shared = true stands for. Each kind of object has a table of
// its own, in the form that Neutron gives all of them.
//
// It decides nothing about who may share what, and serves no URL: that is package rbacpolicy.
package rbac

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Table is the table with the entries of one kind of object.
type Table string

// The tables.
const (
	AddressGroups  Table = "addressgrouprbacs"
	AddressScopes  Table = "addressscoperbacs"
	Networks       Table = "networkrbacs"
	QoSPolicies    Table = "qospolicyrbacs"
	SecurityGroups Table = "securitygrouprbacs"
	SubnetPools    Table = "subnetpoolrbacs"
)

// The actions of entries. Only networks have AccessAsExternal.
const (
	AccessAsShared   = "access_as_shared"
	AccessAsExternal = "access_as_external"
)

// Visible is what a project sees of the objects whose project and id those expressions are: its own, and what an entry
// for it or for everybody shares with it in any way. Both sides of the OR are served by an index.
func Visible(t Table, project, id string) store.Scope {
	return store.Scope(project + ` = ? OR ` + id + ` IN (SELECT object_id FROM ` + string(t) + ` WHERE target_project IN ('*', ?)
		AND action IN ('` + AccessAsShared + `', '` + AccessAsExternal + `'))`)
}

// VisibleNetwork is Visible for the rows of the table networks under the alias n.
func VisibleNetwork() store.Scope { return Visible(Networks, "n.project_id", "n.id") }

// VisibleSubnet is what a project sees of the table subnets under the alias s: its own, and those of networks that are
// shared with it.
func VisibleSubnet() store.Scope { return Visible(Networks, "s.project_id", "s.network_id") }

// Share lets every project use an object, in the name of the object's project.
func Share(tx *store.Tx, t Table, entryID, projectID, objectID string) error {
	_, err := tx.Exec(`INSERT INTO `+string(t)+` (id, project_id, object_id, target_project, action)
		VALUES (?, ?, ?, '*', 'access_as_shared')`, entryID, projectID, objectID)
	return err
}

// Shared is the child that finds out which objects of a list are shared with everybody or with the project that asks.
func Shared[T any](t Table, rc *neutron.Context, set func(*T)) store.Child[T] {
	return store.Child[T]{
		Table:  string(t),
		Wanted: []string{"shared"},
		Query:  `object_id, 0, '', '', '', 0 FROM ` + string(t) + ` WHERE object_id IN (`,
		Tail:   `) AND action = 'access_as_shared' AND target_project IN ('*', ?)`,
		Args:   []any{rc.ProjectID},
		Add:    func(object *T, _ *store.ChildRow) { set(object) },
	}
}

// Everybody is the condition that the object of expression id is shared with everybody. Lists sort by it.
func Everybody(t Table, id string) string {
	return `EXISTS (SELECT 1 FROM ` + string(t) + ` r WHERE r.object_id = ` + id +
		` AND r.action = 'access_as_shared' AND r.target_project = '*')`
}

// Filter is the filter "shared" of a list; id is the expression of the object's id. The filter's second value is the
// project that asks, which WithProject puts there.
func Filter(t Table, id string) func(*neutron.Filter) (store.Condition, error) {
	condition := `EXISTS (SELECT 1 FROM ` + string(t) + ` r WHERE r.object_id = ` + id +
		` AND r.action = 'access_as_shared' AND r.target_project IN ('*', ?))`
	return func(f *neutron.Filter) (store.Condition, error) {
		c := store.Condition{SQL: condition, Args: []any{f.Values[len(f.Values)-1]}}
		if f.Values[0] == "False" {
			c.SQL = "NOT " + c.SQL
		}
		return c, nil
	}
}

// WithProject returns q with the project that asks behind the first value of its filter "shared", the only one that
// Neutron looks at.
func WithProject(q *neutron.Query, rc *neutron.Context) *neutron.Query {
	if q.Filter("shared") == nil {
		return q
	}
	out := *q
	out.Filters = append([]neutron.Filter(nil), q.Filters...)
	for i := range out.Filters {
		if f := &out.Filters[i]; f.Name == "shared" {
			f.Values = []string{first(f.Values), rc.ProjectID}
		}
	}
	return &out
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
