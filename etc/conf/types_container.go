package conf

import (
	"errors"
	"fmt"
	"strings"
)

// List accepts items separated by commas. The value is a []string: the items' texts, numbers as strconv writes them.
type List struct {
	Item Type // nil: any string
}

// Parse implements Type. Trailing commas are dropped, as oslo.config does since 6.0; before, they made an empty item
// that Neutron skipped.
func (t List) Parse(text string) (any, error) {
	items, err := t.items(text)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		items[i] = canonical(orText(t.Item), item)
	}
	return items, nil
}

// items are the texts between the commas.
func (t List) items(text string) ([]string, error) {
	items := []string{}
	trimmed := strings.TrimRight(pyStrip(text), ",")
	if trimmed == "" {
		return items, nil
	}
	take := func(part string) (string, error) {
		part = pyStrip(part)
		_, err := orText(t.Item).Parse(part)
		return part, err
	}
	err := gather(trimmed, take, func(item string) error {
		items = append(items, item)
		return nil
	})
	return items, err
}

// String implements Type.
func (t List) String() string { return "List of " + orText(t.Item).String() }

// Dict accepts NAME:VALUE pairs separated by commas. The value is a map[string]string, whose values are as List's.
type Dict struct {
	Value Type // nil: any string
}

type pair struct{ key, value string }

// Parse implements Type.
func (t Dict) Parse(text string) (any, error) {
	pairs, err := t.pairs(text)
	if err != nil {
		return nil, err
	}
	result := make(map[string]string, len(pairs))
	for _, p := range pairs {
		result[p.key] = canonical(orText(t.Value), p.value)
	}
	return result, nil
}

// pairs are in the order of the text.
func (t Dict) pairs(text string) ([]pair, error) {
	trimmed := pyStrip(text)
	if trimmed == "" {
		return nil, nil
	}
	var pairs []pair
	seen := map[string]bool{}
	err := gather(trimmed, t.pair, func(p pair) error {
		if p.key == "" {
			return errors.New("Key name should not be empty")
		}
		if seen[p.key] {
			return fmt.Errorf("Duplicate key %s", p.key)
		}
		seen[p.key] = true
		pairs = append(pairs, p)
		return nil
	})
	return pairs, err
}

func (t Dict) pair(part string) (pair, error) {
	key, value, found := strings.Cut(part, ":")
	if !found {
		return pair{}, errors.New(`Value should be NAME:VALUE pairs separated by ","`)
	}
	p := pair{key: pyStrip(key), value: pyStrip(value)}
	_, err := orText(t.Value).Parse(p.value)
	return p, err
}

// String implements Type.
func (t Dict) String() string { return "Dict of " + orText(t.Value).String() }

// gluing is the most work, in characters looked at, that gather puts into parts that are refused.
const gluing = 4 << 20

// gather calls take with each part between commas, and keep with what take makes of it. A part that is refused is glued to
// the next one, because an item may itself contain commas; when nothing is left to glue, the refusal of the whole stands.
func gather[T any](text string, take func(string) (T, error), keep func(T) error) error {
	work := 0
	for start := 0; start <= len(text); {
		end := nextComma(text, start)
		item, err := take(text[start:end])
		for err != nil && end < len(text) {
			if work += end - start; work > gluing {
				return err
			}
			end = nextComma(text, end+1)
			item, err = take(text[start:end])
		}
		if err != nil {
			return err
		}
		if err := keep(item); err != nil {
			return err
		}
		start = end + 1
	}
	return nil
}

// nextComma is the place of the first comma from a place on, or the length of the text.
func nextComma(text string, from int) int {
	if at := strings.IndexByte(text[from:], ','); at >= 0 {
		return from + at
	}
	return len(text)
}

// canonical is the text of an item: numbers and truth values in one spelling, everything else as the type returns it.
func canonical(t Type, text string) string {
	switch value, _ := t.Parse(text); value := value.(type) { // the text has been checked
	case string:
		return value
	case bool, int, vast, float64:
		return pyText(value)
	default:
		return text
	}
}

func orText(t Type) Type {
	if t == nil {
		return Text{}
	}
	return t
}
