package policy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// parent says where the owner of another object is found.
type parent struct {
	// resource is the other object's. ext is true for the parent in the
	// path of the request, whatever it is.
	resource  string
	ext       bool
	keys      []int    // of the attributes of the object that may have the other one's id
	resources []string // the resources that the keys are of
}

// foreignKeys are the attributes by which an object refers to others, by resource.
var foreignKeys = [...]struct{ resource, key string }{{"network", "network_id"}, {"security_group", "security_group_id"}}

// extParents are the resources that have others below them in the path, in the order in which Neutron looks.
var extParents = [...]string{"floatingip", "router", "local_ip", "policy"}

var ownerForm = regexp.MustCompile(`^%\((.*)\)s$`)

func parseOwner(kind, match string) (expr, error) {
	m := ownerForm.FindStringSubmatch(match)
	if m == nil {
		return nil, fmt.Errorf("Unable to identify a target field from:%s. Match should be in the form %%(<field_name>)s", match)
	}
	o := &owner{kind: kind, field: m[1]}
	resource, field, colon := strings.Cut(o.field, ":")
	if !colon {
		resource, _, _ = strings.Cut(o.field, "_")
	}
	o.parent = parent{resource: resource, ext: resource == "ext_parent"}
	switch {
	case !colon:
	case len(o.parent.fields()) == 0:
		return nil, fmt.Errorf("%s:%s: no object refers to a %q", kind, match, resource)
	case field != "project_id" && field != "tenant_id":
		return nil, fmt.Errorf("%s:%s: of another object only project_id is known", kind, match)
	}
	return o, nil
}

// fields are the attributes that the parent's id may be in.
func (p *parent) fields() []string {
	if p.ext {
		out := make([]string, len(extParents))
		for i, r := range extParents {
			out[i] = "ext_parent_" + r + "_id"
		}
		return out
	}
	for _, f := range foreignKeys {
		if f.resource == p.resource {
			return []string{f.key}
		}
	}
	return nil
}

func parseAttribute(match string) (expr, error) {
	resource, rest, colon := strings.Cut(match, ":")
	field, value, equals := strings.Cut(rest, "=")
	if !colon || !equals {
		return nil, fmt.Errorf("field:%s: the form is field:<resource>:<field>=<value>", match)
	}
	a := &attribute{resource: resource, field: field, value: value, want: Value{Text, []byte(value)}, network: -1, project: -1}
	if pattern, ok := strings.CutPrefix(value, "~"); ok {
		var err error
		if a.pattern, err = regexp.Compile("^(?:" + pattern + ")"); err != nil {
			return nil, fmt.Errorf("field:%s: %w", match, err)
		}
		return a, nil
	}
	want, err := converted(resource, field, value)
	if err != nil {
		return nil, fmt.Errorf("field:%s: %w", match, err)
	}
	a.want = want
	return a, nil
}

// converted makes of the text in a rule what the attribute table makes of a client's.
func converted(resource, field, value string) (Value, error) {
	if isBoolean(resource, field) {
		switch strings.ToLower(value) {
		case "true", "1":
			return BoolValue(true), nil
		case "false", "0":
			return BoolValue(false), nil
		}
		return Value{}, fmt.Errorf("'%s' cannot be converted to boolean", value)
	}
	if isInteger(resource, field) {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return Value{}, fmt.Errorf("'%s' is not an integer", value)
		}
		return ValueOf(n), nil
	}
	return Value{Text, []byte(value)}, nil
}

var (
	nameForm    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$`)
	integerForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
)

func parseGeneric(kind, match string) (expr, error) {
	f, err := newFormat(match)
	if err != nil {
		return nil, err
	}
	g := &generic{kind: kind, match: f}
	n := len(kind)
	switch {
	case kind == "True", kind == "False", kind == "None", integerForm.MatchString(kind):
		g.literal = kind
	case n >= 2 && (kind[0] == '\'' || kind[0] == '"') && kind[n-1] == kind[0] && !strings.ContainsAny(kind[1:n-1], `\`+kind[:1]):
		g.literal = kind[1 : n-1]
	case nameForm.MatchString(kind):
		g.path = strings.Split(kind, ".")
	default:
		return nil, fmt.Errorf("%q in front of the colon is neither the kind of a check nor a name or literal", kind)
	}
	return g, nil
}
