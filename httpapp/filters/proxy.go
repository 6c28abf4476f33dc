package filters

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// HTTPProxy takes scheme, host, prefix and client address from the headers of a proxy: Forwarded (its first element), or
// else X-Forwarded-Proto, -Host, -For; X-Forwarded-Prefix in any case. It does so only when enabled
// ([oslo_middleware] enable_proxy_headers_parsing), because any client can send them.
func HTTPProxy(enabled bool) Filter {
	return func(next http.Handler) http.Handler {
		if !enabled {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			applyProxy(r)
			next.ServeHTTP(w, r)
		})
	}
}

func applyProxy(r *http.Request) {
	if f := r.Header.Get("Forwarded"); f != "" {
		element, _, _ := strings.Cut(f, ",")
		for pair := range strings.SplitSeq(element, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			setForwarded(r, strings.ToLower(name), strings.Trim(value, `"`))
		}
	} else {
		setForwarded(r, "proto", r.Header.Get("X-Forwarded-Proto"))
		setForwarded(r, "host", r.Header.Get("X-Forwarded-Host"))
		client, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
		setForwarded(r, "for", strings.TrimSpace(client))
	}
	if prefix := strings.TrimRight(r.Header.Get("X-Forwarded-Prefix"), "/"); prefix != "" {
		rc := neutron.FromContext(r.Context())
		rc.ScriptName = prefix + rc.ScriptName
	}
}

// setForwarded writes what a proxy says into the fields that http.Request has for it: URL.Scheme and Host are where the
// API looks when it makes links.
func setForwarded(r *http.Request, name, value string) {
	if value == "" {
		return
	}
	switch name {
	case "proto":
		setScheme(r, value)
	case "host":
		r.Host = value
	case "for":
		r.RemoteAddr = clientAddr(value, r.RemoteAddr)
	}
}

// setScheme takes http and https only: the scheme ends up in links.
func setScheme(r *http.Request, scheme string) {
	switch {
	case strings.EqualFold(scheme, "http"):
		r.URL.Scheme = "http"
	case strings.EqualFold(scheme, "https"):
		r.URL.Scheme = "https"
	}
}

// clientAddr reads the node of a Forwarded element or of X-Forwarded-For: an address, with a port or without, IPv6 in
// brackets where a port follows. Anything else, such as "unknown", tells no address, and the former one stays.
func clientAddr(node, former string) string {
	if at, err := netip.ParseAddrPort(node); err == nil {
		return at.String()
	}
	addr, err := netip.ParseAddr(strings.Trim(node, "[]"))
	if err != nil {
		return former
	}
	_, port, err := net.SplitHostPort(former)
	if err != nil {
		port = "0"
	}
	return net.JoinHostPort(addr.String(), port)
}
