package filters

import (
	"fmt"
	"net/http"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Internal is the answer to a failure nobody foresaw. Its text tells a client nothing about the cause; the request id in
// the header leads to the log.
const Internal = `{"NeutronError": {"type": "HTTPInternalServerError", "message": ` +
	`"Request Failed: internal server error while processing your request.", "detail": ""}}`

// Answered is what CatchErrors panics with: the reason of the panic behind an answer that the client has in full.
type Answered struct{ Reason any }

// Error describes the reason.
func (a Answered) Error() string { return fmt.Sprint(a.Reason) }

// CatchErrors answers 500 when anything inside panics, and lets the panic go on: the supervisor of the request's handler
// counts it, keeps its stack and replaces the handler. An answer that was already begun cannot be taken back; the
// connection is cut by whoever runs the handler. onPanic is told first, with the request, so that the log names it.
//
// The original answers with an HTML page; a JSON body is what API clients can read.
func CatchErrors(onPanic func(r *http.Request, reason any)) Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer, ok := w.(Watched)
			if !ok { // else it is watched already
				answer = &begun{ResponseWriter: w}
			}
			defer func() {
				reason := recover()
				if reason == nil {
					return
				}
				if _, done := reason.(Answered); done || reason == http.ErrAbortHandler {
					panic(reason)
				}
				onPanic(r, reason)
				if answer.Begun() {
					panic(reason)
				}
				writeInternal(w, neutron.FromContext(r.Context()))
				panic(Answered{Reason: reason})
			}()
			next.ServeHTTP(answer, r)
		})
	}
}

// writeInternal answers 500 with the Internal body and, where rc has one, the request id.
func writeInternal(w http.ResponseWriter, rc *neutron.Context) {
	h := w.Header()
	clear(h)
	h["Content-Type"] = []string{"application/json"}
	if rc != nil && rc.RequestID != "" {
		h[requestIDHeader] = []string{rc.RequestID}
	}
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(Internal)) // the client has gone: nobody is left to tell
}

// Watched is an answer that knows whether it has been started.
type Watched interface {
	http.ResponseWriter
	Begun() bool
}

// begun remembers whether the answer has been started.
type begun struct {
	http.ResponseWriter
	begun bool
}

// Begun implements Watched.
func (b *begun) Begun() bool { return b.begun }

func (b *begun) WriteHeader(status int) {
	b.begun = true
	b.ResponseWriter.WriteHeader(status)
}

func (b *begun) Write(p []byte) (int, error) {
	b.begun = true
	return b.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }
