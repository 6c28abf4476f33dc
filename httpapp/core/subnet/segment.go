package subnet

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// segments are the segments of the network's subnets, "" for a subnet without one.
func (n *network) segments() []string {
	var out []string
	for _, s := range n.subnets {
		if !s.routed {
			out = append(out, s.segmentID)
		}
	}
	return out
}

// checkMixed refuses segments of which some are "" and some not.
func (n *network) checkMixed(segments []string) error {
	all := slices.Compact(slices.Sorted(slices.Values(segments)))
	if len(all) > 1 && all[0] == "" {
		return n.notAllAssociated()
	}
	return nil
}

func (n *network) notAllAssociated() error {
	return neutron.NewError(neutron.BadRequest, "SubnetsNotAllAssociatedWithSegments",
		"All of the subnets on network '%s' must either all be associated with segments or all not associated with any "+
			"segment.", n.id)
}

// checkNewSegment checks the segment of a subnet that is being created.
func (n *network) checkNewSegment(tx *store.Tx, segmentID string, serviceTypes []string) error {
	found, err := findSegment(tx, segmentID)
	if err != nil {
		return err
	}
	segments := n.segments()
	if !slices.Contains(serviceTypes, ownerRouted) {
		segments = append(segments, segmentID)
	}
	if err := n.checkMixed(segments); err != nil {
		return err
	}
	return n.checkSegment(found)
}

// checkSegmentChange checks a subnet's new segment. Only a network's single subnet may change it, only from none to the
// network's single segment.
func (n *network) checkSegmentChange(tx *store.Tx, old, segmentID string) error {
	segments := n.segments()
	if err := n.checkMixed(segments); err != nil {
		return err
	}
	if old == segmentID {
		return nil
	}
	if len(segments) > 1 {
		return n.notAllAssociated()
	}
	if !slices.Contains(segments, "") && !slices.Contains(segments, segmentID) {
		return neutron.NewError(neutron.BadRequest, "SubnetSegmentAssociationChangeNotAllowed",
			"A subnet that is already associated with a segment cannot have its segment association changed.")
	}
	var count int
	if err := tx.Get(`SELECT count(*) FROM networksegments WHERE network_id = ?`, []any{n.id}, &count); err != nil {
		return err
	}
	if count > 1 {
		return neutron.NewError(neutron.BadRequest, "NoUpdateSubnetWhenMultipleSegmentsOnNetwork",
			"The network '%s' has multiple segments, it is only possible to associate an existing subnet with a segment on "+
				"networks with a single segment.", n.id)
	}
	found, err := findSegment(tx, segmentID)
	if err != nil {
		return err
	}
	return n.checkSegment(found)
}

type segment struct {
	id, networkID string
	dynamic       bool
}

// findSegment returns the segment, nil for "".
func findSegment(tx *store.Tx, id string) (*segment, error) {
	if id == "" {
		return nil, nil
	}
	s := &segment{id: id}
	err := tx.Get(`SELECT network_id, is_dynamic FROM networksegments WHERE id = ?`, []any{id}, &s.networkID, &s.dynamic)
	if store.IsNoRows(err) {
		return nil, neutron.NewError(neutron.NotFound, "SegmentNotFound", "Segment %s could not be found.", id)
	}
	return s, err
}

func (n *network) checkSegment(s *segment) error {
	switch {
	case s == nil:
		return nil
	case s.networkID != n.id:
		return neutron.NewError(neutron.BadRequest, "NetworkIdsDontMatch",
			"The subnet's network id, '%s', doesn't match the network_id of segment '%s'", n.id, s.id)
	case s.dynamic:
		return neutron.NewError(neutron.BadRequest, "SubnetCantAssociateToDynamicSegment",
			"A subnet cannot be associated with a dynamic segment.")
	}
	return nil
}
