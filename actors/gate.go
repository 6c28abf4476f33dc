package actors

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/seed-a8f20362/hadron/actors/guard"
)

// ServeHTTP is the gate before the pool: it turns away what is not to be served, says whether the connection stays open, and
// has the body come before a handler is taken.
func (v *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := r.Context().Value(connectionKey{}).(*connection)
	defer c.endWatch() // of what is refused, too: nobody may look while the connection is closed
	if c.multiplexed.Load() {
		if refusal := refuseFields(&v.options.Limits, r); refusal != nil {
			http.Error(w, refusal.Reason, refusal.Status)
			return
		}
		dropUnderscores(r.Header)
	} else if !c.begin(r) {
		w.Header()["Connection"] = []string{"close"} // what net/http writes now is left out
		return
	}
	if asked := r.Header["Connection"]; len(asked) == 1 && r.ProtoMajor == 1 && strings.EqualFold(asked[0], "keep-alive") {
		w.Header()["Connection"] = []string{"keep-alive"} // in HTTP/1.0 that is what keeps it open
	}
	// Whether the server is leaving is asked again when the answer begins, see answerWriter: it may take a while until then.
	if v.leaving(c) {
		w.Header()["Connection"] = []string{"close"}
	}
	if r.Header["Expect"] != nil && r.ContentLength != 0 {
		v.serveExpecting(c, w, r)
		return
	}
	done, ok := v.fetch(c, r)
	defer done()
	if ok {
		v.serve(c, w, r, nil)
	}
}

// serve has the application answer, and writes what it has not written yet. Where it panics that is no answer. The body is that of
// a client who waits to be told to send it, else nil.
func (v *service) serve(c *connection, w http.ResponseWriter, r *http.Request, body *expected) {
	a := &answerWriter{ResponseWriter: w, service: v, conn: c, body: body}
	defer a.release()
	v.next.ServeHTTP(a, r)
	if !a.begun {
		a.takeLeave()
	}
	_ = a.writeOut() // a client that has gone needs no answer
}

// serveExpecting serves a client that waits to be told to send its body. It is told so when the body is read. When it is not
// until the answer begins, the answer is the last one of the connection: nobody knows whether the body will come, and net/http,
// which does not know this body for one that was never asked for, would wait for it before it writes a longer answer.
func (v *service) serveExpecting(c *connection, w http.ResponseWriter, r *http.Request) {
	b := &expected{ReadCloser: r.Body}
	r.Body = b
	defer func() {
		if !b.asked.Load() {
			c.leaveUnread()
		}
	}()
	v.serve(c, w, r, b)
}

// expected is a body that knows whether it was asked for.
type expected struct {
	io.ReadCloser
	asked atomic.Bool
}

// Read implements io.Reader.
func (e *expected) Read(p []byte) (int, error) {
	e.asked.Store(true)
	return e.ReadCloser.Read(p)
}

// leaving reports whether the connection is to be closed behind the answer: when the server is stopping, when other options or
// another protocol have come into force, or always without keep-alive.
func (v *service) leaving(c *connection) bool {
	select {
	case <-v.over:
		return true
	default:
		return !v.options.KeepAlive || v.set.stopping.Load() || c.protocol.former.Load()
	}
}

// refuseFields applies the limits to a request of HTTP/2, as if it had come in HTTP/1.1. net/http has bounded all of it together.
func refuseFields(l *guard.Limits, r *http.Request) *guard.Refusal {
	if len(r.Method)+len(r.RequestURI)+len("  HTTP/1.1\r\n") >= l.RequestLine {
		return &guard.Refusal{Status: http.StatusRequestURITooLong, Reason: "Request URI Too Long"}
	}
	fields := 0
	for name, values := range r.Header {
		fields += len(values)
		for _, value := range values {
			if len(name)+len(value)+len(": \r\n") >= l.HeaderLine {
				return &guard.Refusal{Status: http.StatusBadRequest, Reason: "Header Line Too Long"}
			}
		}
	}
	if fields > l.Fields {
		return &guard.Refusal{Status: http.StatusBadRequest, Reason: "Too Many Headers"}
	}
	return nil
}
