package logging

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Type is a kind of resource that can be logged. Its project is that of who asks: for rules of policies, which look at one.
type Type struct{ Name, ProjectID string }

// Types answers requests for the kinds of resources that can be logged. It only reads.
type Types struct{}

// List returns all of them. There is nothing to filter them by.
func (Types) List(_ context.Context, rc *neutron.Context, _ *neutron.Query) ([]Type, error) {
	return []Type{{Name: typeSecurityGroup, ProjectID: rc.ProjectID}}, nil
}

// Get returns not found: a type has no URL of its own.
func (Types) Get(context.Context, *neutron.Context, string, neutron.Fields) (Type, error) {
	return Type{}, noURL()
}

// Create refuses: what can be logged is for drivers to say.
func (Types) Create(context.Context, *neutron.Context, []neutron.Attrs) ([]Type, error) {
	return nil, neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed", "Loggable resources are what the server can log.")
}

// Update returns not found.
func (Types) Update(context.Context, *neutron.Context, string, neutron.Attrs) (Type, error) {
	return Type{}, noURL()
}

// Delete returns not found.
func (Types) Delete(context.Context, *neutron.Context, string) error { return noURL() }

func noURL() error {
	return neutron.NewError(neutron.NotFound, "HTTPNotFound", "The resource could not be found.")
}

// TypeView returns every attribute of a type, the project that is not shown included.
func TypeView() wire.View[Type] {
	return wire.View[Type]{
		{Name: "type", Append: func(w *wire.Buffer, t *Type) { w.Str(t.Name) }},
		{Name: "project_id", Inner: true, Append: func(w *wire.Buffer, t *Type) { w.Str(t.ProjectID) }},
	}
}
