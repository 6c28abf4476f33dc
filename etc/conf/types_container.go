package conf

import (
	"errors"
	"fmt"
	"strings"
)

// List accepts items separated by commas. The value is a []string of the items' texts, each of which Item accepts.
type List struct {
	Item Type // nil: any string
}

// Parse implements Type. Trailing commas are dropped, as oslo.config does since 10.0; before, they made an empty item
// that Neutron skipped.
func (t List) Parse(text string) (any, error) {
	trimmed := strings.TrimRight(pyStrip(text), ",")
	if trimmed == "" {
		return []string{}, nil
	}
	return gather(strings.Split(trimmed, ","), func(part string) (string, error) {
		part = pyStrip(part)
		return part, accepts(t.Item, part)
	})
}

// gather calls take with each part. A part that is refused is glued to the next one, because an item may itself contain
// commas; when nothing is left to glue, the refusal of the whole stands.
func gather[T any](parts []string, take func(string) (T, error)) ([]T, error) {
	var taken []T
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		item, err := take(part)
		for err != nil && len(parts) > 0 {
			part += "," + parts[0]
			parts = parts[1:]
			item, err = take(part)
		}
		if err != nil {
			return nil, err
		}
		taken = append(taken, item)
	}
	return taken, nil
}

func accepts(t Type, text string) error {
	if t == nil {
		return nil
	}
	_, err := t.Parse(text)
	return err
}

// String implements Type.
func (t List) String() string { return "List of " + typeName(t.Item) }

// Dict accepts NAME:VALUE pairs separated by commas. The value is a map[string]string.
type Dict struct {
	Value Type // nil: any string
}

type pair struct{ key, value string }

// Parse implements Type.
func (t Dict) Parse(text string) (any, error) {
	trimmed := pyStrip(text)
	if trimmed == "" {
		return map[string]string{}, nil
	}
	pairs, err := gather(strings.Split(trimmed, ","), t.pair)
	if err != nil {
		return nil, err
	}
	return collect(pairs)
}

func (t Dict) pair(part string) (pair, error) {
	key, value, found := strings.Cut(part, ":")
	if !found {
		return pair{}, errors.New(`Value should be NAME:VALUE pairs separated by ","`)
	}
	p := pair{key: pyStrip(key), value: pyStrip(value)}
	return p, accepts(t.Value, p.value)
}

func collect(pairs []pair) (map[string]string, error) {
	result := make(map[string]string, len(pairs))
	for _, p := range pairs {
		if p.key == "" {
			return nil, errors.New("Key name should not be empty")
		}
		if _, twice := result[p.key]; twice {
			return nil, fmt.Errorf("Duplicate key %s", p.key)
		}
		result[p.key] = p.value
	}
	return result, nil
}

// String implements Type.
func (t Dict) String() string { return "Dict of " + typeName(t.Value) }

func typeName(t Type) string {
	if t == nil {
		return Text{}.String()
	}
	return t.String()
}
