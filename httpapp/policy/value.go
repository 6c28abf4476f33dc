package policy

import (
	"encoding/json"
	"maps"
	"strconv"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Kind is the type of a Value.
type Kind uint8

// The kinds. Absent attributes are not there at all, null ones are.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	Text
	Other // a list or an object
)

// Value is one attribute of an object: its type, and the text that Python's str makes of it; JSON for lists and objects.
type Value struct {
	Kind Kind
	Text []byte
}

// Values of those kinds that have only one or two.
var (
	nullText  = []byte("None")
	trueText  = []byte("True")
	falseText = []byte("False")
)

// ValueOf returns the Value of what an attribute of a request may be. The text of lists and objects is JSON.
func ValueOf(v any) Value {
	switch v := v.(type) {
	case nil:
		return Value{Null, nullText}
	case bool:
		return BoolValue(v)
	case string:
		return Value{Text, []byte(v)}
	case int:
		return Value{Number, strconv.AppendInt(nil, int64(v), 10)}
	case int64:
		return Value{Number, strconv.AppendInt(nil, v, 10)}
	case float64:
		return Value{Number, strconv.AppendFloat(nil, v, 'g', -1, 64)}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return Value{Kind: Other}
	}
	return Value{Other, text}
}

// BoolValue returns the Value of a boolean.
func BoolValue(v bool) Value {
	if v {
		return Value{Bool, trueText}
	}
	return Value{Bool, falseText}
}

// TextOrNull returns the Value of a text, null for "".
func TextOrNull(s string) Value {
	if s == "" {
		return Value{Null, nullText}
	}
	return Value{Text, []byte(s)}
}

// Object is what a rule looks at, by the names of its attributes. Names of one object that belong to another
// ("network:project_id") are asked for, too; an Object that has no such thing says Absent.
type Object interface {
	Value(field string) Value
}

// Row is an Object bound to the fields of one rule: what a list has many of.
type Row interface {
	// Value returns the i-th of the fields of the rule.
	Value(i int) Value
}

// Rows is a Row of a list. What a rule asks of another object is asked for all rows at once.
type Rows interface {
	Row
	// All returns the i-th of the fields of every row as text, each once.
	All(i int) []string
}

// byName makes a Row of an Object.
type byName struct {
	object Object
	fields []string
}

func (b *byName) Value(i int) Value { return b.object.Value(b.fields[i]) }

// AttrsObject makes an Object of the attributes of a request. The two names of the project are one attribute.
type AttrsObject neutron.Attrs

// Value returns one attribute.
func (a AttrsObject) Value(field string) Value {
	if field == Whole {
		return a.whole()
	}
	v, ok := a[field]
	if !ok && field == "tenant_id" {
		v, ok = a["project_id"]
	}
	if !ok {
		return Value{}
	}
	return ValueOf(v)
}

func (a AttrsObject) whole() Value {
	if project, ok := a["project_id"]; ok {
		a = maps.Clone(a)
		a["tenant_id"] = project
	}
	return ValueOf(map[string]any(a))
}
