package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler is the admin side of s over HTTP. It fails when s lacks what is required, or has two metrics of one name.
func Handler(s Subject) (http.Handler, error) {
	if s.Tree == nil || s.Vitals == nil {
		return nil, errors.New("admin: the subject has no Tree or no Vitals")
	}
	registry, err := newRegistry(&s)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	h := &handler{subject: &s, paths: map[string]methods{}}
	h.routes()
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
	h.paths["/metrics"] = methods{http.MethodGet: metrics.ServeHTTP}
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "requests from web pages of other origins are refused")
	}))
	return foreign.Handler(h), nil
}

// methods are the functions behind one path.
type methods map[string]http.HandlerFunc

type handler struct {
	subject *Subject
	paths   map[string]methods
}

// routes fills in all paths but those of the profiles and the metrics.
func (h *handler) routes() {
	s := h.subject
	for path, m := range map[string]methods{
		"/tree":      {http.MethodGet: h.getTree},
		"/healthz":   {http.MethodGet: h.getAlive},
		"/readyz":    {http.MethodGet: h.getReady},
		"/health":    {http.MethodGet: h.getHealth},
		"/report":    {http.MethodGet: h.getReport},
		"/reload":    {http.MethodPost: offered(s.Reloader != nil, h.postReload)},
		"/log-level": {http.MethodGet: offered(s.Levels != nil, h.getLevels), http.MethodPut: offered(s.Levels != nil, h.putLevel)},
		"/workers":   {http.MethodGet: offered(s.Workers != nil, h.getWorkers), http.MethodPut: offered(s.Workers != nil, h.putWorkers)},
		"/upgrade":   {http.MethodPost: offered(s.Upgrader != nil, h.postUpgrade)},
		"/failures":  {http.MethodGet: offered(s.Counters != nil, h.getFailures)},
		"/counts":    {http.MethodGet: offered(s.Requests != nil && s.HookFailures != nil, h.getCounts)},
		"/config":    {http.MethodGet: offered(s.Config != nil, h.getConfig)},
	} {
		h.paths[path] = m
	}
	h.paths["/workers/replace"] = methods{http.MethodPost: processesOnly(s.Replacer != nil, h.postReplace)}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !addressed(r) {
		refuse(w, http.StatusForbidden, fmt.Sprintf("host %q is not loopback", r.Host))
		return
	}
	m, ok := h.paths[r.URL.Path]
	if rest, below := strings.CutPrefix(r.URL.Path, profilePrefix); below {
		m, ok = profiles(rest)
	}
	if !ok {
		refuse(w, http.StatusNotFound, "there is nothing at "+r.URL.Path)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	serve, ok := m[method]
	if !ok {
		allowed := strings.Join(slices.Sorted(maps.Keys(m)), ", ")
		w.Header().Set("Allow", allowed)
		refuse(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s takes %s, not %s", r.URL.Path, allowed, r.Method))
		return
	}
	serve(w, r)
}

// addressed reports whether a request that came over TCP was meant for this machine. A web page can have its own host name
// resolve to 127.0.0.1, and then read what a listener there answers; its name gives it away.
func addressed(r *http.Request) bool {
	if _, tcp := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); !tcp {
		return true
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// offered stands in for what a subject does not have.
func offered(has bool, serve http.HandlerFunc) http.HandlerFunc {
	if has {
		return serve
	}
	return func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotImplemented, "this server does not offer "+r.URL.Path)
	}
}

// processesOnly is offered for what only a server with worker processes has.
func processesOnly(has bool, serve http.HandlerFunc) http.HandlerFunc {
	if has {
		return serve
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotImplemented, "the workers of this server are no processes ([hadron] worker_isolation)")
	}
}

// problem is the body of every answer that is an error.
type problem struct {
	Error string `json:"error"`
}

func refuse(w http.ResponseWriter, status int, text string) {
	answer(w, status, problem{Error: text})
}

// answer writes v as JSON. Of what there is to write, only a number of seconds that is none cannot be marshalled.
func answer(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		status, body = http.StatusInternalServerError, fmt.Appendf(nil, `{"error": %q}`, err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // who asked is gone if this fails
}

// text begins an answer that is plain text.
func text(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
}
