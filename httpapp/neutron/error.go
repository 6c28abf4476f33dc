package neutron

import (
	"errors"
	"fmt"
)

// Kind says what went wrong in terms a client acts on. Package api's error table is the only place that knows which
// HTTP status a Kind has.
type Kind uint8

// The kinds, in the order of their usual status.
const (
	Internal           Kind = iota // a bug or an unforeseen failure: 500, the text stays in the log
	BadRequest                     // the request cannot be right as it stands: 400
	NotAuthenticated               // no or no valid credentials: 401
	Forbidden                      // policy says no: 403
	NotFound                       // the object, or its URL, is not there: 404
	MethodNotAllowed               // the URL is there, the method is not: 405
	Conflict                       // the state of something else forbids it now: 409
	PreconditionFailed             // If-Match named another revision: 412
	TooLarge                       // the body exceeds the limit: 413
	NotImplemented                 // known to Neutron, not built here: 501
	Unavailable                    // the database is away: 503, try again
)

// Error is an error a client gets to see. Type and Message are wire facts: Neutron's exception class and its text.
type Error struct {
	Kind    Kind
	Type    string // Neutron's exception class, such as "NetworkNotFound"
	Message string
	Detail  string
	Err     error // the cause, for the log only
}

// NewError returns an Error whose Message is format filled with args.
func NewError(kind Kind, typ, format string, args ...any) *Error {
	return &Error{Kind: kind, Type: typ, Message: fmt.Sprintf(format, args...)}
}

// Error returns the message and, where there is one, the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Type + ": " + e.Message + ": " + e.Err.Error()
	}
	return e.Type + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the Kind of err, Internal for errors that are not an *Error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// HTTPBadRequest returns the error webob's class of that name gives: what Neutron answers when a request fails its
// attribute table rather than a plugin's rule.
func HTTPBadRequest(format string, args ...any) *Error {
	return NewError(BadRequest, "HTTPBadRequest", format, args...)
}

// InvalidInput returns Neutron's InvalidInput: "Invalid input for operation: <reason>."
func InvalidInput(format string, args ...any) *Error {
	return NewError(BadRequest, "InvalidInput", "Invalid input for operation: %s.", fmt.Sprintf(format, args...))
}

// NetworkNotFound returns the 404 of a network.
func NetworkNotFound(id string) *Error {
	return NewError(NotFound, "NetworkNotFound", "Network %s could not be found.", id)
}

// SubnetNotFound returns the 404 of a subnet.
func SubnetNotFound(id string) *Error {
	return NewError(NotFound, "SubnetNotFound", "Subnet %s could not be found.", id)
}

// PortNotFound returns the 404 of a port.
func PortNotFound(id string) *Error {
	return NewError(NotFound, "PortNotFound", "Port %s could not be found.", id)
}

// DeviceIDNotOwnedByTenant returns the refusal of a port that would be an interface of another project's router.
func DeviceIDNotOwnedByTenant(device string) *Error {
	return NewError(Conflict, "DeviceIDNotOwnedByTenant", "The following device_id %s is not owned by your project or matches "+
		"another project router.", device)
}
