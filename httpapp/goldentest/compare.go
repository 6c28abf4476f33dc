package goldentest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// comparison holds an answer against a recording.
type comparison struct {
	vars     variables
	volatile []string
	ordered  bool
}

const uuidPattern = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

// shapes replace what differs from run to run. Request ids come before the UUIDs they contain.
var shapes = []struct {
	pattern *regexp.Regexp
	shape   string
}{
	{regexp.MustCompile(`(Callback [\w.]+?)-\d+`), "$1-<n>"},
	{regexp.MustCompile(`req-` + uuidPattern), "<req>"},
	{regexp.MustCompile(uuidPattern), "<uuid>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?`), "<ts>"},
	{regexp.MustCompile(`fa:16:3e(:[0-9a-f]{2}){3}`), "<mac>"},
}

// Python prints sets in any order.
var pythonSet = regexp.MustCompile(`\{('[^'{}:]*'(?:, '[^'{}:]*')*)\}`)

func shapeOf(s string) string {
	s = pythonSet.ReplaceAllStringFunc(s, func(set string) string {
		items := strings.Split(set[1:len(set)-1], ", ")
		slices.Sort(items)
		return "{" + strings.Join(items, ", ") + "}"
	})
	for _, r := range shapes {
		s = r.pattern.ReplaceAllString(s, r.shape)
	}
	return s
}

// diff returns "" when got is as want says, else where and how it is not.
func (c *comparison) diff(path string, want, got any) string {
	if slices.Contains(c.volatile, path) {
		return volatileDiff(path, want, got)
	}
	if s, ok := want.(string); ok && strings.Contains(s, "${") {
		return c.textDiff(path, s, got)
	}
	if typeOf(want) != typeOf(got) {
		return fmt.Sprintf("%s: got %s %.80s, want %s %.80s", path, typeOf(got), compact(got), typeOf(want), compact(want))
	}
	switch want := want.(type) {
	case string:
		if shapeOf(want) != shapeOf(got.(string)) {
			return fmt.Sprintf("%s: got %q, want %q", path, got, want)
		}
	case map[string]any:
		return c.objectDiff(path, want, got.(map[string]any))
	case []any:
		return c.listDiff(path, want, got.([]any))
	default:
		if want != got {
			return fmt.Sprintf("%s: got %v, want %v", path, got, want)
		}
	}
	return ""
}

func volatileDiff(path string, want, got any) string {
	switch want.(type) {
	case nil, map[string]any, []any:
		return ""
	}
	if got == nil || typeOf(want) == typeOf(got) {
		return ""
	}
	return fmt.Sprintf("%s: got %s, want %s", path, typeOf(got), typeOf(want))
}

// textDiff compares a text with placeholders: by value, or by shape once the answer's values are placeholders again.
func (c *comparison) textDiff(path, want string, got any) string {
	expected := c.vars.expand(want)
	if expected == got || str(expected) == got {
		return ""
	}
	if text, ok := got.(string); ok {
		for _, m := range placeholder.FindAllStringSubmatch(want, -1) {
			if value, ok := c.vars[m[1]]; ok {
				text = strings.ReplaceAll(text, str(value), m[0])
			}
		}
		if shapeOf(text) == shapeOf(want) {
			return ""
		}
	}
	return fmt.Sprintf("%s: got %v, want %v", path, got, expected)
}

func (c *comparison) objectDiff(path string, want, got map[string]any) string {
	expected := make(map[string]any, len(want))
	for k, v := range want {
		expected[c.vars.text(k)] = v
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := expected[k]; !ok && !slices.Contains(c.volatile, path+"."+k) {
			return fmt.Sprintf("%s: extra key %s", path, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(expected)) {
		if _, ok := got[k]; !ok {
			if slices.Contains(c.volatile, path+"."+k) {
				continue
			}
			return fmt.Sprintf("%s: missing key %s", path, k)
		}
		if why := c.diff(path+"."+k, expected[k], got[k]); why != "" {
			return why
		}
	}
	return ""
}

func (c *comparison) listDiff(path string, want, got []any) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%s: got %d items, want %d", path, len(got), len(want))
	}
	if c.ordered {
		for i := range want {
			if why := c.diff(path+"[*]", want[i], got[i]); why != "" {
				return fmt.Sprintf("item %d %s", i, why)
			}
		}
		return ""
	}
	left := slices.Clone(got)
	for _, w := range want {
		first := "none left"
		i := slices.IndexFunc(left, func(g any) bool {
			why := c.diff(path+"[*]", w, g)
			if first == "none left" {
				first = why
			}
			return why == ""
		})
		if i < 0 {
			return fmt.Sprintf("%s: no match for an item; the first: %s", path, first)
		}
		left = slices.Delete(left, i, i+1)
	}
	return ""
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "list"
	}
	return "object"
}
