package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Texts that WebOb gives its errors where Neutron gives none.
const (
	malformedText = "The server could not comply with the request since it is either malformed or otherwise incorrect."
	notFoundText  = "The resource could not be found."
	internalText  = "Request Failed: internal server error while processing your request."
)

// statuses is the only place that knows which HTTP status a Kind has.
var statuses = [...]int{
	neutron.Internal:           http.StatusInternalServerError,
	neutron.BadRequest:         http.StatusBadRequest,
	neutron.NotAuthenticated:   http.StatusUnauthorized,
	neutron.Forbidden:          http.StatusForbidden,
	neutron.NotFound:           http.StatusNotFound,
	neutron.MethodNotAllowed:   http.StatusMethodNotAllowed,
	neutron.Conflict:           http.StatusConflict,
	neutron.PreconditionFailed: http.StatusPreconditionFailed,
	neutron.TooLarge:           http.StatusRequestEntityTooLarge,
	neutron.NotImplemented:     http.StatusNotImplemented,
	neutron.Unavailable:        http.StatusServiceUnavailable,
}

// statusGone is what the access log shows for a request whose client did not wait for the answer, as nginx's does.
const statusGone = 499

var (
	errInternal   = &neutron.Error{Kind: neutron.Internal, Type: "HTTPInternalServerError", Message: internalText}
	errTimeout    = &neutron.Error{Kind: neutron.Unavailable, Type: "HTTPServiceUnavailable", Message: "The request took too long."}
	errNotFound   = &neutron.Error{Kind: neutron.NotFound, Type: "HTTPNotFound", Message: notFoundText}
	errMethod     = &neutron.Error{Kind: neutron.MethodNotAllowed, Type: "HTTPMethodNotAllowed", Message: malformedText}
	errMalformed  = &neutron.Error{Kind: neutron.BadRequest, Type: "HTTPBadRequest", Message: malformedText}
	errTooLarge   = &neutron.Error{Kind: neutron.TooLarge, Type: "HTTPRequestEntityTooLarge", Message: "Request is too large."}
	errDeleteBody = &neutron.Error{Kind: neutron.BadRequest, Type: "HTTPBadRequest", Message: "Request body is not supported in DELETE."}
)

// public is what a client may see of err: an *Error as it stands, of anything else only that it happened.
func public(err error) *neutron.Error {
	var e *neutron.Error
	switch {
	case errors.As(err, &e) && e.Kind != neutron.Internal && int(e.Kind) < len(statuses):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return errTimeout
	}
	var key errNoKey
	if errors.As(err, &key) {
		return neutron.HTTPBadRequest("%s", key)
	}
	return errInternal
}

// appendError writes Neutron's error body, which has blanks whatever the manners.
func appendError(w *wire.Buffer, typ, message, detail string) {
	envelope := "NeutronError"
	if typ == "NotImplementedError" {
		envelope = typ
	}
	w.Spaced = true
	w.Open('{')
	w.Key(0, envelope)
	w.Open('{')
	w.Key(0, "type")
	w.Str(typ)
	w.Key(1, "message")
	w.Str(message)
	w.Key(2, "detail")
	w.Str(detail)
	w.Close('}')
	w.Close('}')
}
