package api

import "net/http"

// BaseURL returns scheme and host of a request as its client spelled them: X-Forwarded-Proto counts even without the
// http_proxy_to_wsgi filter (observed; other values than http and https do not, they would end up in links).
func BaseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	if r.URL.Scheme != "" {
		scheme = r.URL.Scheme
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto == "http" || proto == "https" {
		scheme = proto
	}
	return scheme + "://" + r.Host
}
