package filters

import (
	"fmt"
	"html"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// HealthcheckOptions are the options of the healthcheck application, from its paste section or from [healthcheck].
type HealthcheckOptions struct {
	// Path is where the filter form answers; the application form answers wherever it is mounted.
	Path string
	// DisableByFile answers 503 while that file exists: touching it is how an operator drains a server behind a load
	// balancer. Empty: never.
	DisableByFile string
	// Detailed adds the class and details of each result.
	Detailed bool
	// AllowedSources are the networks that may ask; empty for everybody.
	AllowedSources []netip.Prefix
	// IgnoreProxied answers 404 to requests that came through a proxy.
	IgnoreProxied bool
	// Ready, when set, is asked too: an error's text is a reason for 503.
	Ready func() error
}

// ParseHealthcheckBackends checks the names of the backends option and says whether disable_by_file is among them.
func ParseHealthcheckBackends(names []string) (disableByFile bool, err error) {
	for _, name := range names {
		switch name {
		case "":
		case "disable_by_file":
			disableByFile = true
		default:
			return false, fmt.Errorf("healthcheck backend %q is not built in (known: disable_by_file)", name)
		}
	}
	return disableByFile, nil
}

// Healthcheck is the application: 200 OK, or 503 with the reasons.
func Healthcheck(o HealthcheckOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !o.mayAsk(r) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		reasons, ok := o.check()
		status := http.StatusOK
		if !ok {
			status = http.StatusServiceUnavailable
		}
		switch r.Method {
		case http.MethodHead:
			if ok {
				status = http.StatusNoContent
			}
			w.WriteHeader(status)
		case http.MethodGet:
			o.answer(w, r, status, reasons)
		default:
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

// HealthcheckFilter answers at o.Path and passes everything else on.
func HealthcheckFilter(o HealthcheckOptions) Filter {
	app := Healthcheck(o)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == o.Path {
				app.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func (o *HealthcheckOptions) mayAsk(r *http.Request) bool {
	if o.IgnoreProxied && (r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != "") {
		return false
	}
	if len(o.AllowedSources) == 0 {
		return true
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range o.AllowedSources {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

func (o *HealthcheckOptions) check() (reasons []string, ok bool) {
	ok = true
	if o.DisableByFile != "" {
		if _, err := os.Stat(o.DisableByFile); err == nil {
			reasons, ok = append(reasons, "DISABLED BY FILE"), false
		} else {
			reasons = append(reasons, "OK")
		}
	}
	if o.Ready != nil {
		if err := o.Ready(); err != nil {
			reasons, ok = append(reasons, err.Error()), false
		}
	}
	if len(reasons) == 0 {
		reasons = []string{"OK"}
	}
	return reasons, ok
}

// answer writes text, HTML or JSON, whichever the client accepts first.
func (o *HealthcheckOptions) answer(w http.ResponseWriter, r *http.Request, status int, reasons []string) {
	kind, body := "text/plain; charset=UTF-8", strings.Join(reasons, "\n")
	switch wanted(r.Header.Get("Accept")) {
	case "application/json":
		var buf wire.Buffer
		buf.Spaced = true
		buf.Open('{')
		buf.Key(0, "detailed")
		buf.Bool(o.Detailed)
		buf.Key(1, "reasons")
		buf.Strings(reasons)
		buf.Close('}')
		kind, body = "application/json", string(buf.B)
	case "text/html":
		kind = "text/html; charset=UTF-8"
		body = "<HTML><HEAD><TITLE>Healthcheck Status</TITLE></HEAD><BODY><H2>Result of " +
			fmt.Sprint(len(reasons)) + " checks:</H2><P>" + html.EscapeString(body) + "</P></BODY></HTML>"
	}
	w.Header()["Content-Type"] = []string{kind}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the client has gone: nobody is left to tell
}

// wanted is the first media type of an Accept header that the healthcheck can answer in.
func wanted(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch kind {
		case "application/json", "text/html", "text/plain":
			return kind
		}
	}
	return "text/plain"
}
