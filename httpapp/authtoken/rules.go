package authtoken

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// accessRule is what an application credential may be used for.
type accessRule struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Service string `json:"service"`
}

// rules are those of a token. The zero value restricts nothing; without a single rule nothing is allowed.
type rules struct {
	restricted bool
	allowed    []allowed
}

type allowed struct {
	method, service string
	path            *regexp.Regexp
}

func (a *answer) rules() (rules, error) {
	c := a.Token.Credential
	if c == nil || c.AccessRules == nil {
		return rules{}, nil
	}
	r := rules{restricted: true}
	for _, rule := range *c.AccessRules {
		path, err := pathPattern(rule.Path)
		if err != nil {
			return rules{}, errors.New("a path in the access rules of the token cannot be read")
		}
		r.allowed = append(r.allowed, allowed{rule.Method, rule.Service, path})
	}
	return r, nil
}

// pathPattern reads the path of a rule: {anything} and * stand for one segment, ** for any rest. Everything else stands for
// itself, where the original takes what is left for a regular expression, in which a dot is any character.
func pathPattern(path string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`\A`)
	for path != "" {
		switch {
		case strings.HasPrefix(path, "**"):
			b.WriteString(".*")
			path = path[2:]
		case path[0] == '*':
			b.WriteString("[^/]+")
			path = path[1:]
		case path[0] == '{' && strings.IndexByte(path, '}') > 0:
			b.WriteString("[^/]+")
			path = path[strings.IndexByte(path, '}')+1:]
		default:
			next := 1 + strings.IndexAny(path[1:], "*{")
			if next == 0 {
				next = len(path)
			}
			b.WriteString(regexp.QuoteMeta(path[:next]))
			path = path[next:]
		}
	}
	return regexp.Compile(b.String() + `\z`)
}

// allow tells whether a token may be used for a request to a service of that type. A service that passes a request on by a
// token of its own may do more than the user's rules say: what it asks for is not what the user has asked for.
func (r *rules) allow(q *http.Request, serviceType string, passed bool) bool {
	if !r.restricted {
		return true
	}
	if serviceType == "" {
		return false
	}
	if passed {
		return true
	}
	path := requestPath(q)
	for _, a := range r.allowed {
		if a.method == q.Method && a.service == serviceType && a.path.MatchString(path) {
			return true
		}
	}
	return false
}

// requestPath is the whole path of a request's URL, mount points included, in quoted form.
func requestPath(q *http.Request) string {
	path := q.URL.Path
	if rc := neutron.FromContext(q.Context()); rc != nil {
		path = rc.ScriptName + path
	}
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; pathSafe(c) {
			b.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
		}
	}
	return b.String()
}

func pathSafe(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._/~!$&'()*+,;=:@", c) >= 0
}

// The values of enforce_token_bind; any other is the name of a method that tokens must be bound by.
const (
	bindDisabled   = "disabled"
	bindPermissive = "permissive"
	bindStrict     = "strict"
	bindRequired   = "required"
)

// bound tells whether a token's binding lets it be used. Nothing in front of this server can prove who is at the other
// end of a connection, so that a token that is bound to a Kerberos principal is nobody's.
func bound(mode string, bind map[string]any) bool {
	if mode == bindDisabled {
		return true
	}
	lenient := mode == bindPermissive || mode == bindStrict
	if len(bind) == 0 {
		return lenient
	}
	if _, has := bind[mode]; !lenient && mode != bindRequired && !has {
		return false
	}
	for method := range bind {
		if method == "kerberos" || mode != bindPermissive {
			return false
		}
	}
	return true
}
