package httpapp

import (
	"database/sql"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// rowsOf are the rows that objects of a noun are, as keys that tell them apart: of every noun that has hooks.
func rowsOf() map[string]string {
	rows := map[string]string{
		"port_binding":            `SELECT port_id || host FROM ml2_port_bindings`,
		"router_interface":        `SELECT port_id FROM routerports WHERE port_type = 'network:router_interface'`,
		"router_gateway":          `SELECT port_id FROM routerports WHERE port_type = 'network:router_gateway'`,
		"floatingip_association":  `SELECT id FROM floatingips WHERE fixed_port_id IS NOT NULL`,
		"flavor_service_profile":  `SELECT flavor_id || service_profile_id FROM flavorserviceprofilebindings`,
		"subports":                `SELECT port_id FROM subports`,
		"agent_network":           `SELECT network_id || dhcp_agent_id FROM networkdhcpagentbindings`,
		"agent_router":            `SELECT router_id || l3_agent_id FROM routerl3agentbindings`,
		"quota":                   `SELECT DISTINCT project_id FROM quotas`,
		"tag":                     `SELECT standard_attr_id || tag FROM tags`,
		"auto_allocated_topology": `SELECT project_id FROM auto_allocated_topologies`,
		"qos_rule": `SELECT id FROM qos_bandwidth_limit_rules UNION SELECT id FROM qos_dscp_marking_rules UNION SELECT id FROM qos_minimum_bandwidth_rules
			UNION SELECT id FROM qos_minimum_packet_rate_rules UNION SELECT id FROM qos_packet_rate_limit_rules`,
		"rbac-policy": `SELECT id FROM networkrbacs UNION SELECT id FROM subnetpoolrbacs UNION SELECT id FROM addressscoperbacs UNION SELECT id FROM addressgrouprbacs
			UNION SELECT id FROM securitygrouprbacs UNION SELECT id FROM qospolicyrbacs`,
	}
	for noun, table := range tables() {
		rows[noun] = `SELECT id FROM ` + table
	}
	return rows
}

// deletion is the end of an object of a noun, with all that can hang on it.
type deletion struct {
	noun    string
	before  []string
	request string
	// tells are the AFTER events in their order.
	tells string
	// silent are the objects with events of their own that go without: "noun number, ..." in order. Neutron tells nothing of them
	// either, in the way that reason says.
	silent, reason string
}

const (
	withOwner = "who hears of the owner has their ids from Old, or reads their rows in PRECOMMIT"
	noEvents  = "Neutron has no event of them at all"
)

func tagged(path string) string { return `PUT ` + path + `/tags/a` }

func sharedWith(kind, id string) string {
	return `POST /rbac-policies {"rbac_policy": {"object_type": "` + kind + `", "object_id": "` + id + `", "action": "access_as_shared", "target_tenant": "q"}}`
}

func deletions() []deletion {
	all := with(outside, outsideV4, aGateway, aNetwork, aSubnet)
	return slices.Concat(coreDeletions(all), routerDeletions(all), groupDeletions(), serviceDeletions())
}

func coreDeletions(all []string) []deletion {
	dhcpPort := `POST /ports {"port": {"network_id": "$net", "device_owner": "network:dhcp"}}`
	return []deletion{
		{noun: "network", before: with(aNetwork, aSubnet, dhcpPort, tagged("/networks/$net"), sharedWith("network", "$net")),
			request: `DELETE /networks/$net`, tells: "port delete, subnet delete, segment delete, network delete",
			silent: "agent_network 1, port_binding 1, rbac-policy 1, tag 1", reason: withOwner},
		{noun: "network", before: with(outside, outsideV4, floating), request: `DELETE /networks/$ext`,
			tells:  "floatingip delete, port delete, subnet delete, segment delete, network delete",
			silent: "agent_network 1, port_binding 1, rbac-policy 1", reason: withOwner},
		{noun: "subnet", before: with(aNetwork, aSubnet, tagged("/subnets/$sub"), `POST /ports {"port": {"network_id": "$net", "device_owner": "network:dhcp"}}`),
			request: `DELETE /subnets/$sub`, tells: "subnet delete", silent: "tag 1", reason: noEvents}, // the port that loses its address is told of by neither
		{noun: "port", before: slices.Concat(all, with(joined, compute, bound, leading, tagged("/ports/$port"),
			`POST /log/logs {"log": {"resource_type": "security_group", "target_id": "$port"}}`)),
			request: `DELETE /ports/$port`, tells: "floatingip_association delete, floatingip update, log delete, port delete",
			silent: "port_binding 2, tag 1", reason: withOwner},
		{noun: "port_binding", before: with(aNetwork, compute, bound), request: `DELETE /ports/$port/bindings/h2`, tells: "port_binding delete"},
		{noun: "segment", before: with(aNetwork, aSegment), request: `DELETE /segments/$seg`, tells: "segment delete"},
		{noun: "network_segment_range", before: with(aRange), request: `DELETE /network-segment-ranges/$range`, tells: "network_segment_range delete"},
		{noun: "tag", before: with(aNetwork, tagged("/networks/$net")), request: `DELETE /networks/$net/tags/a`, tells: "tag update"},
		{noun: "quota", before: with(`PUT /quotas/p {"quota": {"network": 7, "port": 8}}`), request: `DELETE /quotas/p`, tells: "quota delete"},
	}
}

func routerDeletions(all []string) []deletion {
	return []deletion{
		{noun: "router", before: with(outside, outsideV4, aGateway, aHelper[:9]+strings.ReplaceAll(aHelper[9:], "$router", "$gated"), tagged("/routers/$gated")),
			request: `DELETE /routers/$gated`, tells: "port delete, router_gateway delete, router delete",
			silent: "agent_router 1, conntrack_helper 1, port_binding 1, tag 1", reason: withOwner},
		{noun: "router_interface", before: slices.Concat(all, with(joined)), request: `PUT /routers/$gated/remove_router_interface {"subnet_id": "$sub"}`,
			tells: "port delete, router_interface delete", silent: "port_binding 1", reason: withOwner},
		{noun: "router_gateway", before: with(outside, outsideV4, aGateway), request: `PUT /routers/$gated {"router": {"external_gateway_info": {}}}`,
			tells: "port delete, router_gateway delete, router update", silent: "port_binding 1", reason: withOwner},
		{noun: "floatingip", before: slices.Concat(all, with(joined, aPort, leading, tagged("/floatingips/$fip"))), request: `DELETE /floatingips/$fip`,
			tells: "floatingip delete, floatingip_association delete, port delete", silent: "port_binding 1, tag 1", reason: withOwner},
		{noun: "floatingip_association", before: slices.Concat(all, with(joined, aPort, leading)), request: `PUT /floatingips/$fip {"floatingip": {"port_id": null}}`,
			tells: "floatingip_association delete, floatingip update"},
		{noun: "conntrack_helper", before: with(aRouter, aHelper), request: `DELETE /routers/$router/conntrack_helpers/$helper`, tells: "conntrack_helper delete"},
		{noun: "auto_allocated_topology", before: with(outside, outsideV4, aPool, `GET /auto-allocated-topology/p`), request: `DELETE /auto-allocated-topology/p`,
			tells: "port delete, router_interface delete, port delete, router_gateway delete, router delete, " +
				"subnet delete, auto_allocated_topology delete, segment delete, network delete",
			silent: "agent_network 1, agent_router 1, port_binding 2", reason: withOwner},
		{noun: "agent", before: with(aNetwork, hosted), request: `DELETE /agents/$dhcp`, tells: "agent delete", silent: "agent_network 1", reason: withOwner},
		{noun: "agent", before: with(aRouter, routed), request: `DELETE /agents/$l3`, tells: "agent delete", silent: "agent_router 1", reason: withOwner},
		{noun: "agent_network", before: with(aNetwork, hosted), request: `DELETE /agents/$dhcp/dhcp-networks/$net`, tells: "agent_network delete"},
		{noun: "agent_router", before: with(aRouter, routed), request: `DELETE /agents/$l3/l3-routers/$router`, tells: "agent_router delete"},
	}
}

func groupDeletions() []deletion {
	const (
		scope    = `scope = POST /address-scopes {"address_scope": {"name": "s", "ip_version": 4}}`
		group    = `ag = POST /address-groups {"address_group": {"name": "a", "addresses": ["10.0.0.0/8"]}}`
		friend   = `friend = POST /security-groups {"security_group": {"name": "f"}}`
		rule     = `rule = POST /security-group-rules {"security_group_rule": {"security_group_id": "$group", "direction": "ingress", "remote_group_id": "$group"}}`
		other    = `rule = POST /security-group-rules {"security_group_rule": {"security_group_id": "$friend", "direction": "ingress", "remote_group_id": "$group"}}`
		template = `rule = POST /default-security-group-rules {"default_security_group_rule": {"direction": "ingress", "protocol": "tcp", "used_in_default_sg": true, "used_in_non_default_sg": false}}`
		entry    = `entry = POST /rbac-policies {"rbac_policy": {"object_type": "network", "object_id": "$net", "action": "access_as_shared", "target_tenant": "q"}}`
	)
	return []deletion{
		{noun: "security_group", before: with(aGroup, friend, rule, other, tagged("/security-groups/$group"), sharedWith("security_group", "$group"),
			`POST /log/logs {"log": {"resource_type": "security_group", "resource_id": "$group"}}`),
			request: `DELETE /security-groups/$group`, tells: "log delete, security_group delete, security_group_rule delete", // that of the other group
			silent: "rbac-policy 1, security_group_rule 3, tag 1", reason: withOwner},
		{noun: "security_group_rule", before: with(aGroup, rule), request: `DELETE /security-group-rules/$rule`, tells: "security_group_rule delete"},
		{noun: "default_security_group_rule", before: with(template), request: `DELETE /default-security-group-rules/$rule`, tells: "default_security_group_rule delete"},
		{noun: "address_scope", before: with(scope, sharedWith("address_scope", "$scope")), request: `DELETE /address-scopes/$scope`, tells: "address_scope delete",
			silent: "rbac-policy 1", reason: noEvents},
		{noun: "address_group", before: with(group, sharedWith("address_group", "$ag")), request: `DELETE /address-groups/$ag`, tells: "address_group delete",
			silent: "rbac-policy 1", reason: withOwner},
		{noun: "subnetpool", before: with(aPool, sharedWith("subnetpool", "$pool"), tagged("/subnetpools/$pool")), request: `DELETE /subnetpools/$pool`,
			tells: "subnetpool delete", silent: "rbac-policy 1, tag 1", reason: noEvents},
		{noun: "rbac-policy", before: with(aNetwork, entry), request: `DELETE /rbac-policies/$entry`, tells: "rbac-policy delete"},
	}
}

func serviceDeletions() []deletion {
	const (
		meterRule = `rule = POST /metering/metering-label-rules {"metering_label_rule": {"metering_label_id": "$label", "direction": "ingress", "remote_ip_prefix": "10.0.0.0/8"}}`
		given     = `POST /flavors/$flavor/service_profiles {"service_profile": {"id": "$profile"}}`
		subport   = `PUT /trunks/$trunk/add_subports {"sub_ports": [{"port_id": "$other", "segmentation_type": "vlan", "segmentation_id": 7}]}`
		qosRule   = `rule = POST /qos/policies/$policy/dscp_marking_rules {"dscp_marking_rule": {"dscp_mark": 8}}`
		limit     = `POST /qos/policies/$policy/bandwidth_limit_rules {"bandwidth_limit_rule": {"max_kbps": 5}}`
	)
	return []deletion{
		{noun: "flavor", before: with(aFlavor, aProfile, given), request: `DELETE /flavors/$flavor`, tells: "flavor delete", silent: "flavor_service_profile 1", reason: noEvents},
		{noun: "service_profile", before: with(aProfile), request: `DELETE /service_profiles/$profile`, tells: "service_profile delete"},
		{noun: "flavor_service_profile", before: with(aFlavor, aProfile, given), request: `DELETE /flavors/$flavor/service_profiles/$profile`, tells: "flavor_service_profile delete"},
		{noun: "metering_label", before: with(aLabel, meterRule), request: `DELETE /metering/metering-labels/$label`, tells: "metering_label delete",
			silent: "metering_label_rule 1", reason: withOwner},
		{noun: "metering_label_rule", before: with(aLabel, meterRule), request: `DELETE /metering/metering-label-rules/$rule`, tells: "metering_label_rule delete"},
		{noun: "trunk", before: with(aNetwork, aPort, anOther, aTrunk, subport, tagged("/trunks/$trunk")), request: `DELETE /trunks/$trunk`, tells: "trunk delete",
			silent: "subports 1, tag 1", reason: withOwner},
		{noun: "subports", before: with(aNetwork, aPort, anOther, aTrunk, subport),
			request: `PUT /trunks/$trunk/remove_subports {"sub_ports": [{"port_id": "$other"}]}`, tells: "subports delete"},
		{noun: "log", before: with(aLog), request: `DELETE /log/logs/$log`, tells: "log delete"},
		{noun: "qos_policy", before: with(aPolicy, qosRule, limit, tagged("/policies/$policy"), sharedWith("qos_policy", "$policy")), request: `DELETE /qos/policies/$policy`,
			tells: "qos_policy delete", silent: "qos_rule 2, rbac-policy 1, tag 1", reason: withOwner},
		{noun: "qos_rule", before: with(aPolicy, qosRule), request: `DELETE /qos/policies/$policy/dscp_marking_rules/$rule`, tells: "qos_rule delete"},
	}
}

// objects are the keys of all objects there are, by noun.
func (w *eventWorld) objects(t *testing.T) map[string]map[string]bool {
	t.Helper()
	out := map[string]map[string]bool{}
	err := w.db.Read(t.Context(), func(tx *store.Tx) error { return gather(tx, out) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// gather adds the keys of all objects there are.
func gather(tx *store.Tx, to map[string]map[string]bool) error {
	for noun, query := range rowsOf() {
		keys, err := tx.Strings(query)
		if err != nil {
			return fmt.Errorf("%s: %w", noun, err)
		}
		if to[noun] == nil {
			to[noun] = map[string]bool{}
		}
		for _, key := range keys {
			to[noun][key] = true
		}
	}
	return nil
}

// owners are the nouns with which objects go silently; of what is not here it is the one that is deleted.
func owners() map[string][]string {
	return map[string][]string{"port_binding": {"port"}, "agent_network": {"network", "agent"}, "agent_router": {"router", "agent"}}
}

// cascade is a foreign key by which the database deletes objects of one noun with those of another.
type cascade struct{ gone, with string }

// run deletes, and returns which nouns have lost objects.
func (d *deletion) run(t *testing.T) map[string]bool {
	w := newEventWorld(t)
	w.prepare(t, d.before...)
	before := w.objects(t)
	w.recorder.reset(-1, 0)
	atOwner := map[string]map[string]bool{} // what was there when an owner's end was told
	w.recorder.ending = func(noun string, tx *store.Tx) {
		now := map[string]map[string]bool{}
		if err := gather(tx, now); err != nil {
			t.Error(err)
		}
		for owned := range rowsOf() {
			if of := owners()[owned]; of == nil && noun == d.noun || slices.Contains(of, noun) {
				atOwner[owned] = union(atOwner[owned], now[owned])
			}
		}
	}
	if status, body := w.ask(d.request); status >= 300 {
		t.Fatalf("%s: got %d %s", d.request, status, body)
	}
	w.recorder.on = false
	if got := strings.Join(w.recorder.of(callbacks.After), ", "); got != d.tells {
		t.Errorf("got  %s\nwant %s", got, d.tells)
	}
	lost, silent := w.lost(t, before)
	for _, text := range silent {
		noun, _, _ := strings.Cut(text, " ")
		for key := range before[noun] {
			if !atOwner[noun][key] {
				t.Errorf("%s %s was gone before its owner's end was told", noun, key)
			}
		}
	}
	if got := strings.Join(silent, ", "); got != d.silent || (d.silent == "") != (d.reason == "") {
		t.Errorf("gone without an event: got %q, want %q, because %q", got, d.silent, d.reason)
	}
	if !lost[d.noun] {
		t.Errorf("no %s is gone", d.noun)
	}
	return lost
}

func union(a, b map[string]bool) map[string]bool {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]bool{}
	}
	maps.Copy(out, b)
	return out
}

// lost returns which nouns have lost objects since before, and how many of those nobody told.
func (w *eventWorld) lost(t *testing.T, before map[string]map[string]bool) (nouns map[string]bool, silent []string) {
	t.Helper()
	nouns = map[string]bool{}
	now := w.objects(t)
	for _, noun := range slices.Sorted(maps.Keys(before)) {
		gone := 0
		for key := range before[noun] {
			if !now[noun][key] {
				gone++
				nouns[noun] = true
			}
		}
		for _, e := range w.recorder.events {
			if ends := e.event == noun+" delete" || noun == "tag" && e.event == "tag update"; !ends || e.phase != callbacks.After {
				continue
			}
			gone--
			if known := before[noun][e.id]; tables()[noun] != "" && (!known || now[noun][e.id]) {
				t.Errorf("told of %s %s: was there %t, is there %t", noun, e.id, known, now[noun][e.id])
			}
		}
		if gone != 0 {
			silent = append(silent, fmt.Sprintf("%s %d", noun, gone))
		}
	}
	return nouns, silent
}

// TestEveryDeletionTellsWhatGoes: an object that goes with another one is told of, or listed here as one of which nobody is told.
// Every cascade of the schema between objects with events has its case.
func TestEveryDeletionTellsWhatGoes(t *testing.T) {
	t.Parallel()
	met := map[cascade]bool{}
	tested := map[string]bool{}
	for _, d := range deletions() {
		tested[d.noun] = true
		t.Run(d.noun, func(t *testing.T) {
			lost := d.run(t)
			for gone := range lost {
				for with := range lost {
					met[cascade{gone, with}] = true
				}
			}
		})
	}
	for noun := range rowsOf() {
		if !tested[noun] {
			t.Errorf("%s: nobody says what its deletion tells", noun)
		}
	}
	refused := map[cascade]string{
		{"trunk", "port"}:                             "PortInUseAsTrunkParent",
		{"subports", "port"}:                          "PortInUseAsSubPort",
		{"router_interface", "port"}:                  "ServicePortInUse",
		{"router_gateway", "port"}:                    "ServicePortInUse",
		{"router_interface", "router"}:                "RouterInUse",
		{"flavor_service_profile", "service_profile"}: "ServiceProfileInUse",
		{"security_group_rule", "address_group"}:      "AddressGroupInUse",
		{"floatingip", "port"}:                        "ServicePortInUse",
	}
	for _, c := range cascades(t) {
		if !met[c] && refused[c] == "" {
			t.Errorf("%s goes with %s: there is no such case", c.gone, c.with)
		}
	}
}

// cascades are those of the schema between tables of objects with events.
func cascades(t *testing.T) []cascade {
	t.Helper()
	nouns := map[string][]string{}
	for noun, query := range rowsOf() {
		for _, part := range strings.Split(query, " FROM ")[1:] {
			nouns[strings.Fields(part)[0]] = append(nouns[strings.Fields(part)[0]], noun)
		}
	}
	var out []cascade
	w := newEventWorld(t)
	err := w.db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.Each(`SELECT m.name, f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f
			WHERE m.type = 'table' AND f.on_delete = 'CASCADE' ORDER BY 1, 2`, nil, func(rows *sql.Rows) error {
			var child, parent string
			if err := rows.Scan(&child, &parent); err != nil {
				return err
			}
			for _, gone := range nouns[child] {
				for _, with := range nouns[parent] {
					if derived := gone == "floatingip_association" || with == "floatingip_association" || strings.HasPrefix(with, "router_"); !derived {
						out = append(out, cascade{gone, with})
					}
				}
			}
			return nil
		})
	})
	if err != nil || len(out) < 20 {
		t.Fatalf("got %v, %v", out, err)
	}
	return out
}

// TestEveryNounIsKnownToTheTestOfDeletions: rowsOf has those that hooks have.
func TestEveryNounIsKnownToTheTestOfDeletions(t *testing.T) {
	t.Parallel()
	h := newEventWorld(t).hooks
	known, v := rowsOf(), reflect.ValueOf(h).Elem()
	for i := range v.NumField() {
		noun := v.Field(i).FieldByName("Noun").String()
		if known[noun] == "" {
			t.Errorf("%s is missing", noun)
		}
		delete(known, noun)
	}
	if len(known) > 0 {
		t.Errorf("nobody tells of %v", slices.Sorted(maps.Keys(known)))
	}
}
