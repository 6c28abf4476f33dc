package api

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Exists returns the domain's 404 when the resource has no object of that id that the caller may see. It is for rules
// about something below an object.
func (r *Resource) Exists(ctx context.Context, rc *neutron.Context, id string) error {
	return r.operations.exists(ctx, rc, id)
}

// CheckUniqueStrings returns what is wrong with a value that is no list of unique strings of at most max characters.
func CheckUniqueStrings(v any, max int) error { return isUniqueStrings(max)(v) }

// List answers with the objects q asks for, as the resource's own list does.
func (r *Resource) List(ctx context.Context, rc *neutron.Context, q *neutron.Query, w *wire.Buffer) error {
	var by *policy.Caller
	if o := &r.engine.options; o.Policy != nil {
		caller := o.Policy.Caller(rc, o.Parents)
		by = &caller
	}
	return r.operations.index(ctx, rc, by, q, q.Fields, &page{}, w)
}
