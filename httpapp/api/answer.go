package api

import (
	"net/http"
	"strconv"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// unknown answers a path that is not there.
func (f *Front) unknown(w http.ResponseWriter, r *http.Request) {
	if f.manners.Pages {
		routesNotFound("").Send(w, r, "text/plain")
		return
	}
	f.sendError(w, r, errNotFound)
}

// refuse answers a method that a path does not have.
func (f *Front) refuse(w http.ResponseWriter, r *http.Request, allow string) {
	if !f.manners.RefusesMethods {
		f.unknown(w, r)
		return
	}
	w.Header().Set("Allow", allow)
	f.sendError(w, r, errMethod)
}

func (f *Front) sendNotAcceptable(w http.ResponseWriter) {
	var b wire.Buffer
	appendError(&b, "HTTPNotAcceptable", malformedText, "")
	sendJSON(w, http.StatusNotAcceptable, b.B)
}

func (f *Front) sendError(w http.ResponseWriter, r *http.Request, err error) {
	f.send(w, r, f.engine.fail(r.Context(), err))
}

// send logs a failure, writes the answer and gives its buffer back.
func (f *Front) send(w http.ResponseWriter, r *http.Request, reply Reply) {
	if reply.Err != nil && f.options.Log != nil {
		f.options.Log(r.Context(), reply.Status, reply.Err)
	}
	if reply.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(reply.RetryAfter))
	}
	if reply.Body == nil {
		w.WriteHeader(reply.Status)
		return
	}
	sendJSON(w, reply.Status, reply.Body.B)
	reply.Release()
}

func sendJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // to a client that is gone there is nothing left to say
}

// canonicalUUID reports whether id has the form 8-4-4-4-12, the only one that Newton's router lets through.
func canonicalUUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (id[i] == '-') || !dash && !isHex(id[i]) {
			return false
		}
	}
	return true
}

// routesNotFound is the 404 of the Routes stack.
func routesNotFound(detail string) *wire.Page {
	return &wire.Page{Status: http.StatusNotFound, Title: "Not Found", Explanation: notFoundText, Detail: detail}
}
