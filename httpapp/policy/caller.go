package policy

import (
	"context"
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Parents tells of other objects than the one that a rule looks at. Errors are those that a client gets to see: an object
// that is not there is not found.
type Parents interface {
	// Owners returns the projects of objects of one resource ("network", "security_group", "router", ...), whoever may
	// see them, in the order of the ids. Absent are those of objects that are not there.
	Owners(ctx context.Context, resource string, ids []string) ([]Value, error)
	// Missing returns the error for an object that is not there.
	Missing(resource, id string) error
	// SharedNetwork reports whether the network is shared with the project; "" is an administrator.
	SharedNetwork(ctx context.Context, id, project string) (bool, error)
}

// Caller is on whose behalf a request asks. It belongs to one request and is not safe for concurrent use.
type Caller struct {
	rc       *neutron.Context
	enforcer *Enforcer
	rules    []reduced // by the number of the rule
	parents  Parents
	known    map[question]Value // nil until a rule asks of another object
	state    state              // of the evaluation that is going on
	asked    string             // the rule that is asked for by its name, and not by what a request wants
}

// question is what was asked of another object.
type question struct{ about, id string }

// Caller returns the caller that rc names.
func (e *Enforcer) Caller(rc *neutron.Context, parents Parents) Caller {
	return Caller{rc: rc, enforcer: e, rules: e.rulesOf(rc.Roles), parents: parents}
}

// Decision is what the roles of a caller say about a rule.
type Decision uint8

// The decisions.
const (
	Never Decision = iota
	Always
	Depends // on the object, or on more of the caller than roles
)

// Decide says whether a rule needs to look at objects at all.
func (c *Caller) Decide(r *Rule) Decision {
	switch {
	case c.trusted():
		return Always
	case !c.inScope(r):
		return Never
	}
	return c.of(r).decision
}

// Fields are the attributes that a Row of the rule has, in order.
func (c *Caller) Fields(r *Rule) []string { return c.of(r).fields }

// CheckRow decides by an object whose attributes are bound to Fields.
func (c *Caller) CheckRow(ctx context.Context, r *Rule, row Row) (bool, error) {
	switch c.Decide(r) {
	case Always:
		return true, nil
	case Never:
		return false, nil
	}
	return c.evaluate(ctx, c.of(r), row)
}

// evaluate decides what the roles have left open. Python's KeyError in the outermost rule means no, too.
func (c *Caller) evaluate(ctx context.Context, left *remainder, row Row) (bool, error) {
	c.state = state{ctx, c, row}
	ok, err := left.check.eval(&c.state)
	if err == errKey {
		return false, nil
	}
	return ok, err
}

// Check decides by an object.
func (c *Caller) Check(ctx context.Context, r *Rule, o Object) (bool, error) {
	return c.CheckRow(ctx, r, &byName{o, c.of(r).fields})
}

// trusted callers pass every rule: administrators, as long as the deprecated rules are in force.
func (c *Caller) trusted() bool { return !c.enforcer.newDefaults && c.rc.Admin }

// inScope reports whether the caller's token is of a kind that the rule is for.
func (c *Caller) inScope(r *Rule) bool {
	return !c.enforcer.enforceScope || r.scopes == 0 || r.scopes&c.scope() != 0
}

func (c *Caller) scope() Scopes {
	switch {
	case c.rc.SystemScope != "":
		return System
	case c.rc.DomainID != "":
		return Domain
	}
	return Project
}

func (c *Caller) of(r *Rule) *remainder { return c.enforcer.reduce(c.rules, r, c.rc.Roles) }

// owner returns the project of another object. Once one of a list is asked for, all are.
func (c *Caller) owner(ctx context.Context, resource, id string, row Row, key int) (Value, error) {
	if v, ok := c.known[question{resource, id}]; ok {
		return c.orMissing(v, resource, id)
	}
	if c.parents == nil {
		return Value{}, fmt.Errorf("policy: nobody knows the owner of %s %s", resource, id)
	}
	ids := []string{id}
	if rows, ok := row.(Rows); ok {
		ids = rows.All(key)
	}
	owners, err := c.parents.Owners(ctx, resource, ids)
	if err != nil {
		return Value{}, err
	}
	for i, id := range ids {
		c.learn(question{resource, id}, owners[i])
	}
	return c.orMissing(c.known[question{resource, id}], resource, id)
}

func (c *Caller) orMissing(v Value, resource, id string) (Value, error) {
	if v.Kind == Absent {
		return v, c.parents.Missing(resource, id)
	}
	return v, nil
}

// shared is whether a network is shared with a project.
func (c *Caller) shared(ctx context.Context, id, project string) (Value, error) {
	q := question{"network shared with " + project, id}
	if v, ok := c.known[q]; ok {
		return v, nil
	}
	if c.parents == nil {
		return Value{}, fmt.Errorf("policy: nobody knows whether network %s is shared", id)
	}
	shared, err := c.parents.SharedNetwork(ctx, id, project)
	if err == nil {
		c.learn(q, BoolValue(shared))
	}
	return BoolValue(shared), err
}

func (c *Caller) learn(q question, v Value) {
	if c.known == nil {
		c.known = make(map[question]Value)
	}
	c.known[q] = v
}

// has reports whether an attribute of the caller, or an item of it, reads as text.
func (c *Caller) has(name string, text []byte) bool {
	switch name {
	case "roles":
		return contains(c.rc.Roles, text)
	case "service_roles":
		return contains(c.rc.Passing().Roles, text)
	}
	v, ok := credential(c.rc, name)
	return ok && v == string(text)
}

func contains(list []string, text []byte) bool {
	for _, s := range list {
		if s == string(text) {
			return true
		}
	}
	return false
}

// credential returns an attribute of the caller by the name that rules have for it, as Python's str prints it.
func credential(rc *neutron.Context, name string) (text string, ok bool) {
	switch name {
	case "project_id", "tenant_id", "tenant":
		text = rc.ProjectID
	case "user_id", "user":
		text = rc.UserID
	case "user_name":
		text = rc.UserName
	case "project_name", "tenant_name":
		text = rc.ProjectName
	case "domain_id", "domain":
		text = rc.DomainID
	case "user_domain_id", "user_domain":
		text = rc.UserDomainID
	case "project_domain_id", "project_domain":
		text = rc.ProjectDomainID
	case "system_scope", "system":
		text = rc.SystemScope
	case "service_user_id":
		text = rc.Passing().UserID
	case "service_user_domain_id":
		text = rc.Passing().UserDomainID
	case "service_project_id":
		text = rc.Passing().ProjectID
	case "service_project_domain_id":
		text = rc.Passing().ProjectDomainID
	default:
		return truth(rc, name)
	}
	if text == "" {
		return "None", name != "system" // which is there only when it is something
	}
	return text, true
}

// credentials are all attributes of the caller.
func credentials(rc *neutron.Context) map[string]any {
	service := rc.Passing()
	all := map[string]any{
		"roles": orEmpty(rc.Roles), "service_roles": orEmpty(service.Roles),
		"user_id": orNull(rc.UserID), "user": orNull(rc.UserID), "user_name": orNull(rc.UserName),
		"user_domain_id": orNull(rc.UserDomainID), "user_domain": orNull(rc.UserDomainID),
		"project_id": orNull(rc.ProjectID), "tenant_id": orNull(rc.ProjectID), "tenant": orNull(rc.ProjectID),
		"project_name": orNull(rc.ProjectName), "tenant_name": orNull(rc.ProjectName),
		"project_domain_id": orNull(rc.ProjectDomainID), "project_domain": orNull(rc.ProjectDomainID),
		"domain_id": orNull(rc.DomainID), "domain": orNull(rc.DomainID), "system_scope": orNull(rc.SystemScope),
		"service_user_id": orNull(service.UserID), "service_user_domain_id": orNull(service.UserDomainID),
		"service_project_id": orNull(service.ProjectID), "service_project_domain_id": orNull(service.ProjectDomainID),
	}
	for _, name := range [...]string{"is_admin", "is_admin_project", "has_global_access", "can_set_project_id"} {
		text, _ := truth(rc, name)
		all[name] = text == "True"
	}
	if rc.SystemScope != "" {
		all["system"] = rc.SystemScope
	}
	return all
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func truth(rc *neutron.Context, name string) (text string, ok bool) {
	var v bool
	switch name {
	case "is_admin":
		v = rc.Admin
	case "is_admin_project":
		v = !rc.NotAdminProject
	case "has_global_access":
		v = rc.Admin || rc.GlobalAccess
	case "can_set_project_id":
		v = rc.Admin || rc.Service || rc.SetsProject
	default:
		return "", false
	}
	if v {
		return "True", true
	}
	return "False", true
}

// self is the caller as the object of the rules that say what he is.
type self struct{ rc *neutron.Context }

func (s self) Value(field string) Value {
	if field == Whole {
		return ValueOf(credentials(s.rc))
	}
	text, ok := credential(s.rc, field)
	if !ok {
		return Value{}
	}
	return Value{Text, []byte(text)}
}

// Identify says of a caller what the rules of contexts make of him: administrator, service, seeing and creating for
// every project.
func (e *Enforcer) Identify(rc *neutron.Context) error {
	c := e.Caller(rc, nil)
	for _, flag := range [...]struct {
		rule string
		set  *bool
	}{
		{"context_is_admin", &rc.Admin},
		{"context_is_advsvc", &rc.Service},
		{"service_api", &rc.Service},
		{"context_with_global_access", &rc.GlobalAccess},
		{canSetProject, &rc.SetsProject},
	} {
		if *flag.set {
			continue
		}
		r := e.Rule(flag.rule)
		c.asked = flag.rule
		ok, err := c.passes(context.Background(), r, self{rc})
		if err != nil {
			return fmt.Errorf("identify the caller: rule %s: %w", flag.rule, err)
		}
		*flag.set = ok
	}
	rc.Service = rc.Service || rc.Admin
	return nil
}
