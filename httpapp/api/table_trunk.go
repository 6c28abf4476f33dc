package api

import "github.com/seed-a8f20362/hadron/httpapp/neutron"

// trunkAttributes is the table of trunks.
func trunkAttributes() []Attribute {
	return []Attribute{
		{Name: "admin_state_up", Post: true, Put: true, Fill: Default, Default: true, Convert: toBoolean, Visible: true, Filter: true, Sort: true},
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "port_id", Post: true, Validate: isUUID, Visible: true, Filter: true, Sort: true, RequiredByPolicy: true},
		{Name: "status", Visible: true, Filter: true, Sort: true},
		{Name: "sub_ports", Post: true, Fill: Default, Default: []any{}, Validate: isSubPorts, Visible: true, EnforcePolicy: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true},
		{Name: "revision_number", Visible: true, Filter: true},
		{Name: "created_at", Visible: true},
		{Name: "updated_at", Visible: true},
		{Name: "tags", Visible: true, Filter: true},
		{Name: "tags-any", Filter: true},
		{Name: "not-tags", Filter: true},
		{Name: "not-tags-any", Filter: true},
	}
}

// CheckSubPorts is the check of sub_ports for the actions of trunks, whose bodies no table describes: there, Neutron words
// the findings as InvalidInput.
func CheckSubPorts(v any) error {
	err := isSubPorts(v)
	if reason, ok := err.(Reason); ok {
		return neutron.InvalidInput("%s", string(reason))
	}
	return err
}

// isSubPorts accepts lists of subports. A segmentation id that is a number in any spelling becomes an integer. What comes
// behind the first subport that inherits its segmentation is only checked for its form, as in Neutron, which then fails
// with 500 where we say what is wrong.
func isSubPorts(v any) error {
	list, ok := v.([]any)
	if !ok {
		return reasonf("Invalid data format for subports: '%s' is not a list", PyStr(v))
	}
	c := subPortChecks{ids: make(map[string]bool, len(list)), segments: make(map[string]valueSet)}
	for _, item := range list {
		if err := c.check(item); err != nil {
			return err
		}
	}
	for _, item := range list {
		subport := item.(map[string]any)
		if n, ok := integer(subport["segmentation_id"]); ok {
			subport["segmentation_id"] = n
		}
	}
	return nil
}

// subPortChecks is what the checks of a list have seen.
type subPortChecks struct {
	ids       map[string]bool
	segments  map[string]valueSet // by segmentation type
	inherited bool
}

func (c *subPortChecks) check(item any) error {
	subport, ok := item.(map[string]any)
	if !ok {
		return reasonf("Invalid data format for subport: '%s' is not a dict", PyStr(item))
	}
	if _, ok := subport["port_id"]; !ok {
		return Reason("A valid port UUID must be specified")
	}
	id, ok := subport["port_id"].(string)
	switch {
	case !ok, !uuidLike(id) && !c.inherited:
		return reasonf("Invalid UUID for subport: '%s'", PyStr(subport["port_id"]))
	case c.inherited:
		return isSegmentation(subport)
	case c.ids[id]:
		return reasonf("Non unique UUID for subport: '%s'", id)
	}
	c.ids[id] = true
	if c.inherited = subport["segmentation_type"] == "inherit"; c.inherited {
		return isSegmentation(subport)
	}
	return c.segmentation(subport, id)
}

// segmentation checks that both or none of its parts are there, and that no two subports have the same.
func (c *subPortChecks) segmentation(subport map[string]any, id string) error {
	kind, number := subport["segmentation_type"], subport["segmentation_id"]
	if (falsy(kind) || number == nil) && len(subport) > 1 {
		return reasonf("Invalid subport details '%s': missing segmentation information. Must specify both segmentation_id "+
			"and segmentation_type", PyStr(subport))
	}
	if err := isSegmentation(subport); err != nil {
		return err
	}
	if number == nil {
		return nil
	}
	key := PyRepr(kind)
	if c.segments[key] == nil {
		c.segments[key] = make(valueSet)
	}
	if !c.segments[key].add(number) {
		return reasonf("Segmentation ID '%s' for '%s' is not unique", PyStr(number), id)
	}
	return nil
}

// isSegmentation refuses lists and objects, where Neutron fails with 500.
func isSegmentation(subport map[string]any) error {
	for _, name := range []string{"segmentation_type", "segmentation_id"} {
		switch v := subport[name].(type) {
		case []any, map[string]any:
			return reasonf("Invalid subport details: %s '%s' is neither a text nor a number", name, PyStr(v))
		}
	}
	return nil
}
