package authtoken

import (
	"net/http"
	"net/textproto"
	"strings"
)

// Headers that this filter and the next ones speak by, in canonical form.
const (
	userTokenHeader     = "X-Auth-Token"
	storageTokenHeader  = "X-Storage-Token"
	serviceTokenHeader  = "X-Service-Token"
	userStatusHeader    = "X-Identity-Status"
	serviceStatusHeader = "X-Service-Identity-Status"
	catalogHeader       = "X-Service-Catalog"
	systemScopeHeader   = "Openstack-System-Scope"
)

// confirmed and invalid are the values of the status headers; a slice that is shared must have no room to append to.
func confirmed() []string { return []string{"Confirmed"} }
func invalid() []string   { return []string{"Invalid"} }

// identityHeader tells whether a header, in canonical form, says who somebody is: only Keystone's word may stand there. The
// original lets OpenStack-System-Scope of a client pass where delay_auth_decision is on.
func identityHeader(name string) bool {
	switch name {
	case catalogHeader, userStatusHeader, serviceStatusHeader, systemScopeHeader, "X-Is-Admin-Project",
		"X-Role", "X-User", "X-Tenant-Id", "X-Tenant-Name", "X-Tenant",
		"X-Domain-Id", "X-Domain-Name", "X-Project-Id", "X-Project-Name", "X-Project-Domain-Id", "X-Project-Domain-Name",
		"X-User-Id", "X-User-Name", "X-User-Domain-Id", "X-User-Domain-Name", "X-Roles",
		"X-Service-Domain-Id", "X-Service-Domain-Name", "X-Service-Project-Id", "X-Service-Project-Name",
		"X-Service-Project-Domain-Id", "X-Service-Project-Domain-Name", "X-Service-User-Id", "X-Service-User-Name",
		"X-Service-User-Domain-Id", "X-Service-User-Domain-Name", "X-Service-Roles":
		return true
	}
	return false
}

// removeIdentity takes what a client says about itself out of a request, in every spelling that somebody behind this
// filter could take for the header: a gateway makes one name of X_Roles and x-roles.
func removeIdentity(h http.Header) {
	for name := range h {
		if (name[:min(len(name), 1)] == "X" || name == systemScopeHeader) && identityHeader(name) || odd(name) && identityHeader(plain(name)) {
			delete(h, name)
		}
	}
}

// odd tells whether a name is not as net/http's readers leave it.
func odd(name string) bool {
	return strings.IndexByte(name, '_') >= 0 || textproto.CanonicalMIMEHeaderKey(name) != name
}

func plain(name string) string {
	return textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-"))
}

// field is a header to be set. Its value is shared by all requests of an identity.
type field struct {
	name  string
	value []string
}

func setAll(h http.Header, fields []field) {
	for i := range fields {
		h[fields[i].name] = fields[i].value
	}
}

func value(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}
