package trunk

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// The only segmentation type, and the one that stands for that of the port's network.
const (
	typeVLAN    = "vlan"
	typeInherit = "inherit"
)

// maxVLAN is the greatest VLAN id.
const maxVLAN = 4094

// newSubPorts returns the subports that a list asks for, if they may join the trunk. fresh is for a trunk that is being made,
// whose parent is checked, too. The order of the checks is Neutron's, but for ports that the caller does not see: those are
// not there, whatever else is wrong with them.
func (s *Service) newSubPorts(tx *store.Tx, rc *neutron.Context, t *neutron.Trunk, list []any, fresh bool) ([]neutron.SubPort, error) {
	ids := []string{t.PortID}
	for _, item := range list {
		ids = append(ids, neutron.Attrs(item.(map[string]any)).String("port_id"))
	}
	if len(list) == 0 && !fresh {
		return nil, nil
	}
	ports, err := lookUp(tx, rc, ids)
	if err != nil {
		return nil, err
	}
	parent := ports[t.PortID]
	if fresh {
		if err := checkParent(t.PortID, parent); err != nil {
			return nil, err
		}
	}
	list = inherited(list, ports)
	c := checks{service: s, parentID: t.PortID, ports: ports}
	if parent != nil {
		c.mtu = parent.mtu
	}
	out := make([]neutron.SubPort, 0, len(list))
	for _, item := range list {
		p, err := c.check(item.(map[string]any))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// checkParent refuses a parent that is not there, in a trunk, or plugged.
func checkParent(id string, p *portFacts) error {
	switch {
	case p == nil:
		return neutron.PortNotFound(id)
	case p.subportOf != "":
		return inOtherTrunk(id)
	case p.parentOf != "", p.host != "":
		return parentInUse(id)
	}
	return nil
}

func parentInUse(id string) error {
	return neutron.NewError(neutron.Conflict, "ParentPortInUse",
		"Port %s is currently in use and is not eligible for use as a parent port.", id)
}

func inOtherTrunk(id string) error {
	return neutron.NewError(neutron.Conflict, "TrunkPortInUse", "Port %s is in use by another trunk.", id)
}

// inherited is a list whose items that inherit have the segmentation of their port's network. Of several items of one port,
// the last one counts: the others stay what they are, and are refused for it.
func inherited(list []any, ports map[string]*portFacts) []any {
	out := slices.Clone(list)
	last := make(map[string]int, len(list))
	for i, item := range list {
		last[neutron.Attrs(item.(map[string]any)).String("port_id")] = i
	}
	for id, i := range last {
		p := ports[id]
		if p == nil || list[i].(map[string]any)["segmentation_type"] != typeInherit || p.segments > 1 {
			continue
		}
		item := map[string]any{"port_id": id, "segmentation_type": p.segmentType, "segmentation_id": nil}
		if p.segmentID != 0 {
			item["segmentation_id"] = p.segmentID
		}
		out[i] = item
	}
	return out
}

// checks are what a new subport must fulfil.
type checks struct {
	service  *Service
	parentID string
	mtu      int64 // of the parent's network, 0 where nobody knows
	ports    map[string]*portFacts
}

func (c *checks) check(item neutron.Attrs) (neutron.SubPort, error) {
	id := item.String("port_id")
	p := c.ports[id]
	if id == c.parentID {
		return neutron.SubPort{}, parentInUse(id)
	}
	if p != nil && c.mtu > 0 && p.mtu > c.mtu {
		return neutron.SubPort{}, neutron.NewError(neutron.Conflict, "SubPortMtuGreaterThanTrunkPortMtu",
			"MTU %d of subport %s cannot be greater than MTU %d of trunk %s.", p.mtu, id, c.mtu, c.parentID)
	}
	number, err := c.segmentation(item, p)
	if err != nil {
		return neutron.SubPort{}, err
	}
	return neutron.SubPort{PortID: id, SegmentationType: typeVLAN, SegmentationID: number}, checkFree(id, p)
}

// segmentation returns the VLAN id of a subport, whose type must be vlan.
func (c *checks) segmentation(item neutron.Attrs, p *portFacts) (int64, error) {
	spell := c.service.o.Spell
	kind := item["segmentation_type"]
	if kind == typeInherit && p != nil && p.segments > 1 { // Neutron: 500
		return 0, neutron.InvalidInput("Cannot accept segmentation type inherit: the network of port %s has several segments", p.id)
	}
	if !item.Has("segmentation_type") || !item.Has("segmentation_id") {
		return 0, neutron.InvalidInput("Invalid subport details '%s': missing segmentation information. Must specify both "+
			"segmentation_id and segmentation_type", spell(map[string]any(item)))
	}
	number, ok := item["segmentation_id"].(int64)
	switch {
	case !ok:
		return 0, neutron.InvalidInput("Invalid subport details: segmentation_id '%s' is not an integer", spell(item["segmentation_id"]))
	case kind != typeVLAN:
		return 0, neutron.InvalidInput("Unknown segmentation_type '%s'", spell(kind))
	case number < 1, number > maxVLAN:
		return 0, neutron.InvalidInput("Segmentation ID '%d' is not in range", number)
	}
	return number, nil
}

// checkFree refuses a subport that is not there, in a trunk, or in use by something else.
func checkFree(id string, p *portFacts) error {
	switch {
	case p == nil:
		return neutron.PortNotFound(id)
	case p.subportOf != "":
		return inOtherTrunk(id)
	case p.parentOf != "":
		return parentInUse(id)
	case p.device != "":
		return neutron.NewError(neutron.Conflict, "PortInUse", "Unable to complete operation on port %s for network %s. "+
			"Port already has an attached device %s.", id, p.network, p.device)
	}
	return nil
}
