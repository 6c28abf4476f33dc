package api

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Fill says what a create does about an attribute the client did not give.
type Fill uint8

// The fills.
const (
	// Required refuses the request.
	Required Fill = iota
	// Unset leaves the attribute out: Neutron's ATTR_NOT_SPECIFIED.
	Unset
	// Default takes Attribute.Default, which is converted and validated like a client's value.
	Default
)

// Converter makes the value of its attribute from what the client sent. Its errors are *neutron.Error.
type Converter func(v any) (any, error)

// Validator checks a converted value. A Reason becomes "Invalid input for <attribute>. Reason: <reason>."; an
// *neutron.Error goes to the client as it is. Validators may change dictionaries in place, as Neutron's do.
type Validator func(v any) error

// Reason is a validator's finding, without the frame that names the attribute.
type Reason string

// Error returns the finding.
func (r Reason) Error() string { return string(r) }

// Attribute is one row of a resource's table.
type Attribute struct {
	Name string
	// Post and Put allow the attribute in creates and updates.
	Post, Put bool
	Fill      Fill
	Default   any
	// Convert is applied before Validate, in creates, updates and to the values of filters; nil for none.
	Convert Converter
	// Pairs marks attributes whose filters are key=value texts (fixed_ips=ip_address=10.0.0.1).
	Pairs    bool
	Validate Validator
	// Visible attributes are shown; Filter and Sort allow the name in list queries.
	Visible, Filter, Sort bool
	// NoColumn attributes may be sorted by, and are refused then: Neutron's database has no such column.
	NoColumn bool
	// RequiredByPolicy attributes are fetched for authorisation whatever fields asks for; EnforcePolicy ones have
	// rules of their own.
	RequiredByPolicy, EnforcePolicy bool
	// Keys are those keys of a value, a dictionary, that have policy rules of their own beneath the attribute's, in order. Of a
	// list, they are keys that its items have even if the request does not say so.
	Keys []string
}

// Table is the attributes of one resource in the order in which they are checked, which decides what a client with
// several mistakes hears about first.
type Table struct {
	Attributes []Attribute
	index      map[string]int
}

func newTable(attributes []Attribute) *Table {
	t := &Table{Attributes: attributes, index: make(map[string]int, len(attributes)+1)}
	for i := range attributes {
		t.index[attributes[i].Name] = i
	}
	if i, ok := t.index["tenant_id"]; ok {
		t.index["project_id"] = i
	} else if i, ok := t.index["project_id"]; ok {
		t.index["tenant_id"] = i
	}
	return t
}

// without is t but for the attributes of those names.
func (t *Table) without(names []string) *Table {
	return newTable(slices.DeleteFunc(slices.Clone(t.Attributes), func(a Attribute) bool { return slices.Contains(names, a.Name) }))
}

// Lookup returns the attribute of that name, or nil. The names project_id and tenant_id are one attribute.
func (t *Table) Lookup(name string) *Attribute {
	i, ok := t.index[name]
	if !ok {
		return nil
	}
	return &t.Attributes[i]
}

// canonical is the name under which domains know an attribute.
func canonical(name string) string {
	if name == "tenant_id" {
		return "project_id"
	}
	return name
}

// tables are the attribute tables of every resource this version knows, by collection.
func tables(o *Options) map[string]*Table {
	all := map[string]*Table{
		"networks":                     newTable(networkAttributes(o)),
		"subnets":                      newTable(subnetAttributes()),
		"ports":                        newTable(portAttributes(o)),
		"subnetpools":                  newTable(subnetPoolAttributes()),
		"network_ip_availabilities":    newTable(availabilityAttributes()),
		"agents":                       newTable(agentAttributes()),
		"availability_zones":           newTable(zoneAttributes()),
		"floatingip_pools":             newTable(floatingPoolAttributes()),
		"address_scopes":               newTable(addressScopeAttributes()),
		"address_groups":               newTable(addressGroupAttributes()),
		"rbac_policies":                newTable(rbacPolicyAttributes()),
		"security_groups":              newTable(securityGroupAttributes()),
		"security_group_rules":         newTable(securityGroupRuleAttributes()),
		"default_security_group_rules": newTable(defaultRuleAttributes()),
		"routers":                      newTable(routerAttributes()),
		"floatingips":                  newTable(floatingIPAttributes()),
		"segments":                     newTable(segmentAttributes()),
		"network_segment_ranges":       newTable(segmentRangeAttributes()),
		"flavors":                      newTable(flavorAttributes(o)),
		"service_profiles":             newTable(serviceProfileAttributes()),
		"service_providers":            newTable(serviceProviderAttributes()),
		"metering_labels":              newTable(meteringLabelAttributes()),
		"metering_label_rules":         newTable(meteringRuleAttributes()),
		"trunks":                       newTable(trunkAttributes()),
		"logs":                         newTable(logAttributes()),
		"conntrack_helpers":            newTable(conntrackHelperAttributes()),
		"loggable_resources":           newTable(loggableAttributes()),
	}
	qosTables(all)
	return all
}

// check converts and validates one value.
func (a *Attribute) check(v any) (any, error) {
	if a.Convert != nil {
		var err error
		if v, err = a.Convert(v); err != nil {
			return nil, err
		}
	}
	if a.Validate == nil {
		return v, nil
	}
	err := a.Validate(v)
	if reason, ok := err.(Reason); ok {
		return nil, neutron.HTTPBadRequest("Invalid input for %s. Reason: %s.", a.Name, string(reason))
	}
	return v, err
}
