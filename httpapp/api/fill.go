package api

import (
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Fill completes and checks the attributes of a new object of a collection as those of a request are, for domains that make
// objects of others.
func (e *Engine) Fill(rc *neutron.Context, collection string, in neutron.Attrs) (neutron.Attrs, error) {
	t := e.tables[collection]
	if t == nil {
		return nil, fmt.Errorf("fill in a new one of %s: no attribute table", collection)
	}
	return t.toCreate(rc, in)
}
