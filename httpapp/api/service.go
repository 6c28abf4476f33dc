package api

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Service is what a domain implements for its noun T. Attributes arrive converted and validated by the attribute table,
// the project always under "project_id".
type Service[T any] interface {
	// Create makes all of in or none of it.
	Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]T, error)
	// Get returns one object; f says which attributes will be shown.
	Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (T, error)
	// List returns the objects q asks for in its order.
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]T, error)
	// Update changes the attributes in in and returns the whole object.
	Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (T, error)
	// Delete removes one object.
	Delete(ctx context.Context, rc *neutron.Context, id string) error
}
