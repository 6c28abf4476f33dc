package filters

import (
	"encoding/hex"
	"math/rand/v2"
	"net/http"

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
				rc.RequestID = newRequestID()
			}
			if id := r.Header[requestIDHeader]; len(id) > 0 && isRequestID(id[0]) {
				rc.GlobalRequestID = id[0]
			}
			w.Header()[requestIDHeader] = []string{rc.RequestID}
			next.ServeHTTP(w, r)
		})
	}
}

// newRequestID makes "req-" and a random UUID. An id is no secret, only unlike any other: the runtime's generator, which
// every process seeds from the system, is enough, and asks the system for nothing.
func newRequestID() string {
	var id [16]byte
	for i := range 2 {
		n := rand.Uint64()
		for j := range 8 {
			id[8*i+j] = byte(n >> (8 * j))
		}
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, variant of RFC 9562
	var text [40]byte
	copy(text[:], "req-")
	text[12], text[17], text[22], text[27] = '-', '-', '-', '-'
	hex.Encode(text[4:], id[:4])
	hex.Encode(text[13:], id[4:6])
	hex.Encode(text[18:], id[6:8])
	hex.Encode(text[23:], id[8:10])
	hex.Encode(text[28:], id[10:])
	return string(text[:])
}

// isRequestID wants lower case, as the original does.
func isRequestID(s string) bool {
	if len(s) != len("req-")+36 || s[:4] != "req-" {
		return false
	}
	for i, c := range []byte(s[4:]) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
