package segmentrange

import (
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func readOnly(id string) error {
	return neutron.NewError(neutron.BadRequest, "NetworkSegmentRangeDefaultReadOnly",
		"Network Segment Range %s is a default segment range which could not be updated or deleted.", id)
}

func referenced(id string) error {
	return neutron.NewError(neutron.Conflict, "NetworkSegmentRangeReferencedByProject",
		"Network Segment Range %s is referenced by one or more tenant networks.", id)
}

// duplicate says that a range of these very ends is there already, as Neutron's database does.
func duplicate(r *neutron.SegmentRange) error {
	return neutron.NewError(neutron.Conflict, "NeutronDbObjectDuplicateEntry", "Failed to create a duplicate "+
		"NetworkSegmentRange: for attribute(s) [] with value(s) 0-%s-%s-%d-%d", r.NetworkType, r.PhysicalNetwork, r.Minimum, r.Maximum)
}

const overlapping = `SELECT id FROM network_segment_ranges WHERE "default" = 0 AND network_type = ? AND physical_network = ?
	AND minimum <= ? AND maximum >= ? ORDER BY id`

func checkOverlap(tx *store.Tx, r *neutron.SegmentRange) error {
	ids, err := tx.Strings(overlapping, r.NetworkType, r.PhysicalNetwork, r.Maximum, r.Minimum)
	if err != nil || len(ids) == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "NetworkSegmentRangeOverlaps",
		"Network segment range overlaps with range(s) with id %s", strings.Join(ids, ", "))
}

const used = `SELECT coalesce(min(segmentation_id), 0), coalesce(max(segmentation_id), 0), count(*) > 0 FROM networksegments
	WHERE network_type = ? AND coalesce(physical_network, '') = ? AND segmentation_id BETWEEN ? AND ?`

// usedIn returns the least and the greatest id of the range that networks have.
func usedIn(tx *store.Tx, r *neutron.SegmentRange) (least, greatest int64, found bool, err error) {
	err = tx.Get(used, []any{r.NetworkType, r.PhysicalNetwork, r.Minimum, r.Maximum}, &least, &greatest, &found)
	return least, greatest, found, err
}

// checkImpact refuses an update unless the new ends leave room on both sides of the used ids: Neutron refuses those that
// touch a used id, too, even where nothing but the name is to change (observed on 2026.1).
func checkImpact(tx *store.Tx, old, next *neutron.SegmentRange) error {
	least, greatest, found, err := usedIn(tx, old)
	if err != nil || !found {
		return err
	}
	if next.Minimum >= least || next.Maximum <= greatest {
		return referenced(old.ID)
	}
	return nil
}
