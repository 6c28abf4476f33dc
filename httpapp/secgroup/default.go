package secgroup

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// What a project's default group is called and said to be.
const (
	DefaultName        = "default"
	defaultDescription = "Default security group"
)

// parent stands in remote_group_id of a template for the group that the rule will belong to.
const parent = "PARENT"

const (
	selectDefault = `SELECT security_group_id FROM default_security_group WHERE project_id = ?`
	insertGroup   = `INSERT INTO securitygroups (id, project_id, name, stateful, standard_attr_id) VALUES (?, ?, ?, ?, ?)`
	insertDefault = `INSERT INTO default_security_group (project_id, security_group_id) VALUES (?, ?)`
)

// Limit refuses more of a resource than a project may have; nil refuses nothing.
type Limit func(tx *store.Tx, projectID, resource string, more int) error

// Standing is how projects come by their default groups.
type Standing struct {
	// Limit is on the group's rules: the group itself counts, but is always allowed, as in Neutron.
	Limit Limit
	// Hooks hear of the group; nil for nobody.
	Hooks *callbacks.Hooks[neutron.SecurityGroup]
}

func (o *Options) standing() Standing { return Standing{Limit: o.Limit, Hooks: o.Hooks} }

// Ensure returns the id of the project's default security group, which it makes when the project has none.
func (s Standing) Ensure(tx *store.Tx, rc *neutron.Context, projectID string, now time.Time) (string, error) {
	var id string
	err := tx.Get(selectDefault, []any{projectID}, &id)
	if err == nil {
		return id, nil
	}
	if !store.IsNoRows(err) {
		return "", fmt.Errorf("find default security group of project %q: %w", projectID, err)
	}
	id, err = s.create(tx, rc, projectID, now)
	if err != nil {
		return "", fmt.Errorf("make default security group of project %q: %w", projectID, err)
	}
	return id, nil
}

func (s Standing) create(tx *store.Tx, rc *neutron.Context, projectID string, now time.Time) (string, error) {
	if s.Hooks.Told(callbacks.Create) {
		err := s.Hooks.Begin(tx, callbacks.Event[neutron.SecurityGroup]{Operation: callbacks.Create, Context: rc,
			Request: neutron.Attrs{"name": DefaultName, "description": defaultDescription, "project_id": projectID}})
		if err != nil {
			return "", err
		}
	}
	id := uuid.NewString()
	if err := insert(tx, id, projectID, DefaultName, defaultDescription, true, now); err != nil {
		return "", err
	}
	if _, err := tx.Exec(insertDefault, projectID, id); err != nil {
		return "", err
	}
	if err := addRules(tx, defaultTemplates, id, projectID, now, s.Limit); err != nil || !s.Hooks.Heard(callbacks.Create) {
		return id, err
	}
	groups := groupResource(nil)
	g, err := groups.Load(tx, &neutron.Context{Admin: true}, id, neutron.Fields{})
	if err != nil {
		return id, err
	}
	return id, s.Hooks.Created(tx, rc, nil, []neutron.SecurityGroup{g})
}

// insert writes the rows of a group without its rules.
func insert(tx *store.Tx, id, projectID, name, description string, stateful bool, now time.Time) error {
	standard, err := tx.NewStandard("securitygroups", description, 1, now)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertGroup, id, projectID, name, stateful, standard)
	return err
}

// template is a row of securitygroupdefaultrules; its nullable columns are copied as they are.
type template struct {
	direction, ethertype, remoteGroup, protocol, remotePrefix, addressGroup sql.NullString
	portMin, portMax                                                        sql.NullInt64
}

const (
	// What the rules of a new default group are made from, and those of any other new group.
	selectTemplates = `SELECT direction, ethertype, remote_group_id, protocol, port_range_min, port_range_max,
		remote_ip_prefix, remote_address_group_id FROM securitygroupdefaultrules`
	defaultTemplates = selectTemplates + ` WHERE used_in_default_sg = ? ORDER BY id`
	otherTemplates   = selectTemplates + ` WHERE used_in_non_default_sg = ? ORDER BY id`
	// Rules made from templates have no description at all, where rules made by clients have an empty one.
	insertRuleStandard = `INSERT INTO standardattributes (resource_type, revision_number, created_at, updated_at)
		VALUES ('securitygrouprules', 0, ?, ?)`
	insertRule = `INSERT INTO securitygrouprules (id, project_id, security_group_id, remote_group_id, direction, ethertype,
		protocol, port_range_min, port_range_max, remote_ip_prefix, remote_address_group_id, standard_attr_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

func templates(tx *store.Tx, query string) ([]template, error) {
	var out []template
	err := tx.Each(query, []any{true}, func(rows *sql.Rows) error {
		var t template
		err := rows.Scan(&t.direction, &t.ethertype, &t.remoteGroup, &t.protocol, &t.portMin, &t.portMax,
			&t.remotePrefix, &t.addressGroup)
		out = append(out, t)
		return err
	})
	return out, err
}

func addRules(tx *store.Tx, query, groupID, projectID string, now time.Time, limit Limit) error {
	list, err := templates(tx, query)
	if err != nil {
		return err
	}
	if limit != nil {
		if err := limit(tx, projectID, "security_group_rule", len(list)); err != nil {
			return err
		}
	}
	stamp := store.FormatTime(now)
	for _, t := range list {
		if t.remoteGroup.String == parent {
			t.remoteGroup.String = groupID
		}
		standard, err := tx.Insert(insertRuleStandard, stamp, stamp)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(insertRule, uuid.NewString(), projectID, groupID, t.remoteGroup, t.direction, t.ethertype,
			t.protocol, t.portMin, t.portMax, t.remotePrefix, t.addressGroup, standard); err != nil {
			return err
		}
	}
	return nil
}
