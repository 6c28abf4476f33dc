package filters

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// requestIDHeader as Go writes it, which is also how the eventlet server wrote it.
const requestIDHeader = "X-Openstack-Request-Id"

// RequestID gives every request an id of its own, in the context and in the answer's header. An id of the caller in the
// request's header is kept as the global request id when it has the form req-<uuid>, and ignored otherwise.
func RequestID() Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rc := neutron.FromContext(r.Context())
			if rc.RequestID == "" {
				rc.RequestID = "req-" + uuid.NewString()
			}
			if id := r.Header.Get(requestIDHeader); isRequestID(id) {
				rc.GlobalRequestID = id
			}
			w.Header()[requestIDHeader] = []string{rc.RequestID}
			next.ServeHTTP(w, r)
		})
	}
}

func isRequestID(s string) bool {
	if len(s) != len("req-")+36 || s[:4] != "req-" {
		return false
	}
	return uuid.Validate(s[4:]) == nil
}
