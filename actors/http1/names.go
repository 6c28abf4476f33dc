package http1

import "net/textproto"

// special is a header that means something to whoever reads the request.
type special uint8

const (
	ordinary special = iota
	host
	contentLength
	transferEncoding
	expect
	connection
	trailer
	pragma
)

// known is a header that many send, by its name, which is then not made anew for each request.
type known struct {
	name    string
	special special
}

// knownNames has them as they are written: in their canonical form, and in lower case, as some send them.
var knownNames = func() map[string]known {
	all := make(map[string]known)
	for name, special := range map[string]special{
		"Host": host, "Content-Length": contentLength, "Transfer-Encoding": transferEncoding, "Expect": expect, "Connection": connection,
		"Trailer": trailer, "Pragma": pragma,
		"Accept": 0, "Accept-Encoding": 0, "Accept-Language": 0, "Access-Control-Request-Headers": 0, "Access-Control-Request-Method": 0,
		"Authorization": 0, "Cache-Control": 0, "Content-Encoding": 0, "Content-Type": 0, "Cookie": 0, "Forwarded": 0, "If-Match": 0,
		"If-None-Match": 0, "If-Modified-Since": 0, "Keep-Alive": 0, "Openstack-System-Scope": 0, "Origin": 0, "Referer": 0, "Te": 0,
		"Traceparent": 0, "Tracestate": 0, "Upgrade": 0, "User-Agent": 0, "Via": 0, "X-Auth-Token": 0, "X-Correlation-Id": 0,
		"X-Domain-Id": 0, "X-Domain-Name": 0, "X-Forwarded-For": 0, "X-Forwarded-Host": 0, "X-Forwarded-Port": 0, "X-Forwarded-Prefix": 0,
		"X-Forwarded-Proto": 0, "X-Identity-Status": 0, "X-Is-Admin-Project": 0, "X-Openstack-Request-Id": 0, "X-Project-Domain-Id": 0,
		"X-Project-Domain-Name": 0, "X-Project-Id": 0, "X-Project-Name": 0, "X-Real-Ip": 0, "X-Role": 0, "X-Roles": 0, "X-Service-Roles": 0,
		"X-Service-Token": 0, "X-Tenant-Id": 0, "X-Tenant-Name": 0, "X-User-Domain-Id": 0, "X-User-Domain-Name": 0, "X-User-Id": 0,
		"X-User-Name": 0,
	} {
		all[name] = known{name, special}
		all[string(lower([]byte(name)))] = known{name, special}
	}
	return all
}()

// lower changes p.
func lower(p []byte) []byte {
	for i, c := range p {
		if 'A' <= c && c <= 'Z' {
			p[i] = c + 'a' - 'A'
		}
	}
	return p
}

// longestKnown is longer than any of them.
const longestKnown = 40

// nameOf returns what is known of a name that has been read; an empty one for one that few send.
func nameOf(name []byte) known {
	if k, ok := knownNames[string(name)]; ok || len(name) >= longestKnown {
		return k
	}
	var folded [longestKnown]byte
	return knownNames[string(lower(append(folded[:0], name...)))]
}

// canonical is the form of a name that is not known.
func canonical(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }
