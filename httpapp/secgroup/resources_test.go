package secgroup

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

var admin = &neutron.Context{Admin: true, ProjectID: "p"}

func services(t *testing.T) (*Groups, *Rules, *store.DB) {
	t.Helper()
	db := open(t, filepath.Join(t.TempDir(), "n.db"))
	return NewGroups(Options{DB: db}), NewRules(Options{DB: db}), db
}

func newGroup(t *testing.T, s *Groups, name string) neutron.SecurityGroup {
	t.Helper()
	out, err := s.Create(context.Background(), admin, []neutron.Attrs{{"project_id": "p", "name": name, "stateful": true}})
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// rule is a request for an ingress rule, and more of what pairs says.
func rule(group string, pairs ...any) neutron.Attrs {
	a := neutron.Attrs{"project_id": "p", "security_group_id": group, "direction": "ingress", "ethertype": "IPv4", "description": ""}
	for i := 0; i < len(pairs); i += 2 {
		a[pairs[i].(string)] = pairs[i+1]
	}
	return a
}

func TestRulesAreChecked(t *testing.T) {
	t.Parallel()
	groups, rules, _ := services(t)
	g := newGroup(t, groups, "g").ID
	for _, c := range []struct {
		in   neutron.Attrs
		want string // "" for a rule that is made
	}{
		{rule(g, "protocol", "icmp", "port_range_min", int64(8), "port_range_max", int64(0)), ""},
		{rule(g, "protocol", "icmp", "port_range_min", int64(8)), ""},
		{rule(g, "protocol", "1", "port_range_min", int64(256)), "SecurityGroupInvalidIcmpValue: Invalid value for ICMP type (port_range_min) 256. It must be 0 to 255."},
		{rule(g, "protocol", "icmp", "port_range_min", int64(8), "port_range_max", int64(300)), "SecurityGroupInvalidIcmpValue: Invalid value for ICMP code (port_range_max) 300. It must be 0 to 255."},
		{rule(g, "protocol", "icmp", "port_range_max", int64(3)), "SecurityGroupMissingIcmpType: ICMP code (port-range-max) 3 is provided but ICMP type (port-range-min) is missing."},
		{rule(g, "protocol", "tcp", "port_range_min", int64(1), "port_range_max", int64(65535)), ""},
		{rule(g, "protocol", "tcp"), "SecurityGroupRuleExists"}, // the whole range is no range
		{rule(g, "protocol", "6", "remote_ip_prefix", "0.0.0.0/0"), "SecurityGroupRuleExists"},
		{rule(g, "protocol", "TCP-unknown", "port_range_min", int64(1), "port_range_max", int64(2)), "SecurityGroupInvalidProtocolForPort"},
		{rule(g, "protocol", "58"), "SecurityGroupEthertypeConflictWithProtocol: Invalid ethertype IPv4 for protocol 58."},
		{rule(g, "protocol", "icmpv6", "ethertype", "IPv6"), ""},
		{rule(g, "protocol", "icmp", "ethertype", "IPv6"), "SecurityGroupRuleExists"},
		{rule(g, "remote_group_id", g), ""},
		{rule(g, "remote_group_id", g, "remote_address_group_id", "a"), "SecurityGroupMultipleRemoteEntites"},
		{rule(g, "remote_address_group_id", "a"), "AddressGroupNotFound: Address group a could not be found."},
		{rule("nowhere"), "SecurityGroupNotFound: Security group nowhere does not exist"},
	} {
		_, err := rules.Create(context.Background(), admin, []neutron.Attrs{c.in})
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %s", c.in, err, c.want)
		}
	}
}

func TestABulkOfRulesIsAllOrNothing(t *testing.T) {
	t.Parallel()
	groups, rules, _ := services(t)
	ctx := context.Background()
	g, other := newGroup(t, groups, "g"), newGroup(t, groups, "other")
	foreign := rule(g.ID, "protocol", "udp")
	foreign["project_id"] = "q"
	for want, in := range map[string][]neutron.Attrs{
		"SecurityGroupNotSingleGroupRules":   {rule(g.ID), rule(other.ID)},
		"SecurityGroupRulesNotSingleProject": {rule(g.ID), foreign},
		"DuplicateSecurityGroupRuleInPost":   {rule(g.ID, "protocol", "udp"), rule(g.ID, "protocol", "17")},
		"SecurityGroupRuleExists":            {rule(g.ID, "protocol", "udp"), rule(g.ID, "direction", "egress")},
	} {
		if _, err := rules.Create(ctx, admin, in); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	after, err := groups.Get(ctx, admin, g.ID, neutron.Fields{})
	if err != nil || after.Revision != 1 || len(after.Rules) != 2 {
		t.Errorf("refused rules left revision %d and %d rules, %v", after.Revision, len(after.Rules), err)
	}
	made, err := rules.Create(ctx, admin, []neutron.Attrs{rule(g.ID, "protocol", "udp"), rule(g.ID, "protocol", "tcp"), rule(g.ID, "protocol", "ah")})
	if err != nil || made[0].Protocol != "udp" || made[1].Protocol != "tcp" || made[2].Protocol != "ah" {
		t.Errorf("got %v %v, want the order of the request", made, err)
	}
	if after, _ = groups.Get(ctx, admin, g.ID, neutron.Fields{}); after.Revision != 4 {
		t.Errorf("three rules made revision %d of the group, want 4", after.Revision)
	}
	if err := rules.Delete(ctx, admin, made[1].ID); err != nil {
		t.Fatal(err)
	}
	if after, _ = groups.Get(ctx, admin, g.ID, neutron.Fields{}); after.Revision != 5 || len(after.Rules) != 4 {
		t.Errorf("then a deletion: revision %d, %d rules", after.Revision, len(after.Rules))
	}
}

// A group takes its rules with it, those of others that name it, and every standard attribute.
func TestADeletedGroupLeavesNothing(t *testing.T) {
	t.Parallel()
	groups, rules, db := services(t)
	ctx := context.Background()
	keep := newGroup(t, groups, "keep") // and the project's default group
	count := func() (n int) {
		t.Helper()
		if err := db.Read(ctx, func(tx *store.Tx) error {
			return tx.Get(`SELECT (SELECT count(*) FROM standardattributes) + (SELECT count(*) FROM securitygrouprules)`, nil, &n)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	gone := newGroup(t, groups, "gone")
	if _, err := rules.Create(ctx, admin, []neutron.Attrs{rule(keep.ID, "remote_group_id", gone.ID), rule(keep.ID, "protocol", "tcp", "remote_group_id", gone.ID)}); err != nil {
		t.Fatal(err)
	}
	if err := groups.Delete(ctx, admin, gone.ID); err != nil {
		t.Fatal(err)
	}
	if after := count(); after != before {
		t.Errorf("%d rows are left, want %d", after, before)
	}
}

func TestTheDefaultGroupIsKept(t *testing.T) {
	t.Parallel()
	groups, _, _ := services(t)
	ctx := context.Background()
	list := func(rc *neutron.Context, filters ...neutron.Filter) string {
		t.Helper()
		out, err := groups.List(ctx, rc, &neutron.Query{Filters: filters, Sort: []neutron.SortKey{{Name: "project_id"}, {Name: "name"}}})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, g := range out {
			names = append(names, g.ProjectID+"/"+g.Name)
			if slices.ContainsFunc(g.Rules, func(r neutron.SecurityGroupRule) bool { return r.InDefault != nil }) {
				t.Error("a list says whether rules belong to a default group")
			}
		}
		return strings.Join(names, " ")
	}
	mine := neutron.Filter{Name: "project_id", Values: []string{"p"}}
	if got := list(&neutron.Context{Admin: true}); got != "" {
		t.Errorf("nobody's list made %s", got)
	}
	if got := list(&neutron.Context{Admin: true}, mine); got != "p/default" {
		t.Errorf("got %q", got)
	}
	if got := list(&neutron.Context{ProjectID: "q", Admin: true}, neutron.Filter{Name: "name", Values: []string{"default"}}); got != "p/default q/default" {
		t.Errorf("got %q", got)
	}
	out, _ := groups.List(ctx, admin, &neutron.Query{Filters: []neutron.Filter{mine}})
	id := out[0].ID
	if _, err := groups.Update(ctx, admin, id, neutron.Attrs{"name": "x"}); neutron.KindOf(err) != neutron.Conflict {
		t.Errorf("renamed: %v", err)
	}
	if err := groups.Delete(ctx, &neutron.Context{ProjectID: "p"}, id); err == nil || !strings.Contains(err.Error(), "Insufficient rights") {
		t.Errorf("deleted by its project: %v", err)
	}
	if err := groups.Delete(ctx, admin, id); err != nil {
		t.Errorf("deleted by an administrator: %v", err)
	}
	if got := list(admin, mine); got != "p/default" {
		t.Errorf("it is not there again: %q", got)
	}
}

func TestRulesAreFoundByTheirNetwork(t *testing.T) {
	t.Parallel()
	groups, rules, _ := services(t)
	ctx := context.Background()
	g := newGroup(t, groups, "g").ID
	for _, prefix := range []string{"10.1.2.3/16", "10.1.0.0/16", "10.2.0.0/16"} {
		if _, err := rules.Create(ctx, admin, []neutron.Attrs{rule(g, "remote_ip_prefix", prefix)}); err != nil {
			t.Fatal(err)
		}
	}
	q := neutron.Query{Filters: []neutron.Filter{{Name: "normalized_cidr", Values: []string{"10.1.0.0/16"}}},
		Sort: []neutron.SortKey{{Name: "remote_ip_prefix"}, {Name: "id"}}}
	out, err := rules.List(ctx, admin, &q)
	if err != nil || len(out) != 2 || out[0].RemotePrefix != "10.1.0.0/16" || out[1].RemotePrefix != "10.1.2.3/16" {
		t.Fatalf("got %v %v", out, err)
	}
	var w wire.Buffer
	for _, f := range RuleView() {
		if f.Name == "normalized_cidr" {
			f.Append(&w, &out[1])
		}
	}
	if string(w.B) != `"10.1.0.0/16"` {
		t.Errorf("got %s", w.B)
	}
	q.Filters[0].Values = []string{"192.168.0.0/16"}
	if out, err := rules.List(ctx, admin, &q); err != nil || len(out) != 0 {
		t.Errorf("got %v %v, want none", out, err)
	}
}

func TestRulesAreNotChanged(t *testing.T) {
	t.Parallel()
	groups, rules, _ := services(t)
	g := newGroup(t, groups, "g")
	_, err := rules.Update(context.Background(), admin, g.Rules[0].ID, neutron.Attrs{"description": "x"})
	if neutron.KindOf(err) != neutron.MethodNotAllowed {
		t.Errorf("got %v", err)
	}
	if _, err := rules.Update(context.Background(), admin, "x", neutron.Attrs{}); neutron.KindOf(err) != neutron.NotFound {
		t.Errorf("got %v", err)
	}
}

// A template changes what new groups get, not what groups have.
func TestTemplatesMakeTheRulesOfNewGroups(t *testing.T) {
	t.Parallel()
	groups, _, db := services(t)
	templates := NewTemplates(Options{DB: db})
	ctx := context.Background()
	before := newGroup(t, groups, "before")
	ssh := neutron.Attrs{"project_id": "p", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": int64(22),
		"port_range_max": int64(22), "remote_group_id": "PARENT", "used_in_default_sg": false, "used_in_non_default_sg": true, "description": "ssh"}
	made, err := templates.Create(ctx, admin, []neutron.Attrs{ssh})
	if err != nil {
		t.Fatal(err)
	}
	after := newGroup(t, groups, "after")
	at := slices.IndexFunc(after.Rules, func(r neutron.SecurityGroupRule) bool { return r.Protocol == "tcp" })
	if len(after.Rules) != 3 || at < 0 || *after.Rules[at].PortMin != 22 || after.Rules[at].RemoteGroupID != after.ID {
		t.Errorf("got %+v", after.Rules)
	}
	if g, err := groups.Get(ctx, admin, before.ID, neutron.Fields{}); err != nil || len(g.Rules) != 2 {
		t.Errorf("an older group has %d rules now, %v", len(g.Rules), err)
	}
	if _, err := templates.Create(ctx, admin, []neutron.Attrs{ssh}); err == nil ||
		err.Error() != "DefaultSecurityGroupRuleExists: Default Security group rule already exists. Rule id is "+made[0].ID+"." {
		t.Errorf("twice: %v", err)
	}
	ssh["remote_group_id"] = "nowhere"
	if _, err := templates.Create(ctx, admin, []neutron.Attrs{ssh}); neutron.KindOf(err) != neutron.NotFound {
		t.Errorf("a group that is not there: %v", err)
	}
	out, err := templates.List(ctx, admin, &neutron.Query{Filters: []neutron.Filter{{Name: "used_in_default_sg", Values: []string{"False"}}}})
	if err != nil || len(out) != 1 || out[0].Description != "ssh" {
		t.Errorf("got %v %v", out, err)
	}
	if err := templates.Delete(ctx, admin, made[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := templates.Get(ctx, admin, made[0].ID, neutron.Fields{}); neutron.KindOf(err) != neutron.NotFound {
		t.Errorf("deleted: %v", err)
	}
}
