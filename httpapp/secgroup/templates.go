package secgroup

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Templates answers requests for default security group rules: what the rules of new groups are made from. Groups that
// are there already do not change with them. It is safe for concurrent use.
type Templates struct {
	callbacks.Resource[neutron.DefaultSecurityGroupRule]
	o Options
}

// NewTemplates returns the service for default security group rules on the given database.
func NewTemplates(o Options) *Templates {
	return &Templates{Resource: callbacks.NewResource(templateResource(o.DB), o.TemplateHooks), o: o.filled()}
}

// TemplateNotFound returns the 404 of a default security group rule.
func TemplateNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "DefaultSecurityGroupRuleNotFound", "Default Security Group rule %s does not exist", id)
}

// Create makes one template; the engine refuses more at once, as Neutron does.
func (s *Templates) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.DefaultSecurityGroupRule, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.DefaultSecurityGroupRule, error) {
		return s.create(tx, rc, a)
	})
}

func (s *Templates) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.DefaultSecurityGroupRule, error) {
	t := neutron.DefaultSecurityGroupRule{SecurityGroupRule: fromAttrs(a), UsedInDefault: a.Bool("used_in_default_sg"),
		UsedInOther: a.Bool("used_in_non_default_sg")}
	if err := canonical(&t.SecurityGroupRule); err != nil {
		return t, err
	}
	if t.RemoteGroupID != parent {
		if err := checkRemotes(tx, rc, &t.SecurityGroupRule); err != nil {
			return t, err
		}
	}
	if err := checkNewTemplate(tx, &t); err != nil {
		return t, err
	}
	standard, err := tx.NewStandard("securitygroupdefaultrules", t.Description, 0, s.o.stamp())
	if err != nil {
		return t, err
	}
	t.ID = s.o.NewID()
	_, err = tx.Exec(insertTemplate, t.ID, t.Direction, t.Ethertype, store.Nullable(t.RemoteGroupID), store.Nullable(t.Protocol),
		t.PortMin, t.PortMax, store.Nullable(t.RemotePrefix), store.Nullable(t.RemoteAddressGroup), t.UsedInDefault, t.UsedInOther, standard)
	return t, err
}

// checkNewTemplate refuses a template that is there already for the same groups.
func checkNewTemplate(tx *store.Tx, t *neutron.DefaultSecurityGroupRule) error {
	var have []neutron.DefaultSecurityGroupRule
	if err := tx.Rows(templateColumns, allTemplates, nil, collectTemplates(&have)); err != nil {
		return err
	}
	for i := range have {
		h := &have[i]
		if keyOf(&h.SecurityGroupRule) == keyOf(&t.SecurityGroupRule) && h.UsedInDefault == t.UsedInDefault && h.UsedInOther == t.UsedInOther {
			return neutron.NewError(neutron.Conflict, "DefaultSecurityGroupRuleExists",
				"Default Security group rule already exists. Rule id is %s.", h.ID)
		}
	}
	return nil
}

// Update is refused as that of a rule is; no attribute allows it anyhow.
func (s *Templates) Update(ctx context.Context, rc *neutron.Context, id string, _ neutron.Attrs) (neutron.DefaultSecurityGroupRule, error) {
	t, err := s.Get(ctx, rc, id, neutron.Fields{})
	if err != nil {
		return t, err
	}
	return t, neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "Default security group rules cannot be changed.")
}

// Delete removes one template.
func (s *Templates) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, callbacks.Free, func(tx *store.Tx, t *neutron.DefaultSecurityGroupRule) error {
		return tx.DeleteStandard(t.Standard.ID)
	})
}

const (
	fromTemplates   = `securitygroupdefaultrules r JOIN standardattributes s ON s.id = r.standard_attr_id`
	templateColumns = `r.id, r.standard_attr_id, coalesce(r.remote_group_id, ''), coalesce(r.remote_address_group_id, ''), r.direction,
		coalesce(r.ethertype, ''), coalesce(r.protocol, ''), r.port_range_min, r.port_range_max, coalesce(r.remote_ip_prefix, ''),
		coalesce(s.description, ''), r.used_in_default_sg, r.used_in_non_default_sg`
	allTemplates   = `FROM ` + fromTemplates + ` ORDER BY r.id`
	insertTemplate = `INSERT INTO securitygroupdefaultrules (id, direction, ethertype, remote_group_id, protocol, port_range_min,
		port_range_max, remote_ip_prefix, remote_address_group_id, used_in_default_sg, used_in_non_default_sg, standard_attr_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// templateResource has no scope: the templates are everybody's.
func templateResource(db *store.DB) store.Resource[neutron.DefaultSecurityGroupRule] {
	return store.Resource[neutron.DefaultSecurityGroupRule]{
		DB: db, Listing: templateListing(), Columns: templateColumns, Scan: scanTemplate,
		ID: func(t *neutron.DefaultSecurityGroupRule) string { return t.ID },
	}.Built()
}

func scanTemplate(row *store.Row, t *neutron.DefaultSecurityGroupRule) error {
	return row.Scan(&t.ID, &t.Standard.ID, &t.RemoteGroupID, &t.RemoteAddressGroup, &t.Direction, &t.Ethertype, &t.Protocol,
		&t.PortMin, &t.PortMax, &t.RemotePrefix, &t.Description, &t.UsedInDefault, &t.UsedInOther)
}

func collectTemplates(out *[]neutron.DefaultSecurityGroupRule) func(*store.Row) error {
	return func(row *store.Row) error {
		*out = append(*out, neutron.DefaultSecurityGroupRule{})
		return scanTemplate(row, &(*out)[len(*out)-1])
	}
}

func templateListing() *store.Listing {
	rule := ruleListing()
	columns := map[string]store.Column{
		"used_in_default_sg":     {Expr: "r.used_in_default_sg", Kind: store.Bool},
		"used_in_non_default_sg": {Expr: "r.used_in_non_default_sg", Kind: store.Bool},
	}
	for _, name := range []string{"id", "remote_group_id", "remote_address_group_id", "direction", "ethertype", "protocol",
		"port_range_min", "port_range_max", "remote_ip_prefix", "description"} {
		columns[name] = rule.Columns[name]
	}
	return &store.Listing{From: fromTemplates, ID: "r.id", Columns: columns, NotFound: TemplateNotFound}
}

// TemplateView returns every attribute of a default security group rule: those of a rule that do not depend on a group.
func TemplateView() wire.View[neutron.DefaultSecurityGroupRule] {
	var view wire.View[neutron.DefaultSecurityGroupRule]
	for _, f := range RuleView() {
		switch f.Name {
		case "id", "description", "remote_group_id", "remote_address_group_id", "direction", "protocol", "port_range_min",
			"port_range_max", "ethertype", "remote_ip_prefix":
			show := f.Append
			view = append(view, wire.Field[neutron.DefaultSecurityGroupRule]{Name: f.Name,
				Append: func(w *wire.Buffer, t *neutron.DefaultSecurityGroupRule) { show(w, &t.SecurityGroupRule) }})
		}
	}
	return append(view,
		wire.Field[neutron.DefaultSecurityGroupRule]{Name: "used_in_default_sg",
			Append: func(w *wire.Buffer, t *neutron.DefaultSecurityGroupRule) { w.Bool(t.UsedInDefault) }},
		wire.Field[neutron.DefaultSecurityGroupRule]{Name: "used_in_non_default_sg",
			Append: func(w *wire.Buffer, t *neutron.DefaultSecurityGroupRule) { w.Bool(t.UsedInOther) }},
	)
}
