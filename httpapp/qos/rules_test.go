package qos_test

import (
	"fmt"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
)

func limit(kbps int64, direction string) neutron.Attrs {
	return neutron.Attrs{"max_kbps": kbps, "max_burst_kbps": int64(0), "direction": direction}
}

func least(kbps int64, direction string) neutron.Attrs {
	return neutron.Attrs{"min_kbps": kbps, "direction": direction}
}

func packets(kpps int64, direction string) neutron.Attrs {
	return neutron.Attrs{"min_kpps": kpps, "direction": direction}
}

// The texts are those observed on 2026.1.
func TestRulesThatContradictEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.policy("p", nil)
	have := map[string]string{
		"limit":  w.mustRule(qos.BandwidthLimit, id, limit(500, "egress")),
		"least":  w.mustRule(qos.MinimumBandwidth, id, least(500, "egress")),
		"mark":   w.mustRule(qos.DSCPMarking, id, neutron.Attrs{"dscp_mark": int64(8)}),
		"packet": w.mustRule(qos.MinimumPacketRate, id, packets(5, "any")),
	}
	for _, c := range []struct {
		kind, update string
		in           neutron.Attrs
		typ, text    string
	}{
		{qos.BandwidthLimit, "", limit(600, "egress"), "QoSRulesConflict", "Rule bandwidth_limit conflicts with rule " + have["limit"] + " which already exists in QoS Policy " + id + "."},
		{qos.BandwidthLimit, "", limit(5, "egress"), "QoSRuleParameterConflict", "Unable to add the rule with value 5 to the policy " + id + " as the existing rule of type minimum_bandwidth has value 500."},
		{qos.BandwidthLimit, "", limit(5, "ingress"), "", ""},
		{qos.MinimumBandwidth, "", least(6, "ingress"), "QoSRuleParameterConflict", "value 6 to the policy " + id + " as the existing rule of type bandwidth_limit has value 5."},
		{qos.BandwidthLimit, have["limit"], neutron.Attrs{"max_kbps": int64(400)}, "QoSRuleParameterConflict", "value 400"},
		{qos.BandwidthLimit, have["limit"], neutron.Attrs{"direction": "ingress"}, "QoSRulesConflict", "Rule bandwidth_limit"},
		{qos.MinimumBandwidth, have["least"], neutron.Attrs{"min_kbps": int64(4)}, "", ""},
		{qos.MinimumBandwidth, have["least"], neutron.Attrs{"min_kbps": int64(6)}, "QoSRuleParameterConflict", "has value 5."}, // no direction: both count
		{qos.DSCPMarking, "", neutron.Attrs{"dscp_mark": int64(10)}, "QoSRulesConflict", "Rule dscp_marking conflicts"},
		{qos.DSCPMarking, have["mark"], neutron.Attrs{"dscp_mark": int64(10)}, "", ""},
		{qos.MinimumPacketRate, "", packets(5, "egress"), "QoSRuleParameterConflict", "value egress to the policy " + id + " as the existing rule of type minimum_packet_rate has value any."},
		{qos.MinimumPacketRate, have["packet"], neutron.Attrs{"direction": "egress"}, "", ""},
		{qos.MinimumPacketRate, "", packets(5, "any"), "QoSRuleParameterConflict", "has value egress."},
		{qos.MinimumPacketRate, "", packets(5, "ingress"), "", ""},
		{qos.PacketRateLimit, "", neutron.Attrs{"max_kpps": int64(1), "max_burst_kpps": int64(0), "direction": "egress"}, "", ""},
	} {
		var err error
		if c.update == "" {
			_, err = w.rule(c.kind, id, c.in)
		} else {
			_, err = w.rules(c.kind, id).Update(t.Context(), admin, c.update, c.in)
		}
		if c.typ == "" {
			if err != nil {
				t.Errorf("%s %v: %v", c.kind, c.in, err)
			}
			continue
		}
		refused(t, err, neutron.Conflict, c.typ, c.text)
	}
}

func TestARuleIsFoundInItsPolicyAndKindOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id, other := w.policy("p", nil), w.policy("p", nil)
	rule := w.mustRule(qos.BandwidthLimit, id, limit(5, "egress"))
	for what, s := range map[string]*qos.Rules{"another policy": w.rules(qos.BandwidthLimit, other), "another kind": w.rules(qos.DSCPMarking, id)} {
		_, err := s.Get(ctx, admin, rule, neutron.Fields{})
		_, changed := s.Update(ctx, admin, rule, neutron.Attrs{})
		for _, err := range []error{err, changed, s.Delete(ctx, admin, rule)} {
			if neutron.KindOf(err) != neutron.NotFound {
				t.Errorf("in %s: got %v, want not found", what, err)
			}
		}
	}
	refused(t, w.rules(qos.BandwidthLimit, "").Delete(ctx, admin, "nowhere"), neutron.NotFound, "QosRuleNotFound",
		"QoS rule nowhere for policy  could not be found.")
	_, err := w.rules(qos.BandwidthLimit, "nowhere").List(ctx, admin, &neutron.Query{})
	refused(t, err, neutron.NotFound, "QosPolicyNotFound", "QoS policy nowhere could not be found.")
	check(t, w.rules(qos.BandwidthLimit, "").Delete(ctx, admin, rule))
	if p := w.get(admin, id); len(p.Rules) != 0 {
		t.Errorf("got rules %v after the last was deleted", p.Rules)
	}
}

// Wherever a policy meets a port that no driver can enforce it on, that is refused and nothing changes.
func TestRulesThatNoDriverEnforces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	empty, marking := w.policy("p", nil), w.policy("p", nil)
	w.mustRule(qos.DSCPMarking, marking, neutron.Attrs{"dscp_mark": int64(8)})
	free, bound := w.mustNetwork("p", ""), w.mustNetwork("p", marking)
	macvtap := neutron.Attrs{"binding:vnic_type": "macvtap"}
	odd := w.mustPort("p", free, neutron.Attrs{"binding:vnic_type": "macvtap", "qos_policy_id": empty})
	unsupported := func(err error) {
		t.Helper()
		refused(t, err, neutron.Conflict, "QosRuleNotSupported", "Rule dscp_marking is not supported by port ")
	}
	_, err := w.port(admin, "p", free, neutron.Attrs{"binding:vnic_type": "macvtap", "qos_policy_id": marking})
	unsupported(err)
	_, err = w.port(admin, "p", bound, macvtap)
	unsupported(err)
	_, err = w.ports.Update(ctx, admin, odd, neutron.Attrs{"qos_policy_id": marking})
	unsupported(err)
	_, err = w.rule(qos.DSCPMarking, empty, neutron.Attrs{"dscp_mark": int64(8)})
	unsupported(err)
	check(t, func() error {
		_, err := w.ports.Update(ctx, admin, odd, neutron.Attrs{"qos_policy_id": nil})
		return err
	}())
	_, err = w.networks.Update(ctx, admin, free, neutron.Attrs{"qos_policy_id": marking})
	unsupported(err)
	p, err := w.ports.Get(ctx, admin, odd, neutron.Fields{})
	if check(t, err); p.QoSPolicyID != "" || p.QoSNetworkPolicyID != "" || len(w.get(admin, empty).Rules) != 0 {
		t.Errorf("refused requests left %+v", p)
	}
	// A port with a policy of its own does not mind the network's, and one that becomes normal may have any.
	check(t, func() error {
		_, err := w.ports.Update(ctx, admin, odd, neutron.Attrs{"qos_policy_id": empty})
		return err
	}())
	_, err = w.networks.Update(ctx, admin, free, neutron.Attrs{"qos_policy_id": marking})
	check(t, err)
	_, err = w.ports.Update(ctx, admin, odd, neutron.Attrs{"qos_policy_id": marking, "binding:vnic_type": "direct"})
	check(t, err)
	w.exec(`UPDATE ml2_port_bindings SET vif_type = 'hw_veb' WHERE port_id = ?`, odd) // plugged by what nobody here knows
	_, err = w.rule(qos.BandwidthLimit, marking, limit(5, "egress"))
	refused(t, err, neutron.Conflict, "QosRuleNotSupported", "Rule bandwidth_limit is not supported by port "+odd)
}

func TestWithoutADriverNoRuleIsPossible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.policy("p", nil)
	w.mustRule(qos.DSCPMarking, id, neutron.Attrs{"dscp_mark": int64(8)})
	types := qos.NewTypes(nil)
	for filter, want := range map[string]int{"": 0, "all_supported": 0, "all_rules": 5} {
		q := neutron.Query{}
		if filter != "" {
			q.Filters = []neutron.Filter{{Name: filter, Values: []string{"True"}}}
		}
		if got, err := types.List(t.Context(), of("p"), &q); err != nil || len(got) != want {
			t.Errorf("%s: got %v %v, want %d", filter, got, err, want)
		}
	}
	if got, err := types.Get(t.Context(), admin, qos.DSCPMarking, neutron.Fields{}); err != nil || len(got.Drivers) != 0 {
		t.Errorf("got %v %v", got, err)
	}
	_, err := types.Get(t.Context(), of("p"), qos.DSCPMarking, neutron.Fields{})
	refused(t, err, neutron.Forbidden, "NotAuthorized", "Not authorized.")
	_, err = types.Get(t.Context(), admin, "bogus", neutron.Fields{})
	refused(t, err, neutron.NotFound, "HTTPNotFound", "")
}

// What the placement service accounts for an instance is not changed behind its back.
func TestGuaranteesOfInstancesStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.policy("p", nil)
	rule := w.mustRule(qos.MinimumBandwidth, id, least(5, "egress"))
	net := w.mustNetwork("p", id)
	w.mustPort("p", net, neutron.Attrs{"device_owner": "compute:nova", "device_id": "x"})
	accounted := func(err error) {
		t.Helper()
		refused(t, err, neutron.NotImplemented, "NotImplementedError", "Cannot update QoS policies/rules backed by resources tracked in Placement")
	}
	_, err := w.rule(qos.MinimumPacketRate, id, packets(5, "any"))
	accounted(err)
	_, err = w.rules(qos.MinimumBandwidth, id).Update(ctx, admin, rule, neutron.Attrs{"min_kbps": int64(6)})
	accounted(err)
	accounted(w.rules(qos.MinimumBandwidth, id).Delete(ctx, admin, rule))
	w.mustRule(qos.BandwidthLimit, id, limit(50, "egress"))
	if p := w.get(admin, id); fmt.Sprint(len(p.Rules), p.Rules[1].Value) != "2 5" {
		t.Errorf("got rules %v", p.Rules)
	}
}
