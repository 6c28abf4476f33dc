package secgroup

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const selectGroups = `SELECT g.id FROM securitygroups g WHERE g.id IN (`

// Check returns SecurityGroupNotFound, naming every id that is no security group or none that the caller may see: his
// own, those shared with him, and for an administrator all.
func Check(tx *store.Tx, rc *neutron.Context, ids []string) error {
	missing := slices.Clone(ids)
	err := store.Chunks(ids, func(placeholders string, args []any) error {
		text, args := visibleGroups().Narrow(rc, selectGroups+placeholders+")", args...)
		return tx.Each(text, args, func(rows *sql.Rows) error {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			missing = slices.DeleteFunc(missing, func(m string) bool { return m == id })
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("check security groups: %w", err)
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return neutron.NewError(neutron.NotFound, "SecurityGroupNotFound", "Security group %s does not exist",
		strings.Join(slices.Compact(missing), ", "))
}
