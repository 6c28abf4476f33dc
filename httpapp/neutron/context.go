package neutron

import (
	"context"
	"slices"
	"strings"
)

// Context says on whose behalf a request runs. It is a value: filters fill it, everything behind them only reads it.
type Context struct {
	// RequestID is "req-" and a UUID, made for every request by the request_id filter.
	RequestID string
	// GlobalRequestID is the caller's own request id ("req-<uuid>" from X-Openstack-Request-Id), or empty.
	GlobalRequestID string
	// UserID and UserName are the authenticated user, empty without authentication.
	UserID, UserName string
	// ProjectID is the project the request is scoped to. Empty under noauth when the client sent a project header:
	// creates must then name a project themselves (observed on 2026.1).
	ProjectID, ProjectName string
	// DomainID, UserDomainID and ProjectDomainID are Keystone's domains, for the log line's user identity.
	DomainID, UserDomainID, ProjectDomainID string
	// Roles are the user's role names.
	Roles []string
	// Admin is true when the request may see and change every project's objects. Always true under noauth.
	Admin bool
	// ScriptName is the part of the URL's path in front of what is left in the request: what a proxy stripped and the
	// mount points of the application, such as "/v2.0". For links.
	ScriptName string
	// Known is true once a filter has said on whose behalf the request runs.
	Known bool
}

// serviceRole is the role of other services of the cloud, which need to see what they work for.
const serviceRole = "service"

// SeesAll reports whether the request may see every project's objects: that of an administrator or of another service.
func (c *Context) SeesAll() bool {
	return c.Admin || slices.ContainsFunc(c.Roles, func(role string) bool { return strings.EqualFold(role, serviceRole) })
}

type contextKey struct{}

// NewContext returns ctx carrying rc.
func NewContext(ctx context.Context, rc *Context) context.Context {
	return context.WithValue(ctx, contextKey{}, rc)
}

// FromContext returns the request's Context, or nil when no filter has set one.
func FromContext(ctx context.Context) *Context {
	rc, _ := ctx.Value(contextKey{}).(*Context)
	return rc
}
