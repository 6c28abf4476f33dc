package paste

import (
	"net/url"
	"path/filepath"
	"strings"
)

// prefixes lists the section prefixes that can answer for a role. Within a
// group the first spelling found hides the others; two groups are ambiguous.
func prefixes(want role) [][]string {
	if want == wantFilter {
		return [][]string{{"filter"}}
	}
	return [][]string{{"app", "application"}, {"composite", "composit"}, {"pipeline"}, {"filter-app"}}
}

// find picks the section that a target names.
func (l *loader) find(t target) (*section, error) {
	var found []*section
	var tried []string
	for _, group := range prefixes(t.role) {
		tried = append(tried, group...)
		for _, prefix := range group {
			if hits := l.sections(prefix, t); len(hits) > 0 {
				found = append(found, hits...)
				break
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, t.fail("no section %q (prefixed by %s) found in %s",
			mainName(t.name), strings.Join(tried, ", "), l.file.name)
	}
	return nil, t.fail("%q is ambiguous: it can be %s", mainName(t.name), places(found))
}

// sections lists those with a prefix and a name. When no name is asked for,
// the bare prefix counts as well as the name main.
func (l *loader) sections(prefix string, t target) []*section {
	var found []*section
	for _, sec := range l.file.sections {
		rest, ok := strings.CutPrefix(sec.name, prefix)
		name, named := strings.CutPrefix(rest, ":")
		bare := rest == "" && t.unnamed
		if ok && (bare || named && strings.TrimSpace(name) == mainName(t.name)) {
			found = append(found, sec)
		}
	}
	return found
}

func mainName(name string) string {
	if name == "" {
		return "main"
	}
	return name
}

func places(found []*section) string {
	texts := make([]string, len(found))
	for i, sec := range found {
		texts[i] = "[" + sec.name + "] (" + sec.pos.String() + ")"
	}
	return strings.Join(texts, " or ")
}

// fromURI answers what "egg:", "call:" and "config:" stand for.
func (l *loader) fromURI(t target, scheme, spec string) (*object, error) {
	if strings.EqualFold(scheme, "config") {
		return l.include(t, spec)
	}
	path, ok := uriPath(scheme, spec)
	if !ok {
		return nil, t.fail("scheme %q of %q is not known (known: call, config, egg)", scheme, t.name)
	}
	if !strings.Contains(path, ":") {
		return nil, t.fail("%q is not of the form call:module:function", t.name)
	}
	return l.newLeaf(t, path), nil
}

// uriPath answers the factory path of an "egg:" or "call:" URI. An egg's entry
// point is called main unless the URI says otherwise; a call has none.
func uriPath(scheme, spec string) (path string, ok bool) {
	spec, entry, _ := strings.Cut(spec, "#")
	switch strings.ToLower(scheme) {
	case "egg":
		return "egg:" + spec + "#" + mainName(entry), true
	case "call":
		return spec, true
	}
	return "", false
}

// include looks the target up in another file, below whose [DEFAULT] lie our
// global values.
func (l *loader) include(t target, spec string) (*object, error) {
	spec, name, named := strings.Cut(spec, "#")
	if !named {
		name = mainName("")
	}
	path, err := url.PathUnescape(spec)
	if err != nil {
		return nil, t.fail("path of %q: %v", t.name, err)
	}
	if l.options.ReadFile == nil {
		return nil, t.fail("%q names another file, and none can be read here", t.name)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(l.path), path)
	}
	path = filepath.Clean(path)
	data, err := l.options.ReadFile(path)
	if err != nil {
		return nil, t.fail("include %q: %v", t.name, err)
	}
	other, err := l.open(source{name: path, path: path, data: data}, t.global)
	if err != nil {
		return nil, err
	}
	t.name = name
	return other.object(t)
}
