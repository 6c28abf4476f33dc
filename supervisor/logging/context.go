package logging

import "github.com/rs/zerolog"

// Request is what the log knows of a request; empty means unknown. The values are printed, so none may be a secret.
type Request struct {
	RequestID       string // req-<uuid>, of this request
	GlobalRequestID string // req-<uuid>, of the request in another service that led to this one
	UserID          string
	ProjectID       string
	DomainID        string
	SystemScope     string
	UserDomainID    string
	ProjectDomainID string
	UserName        string // not in the default formats
	ProjectName     string // not in the default formats
}

// WithContext returns a child of logger whose records belong to the request. It costs one allocation: call it once per request
// and pass the child on.
func WithContext(logger zerolog.Logger, r Request) zerolog.Logger {
	c := logger.With()
	for _, f := range [...]struct{ key, value string }{
		{"request_id", r.RequestID},
		{"global_request_id", r.GlobalRequestID},
		{"user_id", r.UserID},
		{"project_id", r.ProjectID},
		{"domain_id", r.DomainID},
		{"system_scope", r.SystemScope},
		{"user_domain_id", r.UserDomainID},
		{"project_domain_id", r.ProjectDomainID},
		{"user_name", r.UserName},
		{"project_name", r.ProjectName},
	} {
		if f.value != "" {
			c = c.Str(f.key, f.value)
		}
	}
	return c.Logger()
}
