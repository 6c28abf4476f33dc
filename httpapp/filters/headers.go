package filters

import (
	"net/http"
	"slices"
	"strings"
)

// DropUnderscores takes headers with an underscore in their name out of the request: X_Auth_Token is not X-Auth-Token, and
// whatever stands between a proxy and a filter must not be able to take it for that.
func DropUnderscores(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.IndexByte(name, '_') >= 0 {
				delete(r.Header, name)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// maxShown bounds, in bytes, what one record says of a request's or an answer's header.
const maxShown = 8 << 10

// RequestText is a request's first line and header for a log, secrets masked, one header a line in the order of names.
func RequestText(r *http.Request) string {
	var b strings.Builder
	b.WriteString(r.Method + " " + r.RequestURI + " " + r.Proto + "\nHost: " + r.Host)
	writeHeader(&b, r.Header)
	return bounded(b.String())
}

func writeHeader(b *strings.Builder, h http.Header) {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range h[name] {
			if secret(name) {
				value = "*****"
			}
			b.WriteString("\n" + name + ": " + value)
		}
	}
}

// secret tells whether a header's value is nobody's business: tokens of any kind, credentials, cookies. The original masks
// X-*-Token only.
func secret(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "x-") && strings.HasSuffix(name, "-token") || strings.HasSuffix(name, "authorization") ||
		strings.HasSuffix(name, "cookie") || strings.Contains(name, "secret") || strings.Contains(name, "password") ||
		name == "x-service-catalog"
}

func bounded(text string) string {
	if len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + "..."
	}
	return text
}
