package store

import (
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Scope is a condition that a row must meet for a project to see it. Every ? in it stands for the project. The empty
// Scope is everything.
type Scope string

// For returns the condition for a caller, without SQL when he may see everything. A caller without a project is in none:
// no row belongs to him, and what is for every project is for him, too.
func (s Scope) For(rc *neutron.Context) Condition {
	if s == "" || rc.SeesAll() {
		return Condition{}
	}
	args := make([]any, strings.Count(string(s), "?"))
	for i := range args {
		args[i] = Nullable(rc.ProjectID)
	}
	return Condition{SQL: string(s), Args: args}
}

// Narrow adds the condition for a caller to a statement that ends with its WHERE clause. The statement of a caller who
// may see everything stays as it is.
func (s Scope) Narrow(rc *neutron.Context, text string, args ...any) (string, []any) {
	return s.For(rc).After(text, args...)
}

// After adds c to a statement that ends with its WHERE clause.
func (c Condition) After(text string, args ...any) (string, []any) {
	if c.SQL == "" {
		return text, args
	}
	return text + " AND (" + c.SQL + ")", append(args, c.Args...)
}
