package api

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// toBoolean reads everything Neutron takes for a boolean: JSON booleans and, in any case and padding, the texts below.
func toBoolean(v any) (any, error) {
	if b, ok := boolean(v); ok {
		return b, nil
	}
	return nil, neutron.InvalidInput("'%s' cannot be converted to boolean", PyStr(v))
}

func boolean(v any) (value, ok bool) {
	if b, ok := v.(bool); ok {
		return b, true
	}
	switch strings.ToLower(strings.TrimSpace(PyStr(v))) {
	case "1", "t", "true", "on", "y", "yes":
		return true, true
	case "0", "f", "false", "off", "n", "no":
		return false, true
	}
	return false, false
}

// toInt reads integers, texts of integers as Python's int() does, booleans, and the whole part of other numbers.
func toInt(v any) (any, error) {
	n, ok := integer(v)
	if !ok {
		return nil, neutron.InvalidInput("'%s' is not an integer", PyStr(v))
	}
	return n, nil
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case float64:
		if math.Abs(v) >= 1<<63 {
			return 0, false
		}
		return int64(v), true
	case string:
		return integerText(v)
	}
	return 0, false
}

// integerText reads a decimal text with padding, a sign, and single underscores between digits.
func integerText(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") ||
		strings.Contains(digits, "__") {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
	return n, err == nil
}

func toLower(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, neutron.InvalidInput("Input value %s must be string type", PyStr(v))
	}
	return strings.ToLower(s), nil
}

func toString(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	return PyStr(v), nil
}

func nullToEmptyList(v any) (any, error) {
	if v == nil {
		return []any{}, nil
	}
	return v, nil
}

// keyValues reads the values of a filter on a list of objects: each is key=value, and equal keys collect their values.
// A lone "True" is what a client sends for a filter without any: nil.
func keyValues(values []string) (map[string][]string, error) {
	if len(values) == 1 && values[0] == "True" {
		return nil, nil
	}
	dict := make(map[string][]string, len(values))
	for _, kv := range values {
		k, v, ok := strings.Cut(kv, "=")
		k, v = strings.TrimSpace(k), strings.TrimSpace(v)
		if !ok || k == "" {
			return nil, neutron.InvalidInput("'%s' is not of the form <key>=[value]", kv)
		}
		dict[k] = append(dict[k], v)
	}
	return dict, nil
}

// length is Python's len() of a value, -1 for what has none.
func length(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return -1
}

// falsy reports whether Python takes v for false.
func falsy(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case int64:
		return v == 0
	case float64:
		return v == 0
	case json.Number:
		return false // only numbers beyond int64 are kept as text
	}
	return length(v) == 0
}
