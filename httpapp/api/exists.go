package api

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Exists returns the domain's 404 when the resource has no object of that id that the caller may see. It is for rules
// about something below an object.
func (r *Resource) Exists(ctx context.Context, rc *neutron.Context, id string) error {
	return r.operations.exists(ctx, rc, id)
}

// CheckUniqueStrings returns what is wrong with a value that is no list of unique strings of at most max characters.
func CheckUniqueStrings(v any, max int) error { return isUniqueStrings(max)(v) }
