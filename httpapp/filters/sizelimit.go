package filters

import "net/http"

// SizeLimit refuses bodies of more than limit bytes with 413, and stops reading bodies of unknown length there.
func SizeLimit(limit int64) Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > limit {
				writeTooLarge(w)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			next.ServeHTTP(w, r)
		})
	}
}

// writeTooLarge answers 413 and has the connection closed, because the body is still on its way.
func writeTooLarge(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(http.StatusRequestEntityTooLarge)
	_, _ = w.Write([]byte(`{"NeutronError": {"type": "HTTPRequestEntityTooLarge", "message": "Request is too large.", "detail": ""}}`))
}
