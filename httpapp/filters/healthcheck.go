package filters

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
)

// HealthcheckOptions are the options of the healthcheck application, from its paste section or from [healthcheck].
type HealthcheckOptions struct {
	// Path is where the filter form answers; the application form answers wherever it is mounted.
	Path string
	// Backends are the checks to make, in order. None: only Ready is asked.
	Backends []HealthcheckBackend
	// Detailed adds the class and details of each result, and some facts about the process.
	Detailed bool
	// AllowedSources are the networks that may ask; empty for everybody.
	AllowedSources []netip.Prefix
	// IgnoreProxied leaves requests alone that came through a proxy.
	IgnoreProxied bool
	// Port is that of the server, for requests that do not tell at which port they came in.
	Port int
	// Ready, when set, is asked too: an error's text is a reason for 503.
	Ready func() error
}

// Healthcheck is the application: 200 OK, or 503 with the reasons.
func Healthcheck(o HealthcheckOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.mayAsk(r) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		o.serve(w, r)
	})
}

// HealthcheckFilter answers at o.Path and passes everything else on, with what its sender may not ask.
func HealthcheckFilter(o HealthcheckOptions) Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == o.Path && o.mayAsk(r) {
				o.serve(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func (o *HealthcheckOptions) serve(w http.ResponseWriter, r *http.Request) {
	results := o.check(o.port(r))
	status := http.StatusOK
	for _, result := range results {
		if !result.Available {
			status = http.StatusServiceUnavailable
		}
	}
	switch r.Method {
	case http.MethodHead:
		if status == http.StatusOK {
			status = http.StatusNoContent
		} else {
			w.Header()["Content-Type"] = []string{"text/plain; charset=UTF-8"}
		}
		w.WriteHeader(status)
	case http.MethodGet:
		o.answer(w, r, status, results)
	default:
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (o *HealthcheckOptions) check(port int) []HealthcheckResult {
	var results []HealthcheckResult
	for _, check := range o.Backends {
		results = append(results, check(port))
	}
	if o.Ready != nil {
		if err := o.Ready(); err != nil {
			results = append(results, HealthcheckResult{Reason: err.Error()})
		}
	}
	if len(results) == 0 {
		results = []HealthcheckResult{{Available: true, Reason: "OK"}}
	}
	return results
}

// port is where the request came in, as far as the server tells.
func (o *HealthcheckOptions) port(r *http.Request) int {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return o.Port
	}
	_, text, err := net.SplitHostPort(addr.String())
	port, convErr := strconv.Atoi(text)
	if err != nil || convErr != nil {
		return o.Port // a Unix socket
	}
	return port
}

func (o *HealthcheckOptions) mayAsk(r *http.Request) bool {
	if o.IgnoreProxied && proxied(r.Header) {
		return false
	}
	if len(o.AllowedSources) == 0 {
		return true
	}
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, p := range o.AllowedSources {
		if p.Contains(addr.Addr().Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

func proxied(h http.Header) bool {
	for _, name := range [...]string{"Forwarded", "X-Forwarded", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Prefix"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return false
}
