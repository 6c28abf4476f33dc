package filters

import (
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// fakeProjectID is the project of noauth requests that name none.
const fakeProjectID = "fake_project_id"

// FakeProjectID is the noauth pipeline's identity: everybody is admin, in project fake_project_id. A request that does
// send a project header runs without a project and must name one in what it creates, odd as that is (observed on 2026.1:
// 400 "Running without keystone AuthN requires that tenant_id is specified"). User and roles of the headers change
// nothing there; they are kept for the log.
func FakeProjectID() Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rc := neutron.FromContext(r.Context())
			rc.Known, rc.Admin = true, true
			rc.UserID = value(r.Header, "X-User-Id")
			rc.Roles = roles(value(r.Header, "X-Roles"))
			if value(r.Header, "X-Project-Id") == "" && value(r.Header, "X-Tenant-Id") == "" {
				rc.ProjectID = fakeProjectID
			}
			next.ServeHTTP(w, r)
		})
	}
}

// KeystoneContext takes the identity from the headers that a token filter in front of it has set. Without a user id the
// answer is a bare 401.
func KeystoneContext() Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rc, h := neutron.FromContext(r.Context()), r.Header
			if rc.UserID = h.Get("X-User-Id"); rc.UserID == "" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			rc.Known = true
			rc.UserName = h.Get("X-User-Name")
			rc.ProjectID, rc.ProjectName = first(h, "X-Project-Id", "X-Tenant-Id"), first(h, "X-Project-Name", "X-Tenant-Name")
			rc.DomainID, rc.UserDomainID, rc.ProjectDomainID = h.Get("X-Domain-Id"), h.Get("X-User-Domain-Id"), h.Get("X-Project-Domain-Id")
			rc.Roles = roles(h.Get("X-Roles"))
			for _, role := range rc.Roles {
				rc.Admin = rc.Admin || strings.EqualFold(role, "admin")
			}
			next.ServeHTTP(w, r)
		})
	}
}

func first(h http.Header, names ...string) string {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// value is Header.Get for a name that is in its canonical form.
func value(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// roles splits X-Roles at commas and strips blanks.
func roles(header string) []string {
	if header == "" {
		return nil
	}
	out := strings.Split(header, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}
