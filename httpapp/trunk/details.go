package trunk

import (
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// PortChildren are the tables of ports that fill in neutron.Port.Trunk: two for a whole list, and none that is read on a
// cloud without trunks.
func PortChildren() []store.Child[neutron.Port] {
	wanted := []string{"trunk_details"}
	return []store.Child[neutron.Port]{
		{
			Wanted: wanted,
			Query:  `port_id, 0, id, '', '', 0 FROM trunks WHERE port_id IN (`,
			Tail:   `) AND EXISTS (SELECT 1 FROM trunks)`,
			Add:    func(p *neutron.Port, r *store.ChildRow) { p.Trunk = &neutron.Trunk{ID: r.A} },
		},
		{
			Wanted: wanted,
			Query: `t.port_id, 0, s.segmentation_type, s.port_id, p.mac_address, s.segmentation_id FROM trunks t
				JOIN subports s ON s.trunk_id = t.id JOIN ports p ON p.id = s.port_id WHERE t.port_id IN (`,
			Tail: `) AND EXISTS (SELECT 1 FROM subports)`,
			Add: func(p *neutron.Port, r *store.ChildRow) {
				if p.Trunk != nil { // its own child comes first
					p.Trunk.SubPorts = append(p.Trunk.SubPorts,
						neutron.SubPort{PortID: r.B, SegmentationType: r.A, SegmentationID: r.Number, MACAddress: r.C})
				}
			},
		},
	}
}

// PortField is the attribute trunk_details of ports. Only parents have it.
func PortField() wire.Field[neutron.Port] {
	return wire.Field[neutron.Port]{Name: "trunk_details", Append: func(w *wire.Buffer, p *neutron.Port) {
		if p.Trunk == nil {
			return
		}
		w.Open('{')
		w.Key(0, "trunk_id")
		w.Str(p.Trunk.ID)
		w.Key(1, "sub_ports")
		w.Open('[')
		for i := range p.Trunk.SubPorts {
			w.Comma(i)
			appendDetails(w, &p.Trunk.SubPorts[i])
		}
		w.Close(']')
		w.Close('}')
	}}
}

func appendDetails(w *wire.Buffer, s *neutron.SubPort) {
	w.Open('{')
	w.Key(0, "segmentation_id")
	w.Int(s.SegmentationID)
	w.Key(1, "segmentation_type")
	w.Str(s.SegmentationType)
	w.Key(2, "port_id")
	w.Str(s.PortID)
	w.Key(3, "mac_address")
	w.Str(s.MACAddress)
	w.Close('}')
}

// maxBridge is the longest name of a network device, one less than Linux's 15 as Neutron has it.
const maxBridge = 14

// Bridge names the bridge that Open vSwitch's agent makes for a trunk, which the parent is plugged into; "" for ports that
// are no parent.
func Bridge(p *neutron.Port) string {
	if p.Trunk == nil {
		return ""
	}
	name := "tbr-" + p.Trunk.ID
	return name[:min(len(name), maxBridge)]
}
