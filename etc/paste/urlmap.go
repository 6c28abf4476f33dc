package paste

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// parseMount reads the key of a urlmap: a path, or "domain d [port p] [path]".
func parseMount(key string) (Mount, error) {
	var m Mount
	words := strings.Fields(key)
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		into, what := &m.Path, "path"
		if word == "domain" || word == "port" {
			if len(words) == 0 {
				return m, fmt.Errorf("mount %q: nothing follows %q", key, word)
			}
			into, what = &m.Domain, word
			if word == "port" {
				into = &m.Port
			}
			word, words = words[0], words[1:]
		}
		if *into != "" {
			return m, fmt.Errorf("mount %q: %s is given twice: %q and %q", key, what, *into, word)
		}
		*into = word
	}
	return m, m.normalise(key)
}

// normalise checks what was read and brings it to the form that requests are
// compared with.
func (m *Mount) normalise(key string) error {
	if m.Path != "" && m.Path[0] != '/' && m.Domain == "" {
		return fmt.Errorf("mount %q: a path starts with /", key)
	}
	if m.Port != "" && m.Domain == "" {
		return fmt.Errorf("mount %q: a port needs a domain", key)
	}
	if n, err := strconv.ParseUint(m.Port, 10, 16); m.Port != "" && (err != nil || n == 0) {
		return fmt.Errorf("mount %q: port %q is not a number from 1 to 65535", key, m.Port)
	}
	m.Domain = strings.ToLower(m.Domain)
	m.Path = "/" + strings.Join(strings.FieldsFunc(m.Path, func(r rune) bool { return r == '/' }), "/")
	m.Path = strings.TrimSuffix(m.Path, "/")
	return nil
}

// tryOrder sorts mounts as requests try them: those of a domain first, and one
// with a port behind the same one without; then the longest path.
func tryOrder(a, b Mount) int {
	return cmp.Or(
		-cmp.Compare(min(len(a.Domain), 1), min(len(b.Domain), 1)),
		cmp.Compare(a.host(), b.host()),
		-cmp.Compare(len(a.Path), len(b.Path)),
		cmp.Compare(a.Path, b.Path),
	)
}

// host is the Domain with the Port, as in a Host header.
func (m Mount) host() string {
	if m.Port == "" {
		return m.Domain
	}
	return m.Domain + ":" + m.Port
}
