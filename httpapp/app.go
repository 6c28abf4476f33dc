package httpapp

import (
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/httpapp/filters"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// App is one application, ready to serve.
type App struct {
	// Framework is the front controller that serves the core resources.
	Framework string

	root   http.Handler
	log    zerolog.Logger
	access *accessLog
	lines  AccessLog
	now    func() time.Time
	// observe counts answers; nil when nobody does.
	observe func(method string, status int, took time.Duration)
}

// ServeHTTP gives the request its Context, runs it, and writes the access log line.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, start: a.now(), app: a, request: r, carrier: neutron.Carrier{Context: r.Context()}}
	r = r.WithContext(&x.carrier)
	defer x.done()
	a.root.ServeHTTP(x, r)
}

// guard is the outermost filter: an answer for what fails outside of catch_errors, with a request id even where the
// request_id filter is not in the pipeline.
func guard(log zerolog.Logger) filters.Filter {
	return filters.CatchErrors(func(r *http.Request, _ any) {
		rc := neutron.FromContext(r.Context())
		if rc.RequestID == "" {
			rc.RequestID = "req-" + uuid.NewString()
		}
		l := withContext(log, rc)
		l.Error().Str("method", r.Method).Str("path", r.URL.Path).Str("request", filters.RequestText(r)).Msg("An error occurred during processing the request")
	})
}

// exchange is one request and its answer: the Context that the filters fill, and what the access log needs to know.
type exchange struct {
	http.ResponseWriter
	carrier neutron.Carrier
	app     *App
	request *http.Request
	start   time.Time
	status  int
	length  int64
	took    time.Duration // when it is done
}

// WriteHeader remembers the status.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write counts the body.
func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	n, err := x.ResponseWriter.Write(p)
	x.length += int64(n)
	return n, err
}

// Begun tells filters.CatchErrors whether there is an answer already.
func (x *exchange) Begun() bool { return x.status != 0 }

// Unwrap lets http.ResponseController reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// done counts the answer and logs it.
func (x *exchange) done() {
	end := x.app.now()
	x.took = end.Sub(x.start)
	if x.status == 0 {
		x.status = http.StatusOK
	}
	if x.app.observe != nil {
		x.app.observe(x.request.Method, x.status, x.took)
	}
	x.log(end)
}

// log writes the line of neutron.wsgi. Its body_length is that of the body: the original also counts the header's bytes, which
// an http.ResponseWriter does not tell.
func (x *exchange) log(end time.Time) {
	rc := &x.carrier.Request
	if x.app.lines != nil && x.app.lines.Line(end, rc, x) {
		return
	}
	e := x.app.log.Info()
	if !e.Enabled() {
		return
	}
	if rc.RequestID != "" { // the versions pipeline gives none
		e = e.EmbedObject((*identity)(rc))
	}
	a := x.answered()
	x.app.access.write(e, &a)
}

// Append prints the line: that of AccessLog.
func (x *exchange) Append(dst []byte) []byte {
	a := x.answered()
	return x.app.access.append(dst, &a)
}

func (x *exchange) answered() answered {
	return answered{request: x.request, status: x.status, length: x.length, at: x.start.Add(x.took), took: x.took}
}

// withContext returns a logger whose records belong to the request.
func withContext(log zerolog.Logger, rc *neutron.Context) zerolog.Logger {
	return log.With().EmbedObject((*identity)(rc)).Logger()
}

// identity is a request's Context in a log record: the fields that oslo.log's context format prints.
type identity neutron.Context

// MarshalZerologObject adds the fields that are there.
func (rc *identity) MarshalZerologObject(e *zerolog.Event) {
	e.Str("request_id", rc.RequestID)
	for _, f := range [...]struct{ key, value string }{
		{"global_request_id", rc.GlobalRequestID},
		{"user_id", rc.UserID},
		{"project_id", rc.ProjectID},
		{"domain_id", rc.DomainID},
		{"user_domain_id", rc.UserDomainID},
		{"project_domain_id", rc.ProjectDomainID},
		{"user_name", rc.UserName},
		{"project_name", rc.ProjectName},
	} {
		if f.value != "" {
			e.Str(f.key, f.value)
		}
	}
}
