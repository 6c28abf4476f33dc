package conf

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// URI accepts an absolute URI of RFC 3986 that has a scheme and a host. The scheme is compared as it is written. What is wrong is
// said in the words of Python's library rfc3986, which shows what it has made of the text.
type URI struct {
	Schemes   []string // nil: any
	MaxLength int      // in characters; 0 is without limit
}

// Parse implements Type.
func (t URI) Parse(text string) (any, error) {
	if err := splitURI(text).check(t.Schemes); err != nil {
		return nil, err
	}
	if t.MaxLength > 0 && utf8.RuneCountInString(text) > t.MaxLength {
		return nil, tooLong(text, t.MaxLength)
	}
	return text, nil
}

// String implements Type.
func (URI) String() string { return "URI" }

// uriParts has the components with the names of RFC 3986; those that are not there are nil.
type uriParts struct{ scheme, authority, path, query, fragment *string }

const (
	unreserved = `A-Za-z0-9._~\-`
	subDelims  = `!$&'()*+,;=`
	escaped    = `%[0-9A-Fa-f]{2}`
	hex4       = `[0-9A-Fa-f]{1,4}`
	ipv4       = `(?:[0-9]{1,3}\.){3}[0-9]{1,3}`
	ls32       = `(?:` + hex4 + `:` + hex4 + `|` + ipv4 + `)`
	group      = `(?:` + hex4 + `:)`
	ipv6       = `(?:` + group + `{6}` + ls32 + `|::` + group + `{5}` + ls32 + `|(?:` + hex4 + `)?::` + group + `{4}` + ls32 +
		`|(?:` + group + `{0,1}` + hex4 + `)?::` + group + `{3}` + ls32 + `|(?:` + group + `{0,2}` + hex4 + `)?::` + group + `{2}` + ls32 +
		`|(?:` + group + `{0,3}` + hex4 + `)?::` + group + ls32 + `|(?:` + group + `{0,4}` + hex4 + `)?::` + ls32 +
		`|(?:` + group + `{0,5}` + hex4 + `)?::` + hex4 + `|(?:` + group + `{0,6}` + hex4 + `)?::)`
	zone    = `(?:[` + unreserved + `]|` + escaped + `)+`
	literal = `\[(?:` + ipv6 + `(?:(?:%25|%)` + zone + `)?|v[0-9A-Fa-f]+\.[` + unreserved + subDelims + `:]+)\]`
)

var (
	uriSplit  = regexp.MustCompile(`^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^\\/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?`)
	authority = regexp.MustCompile(`^(?:(?:[` + unreserved + subDelims + `:]|` + escaped + `)+@)?` +
		`((?:` + escaped + `|[` + subDelims + unreserved + `])*|` + literal + `):?(?:[0-9]{1,5})?$`)
	fourNumbers = regexp.MustCompile(`^` + ipv4 + `$`)
	bareZone    = regexp.MustCompile(`^\[` + ipv6 + `%` + zone + `\]$`) // without the escape of RFC 6874
	properZone  = regexp.MustCompile(`^\[` + ipv6 + `(?:%25` + zone + `)?\]$`)
	escape      = regexp.MustCompile(escaped)
)

func splitURI(text string) uriParts {
	at := uriSplit.FindStringSubmatchIndex(text)
	part := func(n int) *string {
		if at[2*n] < 0 {
			return nil
		}
		s := text[at[2*n]:at[2*n+1]]
		return &s
	}
	filled := func(s *string) *string { // for the library an empty one is none
		if s == nil || *s == "" {
			return nil
		}
		return s
	}
	return uriParts{filled(part(1)), filled(part(2)), filled(escapeURI(part(3))), escapeURI(part(4)), escapeURI(part(5))}
}

// escapeURI escapes what may not stand in a URI. Percent signs stay if all of them begin an escape.
func escapeURI(s *string) *string {
	if s == nil {
		return nil
	}
	keep := len(escape.FindAllString(*s, -1)) == strings.Count(*s, "%")
	var out strings.Builder
	for _, c := range []byte(*s) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if letter || c >= '0' && c <= '9' || c < 0x80 && strings.IndexByte(`._!-~:/?#[]@$&'()*+,;=`, c) >= 0 || c == '%' && keep {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	text := out.String()
	return &text
}

// host returns the host, if the authority is one.
func (u uriParts) host() (string, bool) {
	if u.authority == nil {
		return "", false
	}
	a := authority.FindStringSubmatch(strings.TrimSuffix(*u.authority, "\n")) // Python's $ matches before it, too
	if a == nil || fourNumbers.MatchString(a[1]) && !validFourNumbers(a[1]) {
		return "", false
	}
	return a[1], true
}

func validFourNumbers(host string) bool {
	return !slices.ContainsFunc(strings.Split(host, "."), func(n string) bool { return len(n) == 3 && n > "255" })
}

func (u uriParts) check(schemes []string) error {
	host, ok := u.host()
	var missing, invalid []string
	if !ok {
		missing = append(missing, "host")
	}
	if u.scheme == nil {
		missing = append(missing, "scheme")
	}
	if missing != nil {
		return u.lacks(missing, "required but missing")
	}
	if bareZone.MatchString(host) && !properZone.MatchString(host) {
		invalid = append(invalid, "host")
	}
	if u.path != nil && strings.ContainsAny(*u.path, "[]") {
		invalid = append(invalid, "path")
	}
	if invalid != nil {
		return u.lacks(invalid, "found to be invalid")
	}
	if schemes != nil && !slices.Contains(schemes, *u.scheme) {
		sorted := slices.Sorted(slices.Values(schemes))
		set := "{" + strings.Trim(pyList(sorted), "[]") + "}"
		complaint := fmt.Sprintf("scheme was required to be one of %s but was %s", pyList(sorted), pyRepr(*u.scheme))
		return fmt.Errorf("(%s, 'scheme', %s, %s)", pyRepr(complaint), pyRepr(*u.scheme), set)
	}
	return nil
}

func (u uriParts) lacks(names []string, what string) error {
	verb := "was"
	if len(names) > 1 {
		verb = "were"
	}
	return errors.New("(" + pyRepr(fmt.Sprintf("%s %s %s", strings.Join(names, ", "), verb, what)) + ", " + u.String() + ", " + pyList(names) + ")")
}

// String shows the parts as Python shows a named tuple, but no password.
func (u uriParts) String() string {
	show := func(s *string) string {
		if s == nil {
			return "None"
		}
		return pyRepr(*s)
	}
	return fmt.Sprintf("URIReference(scheme=%s, authority=%s, path=%s, query=%s, fragment=%s)",
		show(u.scheme), show(maskAuthority(u.authority)), show(u.path), show(u.query), show(u.fragment))
}

func maskAuthority(authority *string) *string {
	if authority == nil {
		return nil
	}
	name, _, hasPassword := strings.Cut(*authority, ":")
	at := strings.LastIndexByte(*authority, '@')
	if !hasPassword || at < len(name) {
		return authority
	}
	text := name + ":" + masked + (*authority)[at:]
	return &text
}
