package api

import (
	"math"
	"slices"
)

// policyAttributes is the table of QoS policies.
func policyAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "shared", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "rules", Visible: true},
		{Name: "is_default", Post: true, Put: true, Fill: Default, Default: false, Convert: toBoolean, Visible: true, Filter: true},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
		{Name: "tags", Visible: true, Filter: true},
		{Name: "tags-any", Filter: true},
		{Name: "not-tags", Filter: true},
		{Name: "not-tags-any", Filter: true},
	}
}

// ruleTypeAttributes is the table of the types of QoS rules, which are known by their names.
func ruleTypeAttributes() []Attribute {
	return []Attribute{
		{Name: "type", Visible: true},
		{Name: "drivers", Visible: true},
		{Name: "all_supported", Post: true, Put: true, Fill: Unset, Convert: orNullConvert(toBoolean), Filter: true},
		{Name: "all_rules", Post: true, Put: true, Fill: Unset, Convert: orNullConvert(toBoolean), Filter: true},
	}
}

// qosNumber is an attribute of a QoS rule that holds whatever the column does.
func qosNumber(name string) Attribute {
	return Attribute{Name: name, Post: true, Put: true, Convert: toInt, Validate: isInRange(0, math.MaxInt32), Visible: true, Filter: true, Sort: true}
}

// qosBurst is qosNumber with a default.
func qosBurst(name string) Attribute {
	a := qosNumber(name)
	a.Fill, a.Default = Default, int64(0)
	return a
}

// qosDirection is the direction of a QoS rule.
func qosDirection(values ...any) Attribute {
	return Attribute{Name: "direction", Post: true, Put: true, Fill: Default, Default: "egress", Validate: isOneOf(values...),
		Visible: true, Filter: true, Sort: true}
}

// ruleOf is the table of a kind of QoS rules below their policies.
func ruleOf(own ...Attribute) *Table {
	return newTable(append([]Attribute{{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true}}, own...))
}

// aliasOf is the table of the same rules under their alias, where none can be made. project adds the project that most
// aliases know, though no rule shows one.
func aliasOf(t *Table, project bool) *Table {
	attributes := slices.Clone(t.Attributes)
	for i := range attributes {
		attributes[i].Post = false
		if attributes[i].Name == "direction" {
			attributes[i].Filter, attributes[i].Sort = true, true
		}
	}
	if project {
		attributes = slices.Insert(attributes, 1, Attribute{Name: "tenant_id", Visible: true, RequiredByPolicy: true})
	}
	return newTable(attributes)
}

// qosTables are the tables of the QoS resources.
func qosTables(all map[string]*Table) {
	one := qosDirection("ingress", "egress")
	limited := one
	limited.Filter, limited.Sort = false, false // the extension that gave this rule a direction forgot them
	marks := Attribute{Name: "dscp_mark", Post: true, Put: true, Convert: toInt, Visible: true, Filter: true, Sort: true,
		Validate: isOneOf(dscpMarks()...)}
	all["policies"] = newTable(policyAttributes())
	all["rule_types"] = newTable(ruleTypeAttributes())
	all["bandwidth_limit_rules"] = ruleOf(qosNumber("max_kbps"), qosBurst("max_burst_kbps"), limited)
	all["dscp_marking_rules"] = ruleOf(marks)
	all["minimum_bandwidth_rules"] = ruleOf(qosNumber("min_kbps"), one)
	all["minimum_packet_rate_rules"] = ruleOf(qosNumber("min_kpps"), qosDirection("any", "ingress", "egress"))
	all["packet_rate_limit_rules"] = ruleOf(qosNumber("max_kpps"), qosBurst("max_burst_kpps"), one)
	all["alias_bandwidth_limit_rules"] = aliasOf(all["bandwidth_limit_rules"], true)
	all["alias_dscp_marking_rules"] = aliasOf(all["dscp_marking_rules"], true)
	all["alias_minimum_bandwidth_rules"] = aliasOf(all["minimum_bandwidth_rules"], true)
	all["alias_minimum_packet_rate_rules"] = aliasOf(all["minimum_packet_rate_rules"], false)
}

// dscpMarks are the code points that RFC 2474 and its successors name.
func dscpMarks() []any {
	var out []any
	for _, n := range []int64{0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56} {
		out = append(out, n)
	}
	return out
}
