package filters

import (
	"net/http"

	"github.com/google/uuid"
)

// CorrelationID sees to it that every request has an X-Correlation-Id header: the client's own, or a new UUID.
func CorrelationID() Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Correlation-Id") == "" {
				r.Header.Set("X-Correlation-Id", uuid.NewString())
			}
			next.ServeHTTP(w, r)
		})
	}
}
