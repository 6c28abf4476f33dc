package qos

import (
	"strings"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// guarantee is a rule whose promise somebody has to keep.
type guarantee struct {
	id, kind, direction string
	value               int64
}

const (
	selectGuarantees = `FROM (
			SELECT qos_policy_id AS policy, 'minimum_bandwidth' AS kind, id, direction, min_kbps AS value FROM qos_minimum_bandwidth_rules
			UNION ALL SELECT qos_policy_id, 'minimum_packet_rate', id, direction, min_kpps FROM qos_minimum_packet_rate_rules
		) AS g WHERE g.policy IN (SELECT value FROM json_each(?)) ORDER BY g.kind, g.direction, g.id`
	guaranteeColumns = `g.policy, g.id, g.kind, coalesce(g.direction, ''), coalesce(g.value, 0)`

	// A network's first segment decides for all of its ports, as in Neutron.
	selectSegments = `FROM networksegments s WHERE s.network_id IN (SELECT value FROM json_each(?)) AND s.segment_index =
		(SELECT min(segment_index) FROM networksegments o WHERE o.network_id = s.network_id) ORDER BY s.id DESC`
	segmentColumns = `s.network_id, coalesce(s.physical_network, '')`
)

// policyOf is the policy that governs a port: its own, or else its network's.
func policyOf(p *neutron.Port) string {
	if p.QoSPolicyID != "" {
		return p.QoSPolicyID
	}
	return p.QoSNetworkPolicyID
}

// LoadRequests fills in what the rules of their policies let ports ask of a hypervisor. It has no statement for ports
// without policies, one for those whose policies guarantee nothing, and two for all others together.
func LoadRequests(tx *store.Tx, ports []neutron.Port) error {
	guarantees, err := guaranteesOf(tx, ports)
	if err != nil || len(guarantees) == 0 {
		return err
	}
	physnets, err := physnetsOf(tx, ports, guarantees)
	if err != nil {
		return err
	}
	for i := range ports {
		p := &ports[i]
		if rules := guarantees[policyOf(p)]; rules != nil {
			physnet, ok := physnets[p.NetworkID]
			p.ResourceRequest = request(p, rules, physnet, ok)
		}
	}
	return nil
}

// guaranteesOf are the guarantees of every policy that governs one of the ports.
func guaranteesOf(tx *store.Tx, ports []neutron.Port) (map[string][]guarantee, error) {
	ids := distinct(ports, policyOf)
	if len(ids) == 0 {
		return nil, nil
	}
	out := make(map[string][]guarantee)
	err := tx.Rows(guaranteeColumns, selectGuarantees, []any{store.IDs(ids, itself)}, func(r *store.Row) error {
		var policy string
		var g guarantee
		err := r.Scan(&policy, &g.id, &g.kind, &g.direction, &g.value)
		out[policy] = append(out[policy], g)
		return err
	})
	return out, err
}

// physnetsOf are the physical networks of the networks of governed ports, "" for tunnels.
func physnetsOf(tx *store.Tx, ports []neutron.Port, guarantees map[string][]guarantee) (map[string]string, error) {
	ids := distinct(ports, func(p *neutron.Port) string {
		if guarantees[policyOf(p)] == nil {
			return ""
		}
		return p.NetworkID
	})
	out := make(map[string]string)
	err := tx.Rows(segmentColumns, selectSegments, []any{store.IDs(ids, itself)}, func(r *store.Row) error {
		var network, physnet string
		err := r.Scan(&network, &physnet)
		out[network] = physnet
		return err
	})
	return out, err
}

func itself(s *string) string { return *s }

// distinct are the texts that of returns for the ports, each once and without "".
func distinct(ports []neutron.Port, of func(*neutron.Port) string) []string {
	var out []string
	seen := map[string]bool{"": true}
	for i := range ports {
		if s := of(&ports[i]); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// request is a port's resource_request as a JSON object, "" for none. segmented is false for a network without segments,
// of which no bandwidth can be asked.
func request(p *neutron.Port, rules []guarantee, physnet string, segmented bool) string {
	namespace, err := uuid.Parse(p.ID)
	if err != nil { // no hypervisor could be asked for it
		return ""
	}
	network := "CUSTOM_NETWORK_TUNNEL_PROVIDER"
	if physnet != "" {
		network = trait("PHYSNET_" + physnet)
	}
	vnic := trait("VNIC_TYPE_" + p.Binding.VNICType)
	var groups []group
	if bandwidth := ofKind(rules, MinimumBandwidth); len(bandwidth) > 0 && segmented {
		groups = append(groups, group{id: groupID(namespace, bandwidth), required: []string{network, vnic}, rules: bandwidth})
	}
	if packets := ofKind(rules, MinimumPacketRate); len(packets) > 0 {
		groups = append(groups, group{id: groupID(namespace, packets), required: []string{vnic}, rules: packets})
	}
	if groups == nil {
		return ""
	}
	w := wire.Buffer{Spaced: true}
	appendGroups(&w, groups)
	return string(w.B)
}

func ofKind(rules []guarantee, kind string) []guarantee {
	var out []guarantee
	for _, r := range rules {
		if r.kind == kind {
			out = append(out, r)
		}
	}
	return out
}

// group is what one provider of resources has to provide.
type group struct {
	id       string
	required []string
	rules    []guarantee
}

// groupID is a name that stays as long as the port has the same rules.
func groupID(port uuid.UUID, rules []guarantee) string {
	ids := make([]string, len(rules))
	for i := range rules {
		ids[i] = rules[i].id
	}
	return uuid.NewSHA1(port, []byte(strings.Join(ids, ":"))).String()
}

// resource is the placement service's name for what a rule guarantees.
func (g *guarantee) resource() string {
	names := map[string]string{ingress: "NET_BW_IGR_KILOBIT_PER_SEC", egress: "NET_BW_EGR_KILOBIT_PER_SEC"}
	if g.kind == MinimumPacketRate {
		names = map[string]string{ingress: "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC", egress: "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
			either: "NET_PACKET_RATE_KILOPACKET_PER_SEC"}
	}
	return names[g.direction]
}

// trait is the name of a custom trait: upper case, with _ for what a name of the placement service cannot have.
func trait(name string) string {
	return "CUSTOM_" + strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

func appendGroups(w *wire.Buffer, groups []group) {
	w.Open('{')
	w.Key(0, "request_groups")
	w.Open('[')
	ids := make([]string, len(groups))
	for i := range groups {
		g := &groups[i]
		ids[i] = g.id
		w.Comma(i)
		w.Open('{')
		w.Key(0, "id")
		w.Str(g.id)
		w.Key(1, "required")
		w.Strings(g.required)
		w.Key(2, "resources")
		w.Open('{')
		for j := range g.rules {
			w.Key(j, g.rules[j].resource())
			w.Int(g.rules[j].value)
		}
		w.Close('}')
		w.Close('}')
	}
	w.Close(']')
	w.Key(1, "same_subtree")
	w.Strings(ids)
	w.Close('}')
}
