package filters

import (
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// fakeProjectID is the project of noauth requests that name none.
const fakeProjectID = "fake_project_id"

// FakeProjectID is the noauth pipeline's identity: everybody is admin, in project fake_project_id. A request that does
// send a project header runs without a project and must name one in what it creates, odd as that is (observed on 2026.1:
// 400 "Running without keystone AuthN requires that tenant_id is specified"), and has no other role than an
// administrator's; without one the roles of the headers are there, too.
func FakeProjectID() Filter {
	admin := neutron.AdminRoles()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rc := neutron.FromContext(r.Context())
			rc.Known, rc.Admin, rc.Service = true, true, true
			rc.UserID = value(r.Header, "X-User-Id")
			rc.Roles = admin
			if value(r.Header, "X-Project-Id") == "" && value(r.Header, "X-Tenant-Id") == "" {
				rc.ProjectID = fakeProjectID
				if more := roles(value(r.Header, "X-Roles")); more != nil {
					rc.Roles = append(more, admin...)
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// KeystoneContext takes the identity from the headers that a token filter in front of it has set. identify says what the
// rules make of the roles; where they cannot, the answer is 500, and why is for identify to log. Without a user id the answer is WebOb's 401.
func KeystoneContext(identify func(*neutron.Context) error) Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rc := neutron.FromContext(r.Context())
			fromHeaders(rc, r.Header)
			if rc.UserID == "" {
				unauthorized.Send(w, r, "text/html")
				return
			}
			rc.Known = true
			if identify(rc) != nil {
				failed.Send(w, r, "text/html")
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// unauthorized is WebOb's HTTPUnauthorized.
var unauthorized = wire.Page{Status: http.StatusUnauthorized, Title: "Unauthorized", Explanation: "This server could not verify that " +
	"you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or " +
	"your browser does not understand how to supply the credentials required."}

// failed is WebOb's HTTPInternalServerError.
var failed = wire.Page{Status: http.StatusInternalServerError, Title: "Internal Server Error", Explanation: "The server has either erred or is " +
	"incapable of performing the requested operation."}

// fromHeaders fills in who is asking, and which service passed the request on.
func fromHeaders(rc *neutron.Context, h http.Header) {
	rc.UserID, rc.UserName = first(h, "X-User-Id", "X-User"), value(h, "X-User-Name")
	rc.ProjectID, rc.ProjectName = first(h, "X-Project-Id", "X-Tenant-Id", "X-Tenant"), first(h, "X-Project-Name", "X-Tenant-Name")
	rc.DomainID, rc.SystemScope = value(h, "X-Domain-Id"), value(h, "Openstack-System-Scope")
	rc.UserDomainID, rc.ProjectDomainID = value(h, "X-User-Domain-Id"), value(h, "X-Project-Domain-Id")
	rc.Roles = roles(first(h, "X-Roles", "X-Role"))
	rc.By = passing(h)
	admin, ok := h["X-Is-Admin-Project"]
	rc.NotAdminProject = ok && !strings.EqualFold(admin[0], "true")
}

// passing is the service that the headers name, nil for none.
func passing(h http.Header) *neutron.Passing {
	p := neutron.Passing{
		Roles:  roles(value(h, "X-Service-Roles")),
		UserID: value(h, "X-Service-User-Id"), UserDomainID: value(h, "X-Service-User-Domain-Id"),
		ProjectID: value(h, "X-Service-Project-Id"), ProjectDomainID: value(h, "X-Service-Project-Domain-Id"),
	}
	if p.Roles == nil && p.UserID == "" && p.UserDomainID == "" && p.ProjectID == "" && p.ProjectDomainID == "" {
		return nil
	}
	return &p
}

func first(h http.Header, names ...string) string {
	for _, name := range names {
		if v := value(h, name); v != "" {
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
