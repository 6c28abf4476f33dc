package ml2

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Wire names of the provider attributes.
const (
	attrType     = "provider:network_type"
	attrPhysical = "provider:physical_network"
	attrID       = "provider:segmentation_id"
	attrSegments = "segments"
)

// Wish is a segment as a client asks for it. Nil fields are for the type driver to choose.
type Wish struct {
	NetworkType     *string
	PhysicalNetwork *string
	SegmentationID  *int64
}

// empty reports whether no field is set.
func (w Wish) empty() bool {
	return w.NetworkType == nil && w.PhysicalNetwork == nil && w.SegmentationID == nil
}

// physical returns the physical network, "" when none is set.
func (w Wish) physical() string {
	if w.PhysicalNetwork == nil {
		return ""
	}
	return *w.PhysicalNetwork
}

// id returns the segmentation id, 0 when none is set.
func (w Wish) id() int64 {
	if w.SegmentationID == nil {
		return 0
	}
	return *w.SegmentationID
}

// wishOf reads the provider attributes out of a network's or a segment's attributes. Null is as good as absent.
func wishOf(a map[string]any) Wish {
	var w Wish
	if s, ok := a[attrType].(string); ok {
		w.NetworkType = &s
	}
	if s, ok := a[attrPhysical].(string); ok {
		w.PhysicalNetwork = &s
	}
	if n, ok := a[attrID].(int64); ok {
		w.SegmentationID = &n
	}
	return w
}

// Wishes returns the segments that a network's create request asks for, checked by their type drivers; none means a
// project network. The order of the checks is Neutron's.
func (p *Plugin) Wishes(tx *store.Tx, a neutron.Attrs) ([]Wish, error) {
	single := wishOf(a)
	if !single.empty() {
		if a.Has(attrSegments) {
			return nil, errSegmentsAndProvider()
		}
		if err := p.check(tx, single); err != nil {
			return nil, err
		}
		return []Wish{single}, nil
	}
	var wishes []Wish
	for _, v := range a.List(attrSegments) {
		m, _ := v.(map[string]any)
		w := wishOf(m)
		if err := p.check(tx, w); err != nil {
			return nil, err
		}
		wishes = append(wishes, w)
	}
	if p.duplicates(wishes) {
		return nil, errDuplicateSegment()
	}
	return wishes, nil
}

// check validates one wish.
func (p *Plugin) check(tx *store.Tx, w Wish) error {
	if w.NetworkType == nil {
		return neutron.InvalidInput("network_type required")
	}
	d, ok := p.drivers[*w.NetworkType]
	if !ok {
		return neutron.InvalidInput("network_type value '%s' not supported", *w.NetworkType)
	}
	return d.validate(tx, w)
}

// duplicates reports whether two wishes name the same segment. Wishes that leave the choice open never collide.
func (p *Plugin) duplicates(wishes []Wish) bool {
	type key struct {
		networkType, physical string
		id                    int64
	}
	seen := make(map[key]bool, len(wishes))
	for _, w := range wishes {
		if p.drivers[*w.NetworkType].open(w) {
			continue
		}
		k := key{*w.NetworkType, w.physical(), w.id()}
		if seen[k] {
			return true
		}
		seen[k] = true
	}
	return false
}
