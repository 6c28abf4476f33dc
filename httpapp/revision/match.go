package revision

import (
	"context"
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// IfMatch returns a context in which the object of the collection is changed only while it has that revision number.
// An object that is not there is the domain's to complain about. Collections whose objects have no revision are refused.
func IfMatch(ctx context.Context, collection, id string, revision int64) (context.Context, error) {
	table := store.StandardTable(collection)
	if table == "" {
		return nil, neutron.NewError(neutron.BadRequest, "BadRequest",
			"Bad %s request: Revision matching not supported for this resource.", collection)
	}
	query := fmt.Sprintf(selectRevision, table)
	return store.Guard(ctx, func(tx *store.Tx) error {
		var current int64
		switch err := tx.Get(query, []any{id}, &current); {
		case store.IsNoRows(err):
			return nil
		case err != nil:
			return fmt.Errorf("if-match %s %s: %w", collection, id, err)
		case current != revision:
			return neutron.NewError(neutron.PreconditionFailed, "RevisionNumberConstraintFailed",
				"Constrained to %d, but current revision is %d", revision, current)
		}
		return nil
	}), nil
}

// selectRevision has a place for the table.
const selectRevision = `SELECT s.revision_number FROM %s o JOIN standardattributes s ON s.id = o.standard_attr_id WHERE o.id = ?`
