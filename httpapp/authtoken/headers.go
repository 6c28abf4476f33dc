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

// confirmed is the value of the status headers of an identity.
func confirmed() []string { return []string{"Confirmed"} }

// nobodyUser and nobodyService are the headers of a request whose tokens are nobody's.
func nobodyUser() []field    { return []field{{userStatusHeader, []string{"Invalid"}}} }
func nobodyService() []field { return []field{{serviceStatusHeader, []string{"Invalid"}}} }

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

// with is a header with more fields. It is a new map of the right size: putting as many into one that grows takes longer.
func with(h http.Header, user, service []field) http.Header {
	all := make(http.Header, len(h)+len(user)+len(service))
	for name, values := range h {
		all[name] = values
	}
	for i := range user {
		all[user[i].name] = user[i].value
	}
	for i := range service {
		all[service[i].name] = service[i].value
	}
	return all
}

func value(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}
