package api

import (
	"encoding/json"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// toCreate checks the attributes of one object to be created and returns what the domain gets.
func (t *Table) toCreate(rc *neutron.Context, in neutron.Attrs) (neutron.Attrs, error) {
	if err := t.foldProject(in); err != nil {
		return nil, err
	}
	if err := t.ownProject(rc, in); err != nil {
		return nil, err
	}
	if err := t.known(in); err != nil {
		return nil, err
	}
	for i := range t.Attributes {
		a := &t.Attributes[i]
		_, given := in[canonical(a.Name)]
		switch {
		case given && !a.Post:
			return nil, neutron.HTTPBadRequest("Attribute '%s' not allowed in POST", a.Name)
		case given || !a.Post || a.Fill == Unset:
		case a.Fill == Required:
			return nil, neutron.HTTPBadRequest("Failed to parse request. Required attribute '%s' not specified", a.Name)
		default:
			in[a.Name] = a.Default
		}
	}
	return in, t.convert(in)
}

// toUpdate checks the attributes of an update.
func (t *Table) toUpdate(rc *neutron.Context, in neutron.Attrs) (neutron.Attrs, error) {
	if err := t.foldProject(in); err != nil {
		return nil, err
	}
	if err := foreignProject(rc, in); err != nil {
		return nil, err
	}
	if err := t.known(in); err != nil {
		return nil, err
	}
	for i := range t.Attributes {
		a := &t.Attributes[i]
		if _, given := in[canonical(a.Name)]; given && !a.Put {
			return nil, neutron.HTTPBadRequest("Cannot update read-only attribute %s", a.Name)
		}
	}
	return in, t.convert(in)
}

// foldProject puts the project under its one name. A client may use either name, or both with the same value.
func (t *Table) foldProject(in neutron.Attrs) error {
	tenant, ok := in["tenant_id"]
	if !ok {
		return nil
	}
	if project, ok := in["project_id"]; ok && !equal(project, tenant) {
		return neutron.HTTPBadRequest("'project_id' and 'tenant_id' do not match")
	}
	delete(in, "tenant_id")
	in["project_id"] = tenant
	return nil
}

// foreignProject refuses another project than the request's own to everyone but administrators, services, and whom the
// policy lets do so.
func foreignProject(rc *neutron.Context, in neutron.Attrs) error {
	project, given := in["project_id"]
	if given && project != rc.ProjectID && !rc.Admin && !rc.Service && !rc.SetsProject {
		return neutron.HTTPBadRequest("Specifying 'project_id' or 'tenant_id' other than the authenticated project in " +
			"request is not allowed for current user.")
	}
	return nil
}

// ownProject fills in the request's project where the client names none.
func (t *Table) ownProject(rc *neutron.Context, in neutron.Attrs) error {
	if err := foreignProject(rc, in); err != nil {
		return err
	}
	if in.Has("project_id") || t.Lookup("project_id") == nil {
		return nil
	}
	if rc.ProjectID == "" {
		return neutron.HTTPBadRequest("Running without keystone AuthN requires that tenant_id is specified")
	}
	in["project_id"] = rc.ProjectID
	return nil
}

func (t *Table) known(in neutron.Attrs) error {
	var unknown []string
	for name := range in {
		if t.Lookup(name) == nil {
			unknown = append(unknown, name)
		}
	}
	switch { // Neutron completes the two names of the project before it finds out that neither belongs here
	case t.Lookup("project_id") != nil:
	case in.Has("project_id") && !in.Has("tenant_id"):
		unknown = append(unknown, "tenant_id")
	case in.Has("tenant_id") && !in.Has("project_id"):
		unknown = append(unknown, "project_id")
	}
	if unknown == nil {
		return nil
	}
	return neutron.HTTPBadRequest("Unrecognized attribute(s) '%s'", strings.Join(sorted(unknown), ", "))
}

// convert runs converters and validators in the table's order and replaces the values.
func (t *Table) convert(in neutron.Attrs) error {
	for i := range t.Attributes {
		a := &t.Attributes[i]
		name := canonical(a.Name)
		v, given := in[name]
		if !given {
			continue
		}
		v, err := a.check(v)
		if err != nil {
			return err
		}
		if n, ok := v.(json.Number); ok {
			return neutron.HTTPBadRequest("Invalid input for %s. Reason: '%s' is out of range.", a.Name, n)
		}
		in[name] = v
	}
	return nil
}
