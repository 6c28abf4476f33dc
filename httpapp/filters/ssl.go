package filters

import "net/http"

// SSL takes the scheme from the header that a proxy in front of the server sets where it has ended TLS. It has no switch:
// whoever puts it into a pipeline trusts every client that reaches the server. Only http and https count.
func SSL(header string) Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			setScheme(r, r.Header.Get(header))
			next.ServeHTTP(w, r)
		})
	}
}
