package neutron

import "context"

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
	// Known is true once a filter has said on whose behalf the request runs.
	Known bool
	// Admin is true when the request may see and change every project's objects. Always true under noauth.
	Admin bool
	// Service is true for other services of the cloud, and for administrators: they may create for any project.
	Service bool
	// GlobalAccess is true when the request may see every project's objects without being an administrator's.
	GlobalAccess bool
	// SetsProject is true when the request may create for any project without being an administrator's or a service's.
	SetsProject bool
	// NotAdminProject is true when Keystone says that the project is not that of the cloud's administrators.
	NotAdminProject bool
	// SystemScope is "all" for a token that belongs to no project but to the whole cloud.
	SystemScope string
	// By is the service that passed the request on with a token of its own, nil when none has.
	By *Passing
	// ScriptName is the part of the URL's path in front of what is left in the request: what a proxy stripped and the
	// mount points of the application, such as "/v2.0". For links.
	ScriptName string
}

// Passing is a service that passes on a request of somebody else's. Few requests come by one, so it takes no room in the others.
type Passing struct {
	Roles                []string
	UserID, UserDomainID string
	ProjectID            string
	ProjectDomainID      string
}

// Passing returns the service that passed the request on, the empty one when none has.
func (c *Context) Passing() Passing {
	if c.By == nil {
		return Passing{}
	}
	return *c.By
}

// AdminRoles returns the roles of whoever has nobody above him: what a request has that nobody authenticates.
func AdminRoles() []string { return []string{"admin", "member", "reader"} }

// SeesAll reports whether the request may see every project's objects: that of an administrator, of another service, or
// one that the policy gives that right.
func (c *Context) SeesAll() bool { return c.Admin || c.Service || c.GlobalAccess }

type contextKey struct{}

// Carrier is a context.Context that has a request's Context in it: what NewContext makes, in one piece of memory.
type Carrier struct {
	context.Context // the one around it
	Request         Context
}

// Value implements context.Context.
func (c *Carrier) Value(key any) any {
	if key == (contextKey{}) {
		return &c.Request
	}
	return c.Context.Value(key)
}

// NewContext returns ctx carrying rc.
func NewContext(ctx context.Context, rc *Context) context.Context {
	return context.WithValue(ctx, contextKey{}, rc)
}

// FromContext returns the request's Context, or nil when no filter has set one.
func FromContext(ctx context.Context) *Context {
	if c, ok := ctx.(*Carrier); ok { // mostly, and every filter asks
		return &c.Request
	}
	rc, _ := ctx.Value(contextKey{}).(*Context)
	return rc
}
