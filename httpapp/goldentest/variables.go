package goldentest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// variables are the values of placeholders in one run of a scenario.
type variables map[string]any

var placeholder = regexp.MustCompile(`\$\{([^}]+)\}`)

// newVariables returns the placeholders every scenario may use, fresh.
func newVariables(base string) variables {
	v := variables{
		"base": base,
		"host": base[strings.LastIndex(base, "//")+2:],
		"rand": fmt.Sprintf("%08x", rand.Uint32()),
		"vlan": float64(2 + rand.IntN(988)),
		"vni":  float64(4100 + rand.IntN(895000)),
	}
	for _, name := range []string{"project", "project2", "project3"} {
		v[name] = strings.ReplaceAll(uuid.NewString(), "-", "")
	}
	for _, name := range []string{"uuid1", "uuid2", "uuid3"} {
		v[name] = uuid.NewString()
	}
	return v
}

// expand replaces the placeholders in a JSON value. A text that is nothing but one takes the value's own type.
func (v variables) expand(x any) any {
	switch x := x.(type) {
	case string:
		if m := placeholder.FindStringSubmatch(x); m != nil && m[0] == x {
			if value, ok := v[m[1]]; ok {
				return value
			}
			return x
		}
		return v.text(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = v.expand(x[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k := range x {
			out[v.text(k)] = v.expand(x[k])
		}
		return out
	}
	return x
}

// text replaces the placeholders in a text; unknown ones stay.
func (v variables) text(s string) string {
	return placeholder.ReplaceAllStringFunc(s, func(m string) string {
		if value, ok := v[m[2:len(m)-1]]; ok {
			return str(value)
		}
		return m
	})
}

func str(value any) string {
	if f, ok := value.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// save takes values out of an answer: name -> path such as $.network.id or $.ports[0].id.
func (v variables) save(paths map[string]string, body any) {
	for name, path := range paths {
		if value := at(body, path); value != nil {
			v[name] = value
		}
	}
}

var pathStep = regexp.MustCompile(`\.([^.\[\]]+)|\[(\d+)\]`)

func at(doc any, path string) any {
	for _, step := range pathStep.FindAllStringSubmatch(path, -1) {
		switch d := doc.(type) {
		case map[string]any:
			doc = d[step[1]]
		case []any:
			i, err := strconv.Atoi(step[2])
			if err != nil || i >= len(d) {
				return nil
			}
			doc = d[i]
		default:
			return nil
		}
	}
	return doc
}
