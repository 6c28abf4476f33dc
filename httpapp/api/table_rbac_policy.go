package api

import (
	"slices"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// rbacPolicyAttributes is the table of RBAC policies. None of them sorts.
func rbacPolicyAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true},
		{Name: "object_type", Post: true, Fill: Default, Default: nil, Convert: toObjectType, Visible: true, Filter: true, EnforcePolicy: true},
		{Name: "object_id", Post: true, Validate: isUUID, Visible: true, Filter: true, EnforcePolicy: true},
		{Name: "target_tenant", Post: true, Put: true, Validate: isString(255), Visible: true, Filter: true, EnforcePolicy: true},
		{Name: "tenant_id", Post: true, Validate: isString(255), Visible: true, Filter: true, RequiredByPolicy: true},
		{Name: "action", Post: true, Validate: isString(255), Visible: true, Filter: true, EnforcePolicy: true},
	}
}

// toObjectType reads the name of a kind of objects in any case. Neutron fails with 500 on what is no text.
func toObjectType(v any) (any, error) {
	s, _ := v.(string)
	s = strings.ToLower(strings.TrimSpace(s))
	known := []string{"network", "qos_policy", "security_group", "address_scope", "subnetpool", "address_group"}
	if !slices.Contains(known, s) {
		return nil, neutron.InvalidInput("'%s' is not a valid RBAC object type", PyStr(v))
	}
	return s, nil
}
