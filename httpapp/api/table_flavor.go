package api

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// flavorAttributes is the table of flavors. The service profiles of a request are checked and forgotten, as in Neutron.
func flavorAttributes(o *Options) []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "name", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(255), Visible: true, Filter: true, Sort: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: orNull(isString(1024)), Visible: true, Filter: true, Sort: true},
		{Name: "service_type", Post: true, Validate: isServiceType(o.ServiceTypes), Visible: true, Filter: true, Sort: true},
		{Name: "service_profiles", Post: true, Put: true, Fill: Default, Default: []any{}, Validate: isUUIDList, Visible: true},
		{Name: "enabled", Post: true, Put: true, Fill: Default, Default: true, Convert: orNullConvert(toBoolean), Visible: true, Filter: true, Sort: true},
	}
}

// serviceProfileAttributes is the table of service profiles. What is in metainfo is the driver's business.
func serviceProfileAttributes() []Attribute {
	return []Attribute{
		{Name: "id", Validate: isUUID, Visible: true, Filter: true, Sort: true},
		{Name: "description", Post: true, Put: true, Fill: Default, Default: "", Validate: orNull(isString(1024)), Visible: true, Filter: true, Sort: true},
		{Name: "driver", Post: true, Put: true, Fill: Default, Default: "", Validate: isString(1024), Visible: true, Filter: true, Sort: true},
		{Name: "metainfo", Post: true, Put: true, Fill: Default, Default: "", Convert: toMetainfo, Validate: orNull(isString(4096)), Visible: true, Sort: true},
		{Name: "enabled", Post: true, Put: true, Fill: Default, Default: true, Convert: orNullConvert(toBoolean), Visible: true, Filter: true, Sort: true},
	}
}

// serviceProviderAttributes is the table of service providers: a list that the configuration makes. Neutron lets any
// filter pass here.
func serviceProviderAttributes() []Attribute {
	return []Attribute{
		{Name: "service_type", Visible: true, Filter: true},
		{Name: "name", Visible: true, Filter: true},
		{Name: "default", Visible: true, Filter: true},
		{Name: "driver", Filter: true},
	}
}

// isServiceType accepts the types of the service plugins that are loaded.
func isServiceType(loaded []string) Validator {
	return func(v any) error {
		if s, ok := v.(string); ok && slices.Contains(loaded, s) {
			return nil
		}
		return neutron.NewError(neutron.BadRequest, "InvalidServiceType", "Invalid service type: %s.", PyStr(v))
	}
}

// toMetainfo makes a text of numbers and truth values, as the column does in Neutron, where dictionaries and lists fail with
// 500: the validator refuses those here.
func toMetainfo(v any) (any, error) {
	switch v.(type) {
	case bool, int64, float64:
		if falsy(v) { // is nothing where something is required
			return "", nil
		}
		return PyStr(v), nil
	}
	return v, nil
}

// AssociationBodies returns what reads the decoded body of a request that associates service profiles with a flavor: one,
// or, when bulk, a list of them.
func AssociationBodies(e *Engine) func(rc *neutron.Context, body any) (in []neutron.Attrs, bulk bool, err error) {
	r := &Resource{Name: "service_profile", Collection: "service_profiles", engine: e,
		table: newTable([]Attribute{{Name: "id", Post: true, Validate: isUUID, Visible: true}})}
	return func(rc *neutron.Context, body any) ([]neutron.Attrs, bool, error) {
		if falsy(body) {
			return nil, false, neutron.HTTPBadRequest("Resource body required")
		}
		in, err := r.ofRoot(body, true)
		if err != nil {
			return nil, false, err
		}
		for i := range in.items {
			if in.items[i], err = r.table.toCreate(rc, in.items[i]); err != nil {
				return nil, false, err
			}
		}
		return in.items, in.bulk, nil
	}
}
