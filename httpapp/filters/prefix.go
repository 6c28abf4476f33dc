package filters

import (
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// PrefixOptions are the keys of a section that uses egg:PasteDeploy#prefix.
type PrefixOptions struct {
	// Prefix is where a proxy shows the application; it is taken off the path where the proxy leaves it there.
	Prefix string
	// TranslateForwarded believes X-Forwarded-Server, -Host, -For, -Scheme and -Proto.
	TranslateForwarded bool
	// ForcePort, when set, takes the place of the port in Host: a number, or empty for the scheme's default.
	ForcePort *string
	// Scheme, when set, is the scheme of every request.
	Scheme string
}

// Prefix makes an application believe that it stands under a prefix. Of the original it keeps that a path which only begins
// with the same letters loses them too (/neutronx under /neutron is /x), for proxies that pass paths so.
func Prefix(o PrefixOptions) Filter {
	prefix := strings.TrimRight(o.Prefix, "/")
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			path := strings.TrimPrefix(r.URL.Path, prefix)
			if path == "" {
				path = "/"
			}
			r.URL.Path, r.URL.RawPath = path, ""
			neutron.FromContext(r.Context()).ScriptName = prefix
			if o.TranslateForwarded {
				translateForwarded(r)
			}
			if o.ForcePort != nil {
				r.Host = withPort(r.Host, *o.ForcePort)
			}
			setScheme(r, o.Scheme)
			next.ServeHTTP(w, r)
		})
	}
}

// translateForwarded moves what a proxy says from headers into the fields of the request; the headers go, so that nobody
// behind reads them again.
func translateForwarded(r *http.Request) {
	for _, name := range []string{"X-Forwarded-Server", "X-Forwarded-Host"} {
		setForwarded(r, "host", take(r.Header, name))
	}
	setForwarded(r, "for", take(r.Header, "X-Forwarded-For"))
	if r.Header.Get("X-Forwarded-Scheme") != "" {
		setScheme(r, take(r.Header, "X-Forwarded-Scheme"))
		return
	}
	setScheme(r, take(r.Header, "X-Forwarded-Proto"))
}

// take returns the first of a header's comma-separated values, and removes the header.
func take(h http.Header, name string) string {
	value, _, _ := strings.Cut(h.Get(name), ",")
	h.Del(name)
	return strings.TrimSpace(value)
}

// withPort replaces the port of a host. A port of nothing is the default one, which nobody writes.
func withPort(host, port string) string {
	end := strings.LastIndexByte(host, ':')
	if end > strings.LastIndexByte(host, ']') {
		host = host[:end]
	}
	if port == "" {
		return host
	}
	return host + ":" + port
}
