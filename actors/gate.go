package actors

import (
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/actors/http1"
)

// gate stands before the pool: it has the body of a request come before a handler is taken.
type gate struct {
	set  *connections
	next http.Handler
}

// ServeHTTP implements http.Handler, for what comes over HTTP/1. A body for which its client waits to be asked is left to who asks;
// one that is not what it should be, or does not come, is no request, and ends the connection.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 || r.ContentLength > maxFetched {
		g.next.ServeHTTP(w, r)
		return
	}
	if w.(*http1.Exchange).Expecting() {
		g.next.ServeHTTP(w, r)
		return
	}
	f := &fetched{budget: g.set.fetched, rest: r.Body}
	defer f.release()
	if f.fill(r.ContentLength) == nil {
		r.Body = f
		g.next.ServeHTTP(w, r)
	}
}

// ServeHTTP implements http.Handler, for what comes over HTTP/2: it turns away what is not to be served, and says whether the
// connection stays open, besides what the gate does.
func (v *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := r.Context().Value(connectionKey{}).(*connection)
	if refusal := refuseFields(&v.options.Limits, r); refusal != nil {
		http.Error(w, refusal.Reason, refusal.Status)
		return
	}
	dropUnderscores(r.Header)
	if v.leaving(c) { // this is asked again when the answer begins, see answerWriter: it may take a while until then
		w.Header()["Connection"] = []string{"close"}
	}
	if r.ContentLength != 0 && r.ContentLength <= maxFetched && r.Header["Expect"] == nil {
		f := &fetched{budget: v.set.fetched, rest: r.Body}
		defer f.release()
		if f.fill(r.ContentLength) != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = f
	}
	v.answer(c, w, r)
}

// answer has the application answer, and writes what it has not written yet. Where it panics that is no answer.
func (v *service) answer(c *connection, w http.ResponseWriter, r *http.Request) {
	a := &answerWriter{ResponseWriter: w, service: v, conn: c}
	defer a.release()
	v.next.ServeHTTP(a, r)
	if !a.begun {
		a.takeLeave()
	}
	_ = a.writeOut() // a client that has gone needs no answer
}

// leaving reports whether the connection is to be closed behind the answer.
func (v *service) leaving(c *connection) bool {
	select {
	case <-v.over:
		return true
	default:
		return c.Leaving()
	}
}

// refuseFields applies the limits to a request of HTTP/2, as if it had come in HTTP/1.1. net/http has bounded all of it together.
func refuseFields(l *http1.Limits, r *http.Request) *http1.Refusal {
	if len(r.Method)+len(r.RequestURI)+len("  HTTP/1.1\r\n") >= l.RequestLine {
		return &http1.Refusal{Status: http.StatusRequestURITooLong, Reason: "Request URI Too Long"}
	}
	fields := 0
	for name, values := range r.Header {
		fields += len(values)
		for _, value := range values {
			if len(name)+len(value)+len(": \r\n") >= l.HeaderLine {
				return &http1.Refusal{Status: http.StatusBadRequest, Reason: "Header Line Too Long"}
			}
		}
	}
	if fields > l.Fields {
		return &http1.Refusal{Status: http.StatusBadRequest, Reason: "Too Many Headers"}
	}
	return nil
}

// dropUnderscores leaves out headers that WSGI would take for others: who gets X_Auth_Token past a proxy that looks at
// X-Auth-Token may be anybody.
func dropUnderscores(h http.Header) {
	for name := range h {
		if strings.Contains(name, "_") {
			delete(h, name)
		}
	}
}
