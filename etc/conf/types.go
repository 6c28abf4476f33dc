package conf

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Type turns the text of an option into its value. The values are nil (none), bool, int, vast, float64, string, []string and
// map[string]string; the error texts are oslo.config's.
type Type interface {
	Parse(text string) (any, error)
	// String is the type's name as oslo's messages print it.
	String() string
}

// Boolean accepts true/1/on/yes and false/0/off/no in any case.
type Boolean struct{}

// Parse implements Type.
func (Boolean) Parse(text string) (any, error) {
	switch strings.ToLower(text) {
	case "true", "1", "on", "yes":
		return true, nil
	case "false", "0", "off", "no":
		return false, nil
	}
	return nil, fmt.Errorf("Unexpected boolean value %s", pyRepr(text))
}

// String implements Type.
func (Boolean) String() string { return "Boolean" }

// Integer accepts whole numbers within inclusive bounds, or one of Choices. An empty text is none.
type Integer struct {
	Min, Max *int
	Choices  []int
}

var wholeNumber = regexp.MustCompile(`^[+-]?[0-9]+$`)

// mostDigits is where Python stops reading whole numbers.
const mostDigits = 4300

// Parse implements Type. A number beyond 64 bits is a vast.
func (t Integer) Parse(text string) (any, error) {
	digits := pyStrip(text)
	if digits == "" {
		return nil, nil
	}
	plain, ok := joinUnderscores(pyDigits(digits))
	if !ok || !wholeNumber.MatchString(plain) {
		return nil, fmt.Errorf("invalid literal for int() with base 10: %s", pyCut(pyRepr(text), 200))
	}
	if count := len(strings.TrimLeft(plain, "+-")); count > mostDigits {
		return nil, fmt.Errorf("Exceeds the limit (%d digits) for integer string conversion: value has %d digits; "+
			"use sys.set_int_max_str_digits() to increase the limit", mostDigits, count)
	}
	n, err := strconv.Atoi(plain)
	var whole any = n
	if err != nil { // the number is one, so it is beyond 64 bits
		v := newVast(plain)
		n, whole = v.nearest(), v
	}
	if err := t.check(n, whole); err != nil {
		return nil, err
	}
	return whole, nil
}

// check holds a number, or the nearest to it that 64 bits have, against the restrictions.
func (t Integer) check(n int, whole any) error {
	_, beyond := whole.(vast)
	if t.Choices != nil {
		if !beyond && slices.Contains(t.Choices, n) {
			return nil
		}
		return fmt.Errorf("Valid values are %s, but found %s", pyChoices(t.Choices), pyShort(approximate(whole)))
	}
	if t.Min != nil && n < *t.Min {
		return fmt.Errorf("Should be greater than or equal to %s", pyShort(float64(*t.Min)))
	}
	if t.Max != nil && n > *t.Max {
		return fmt.Errorf("Should be less than or equal to %s", pyShort(float64(*t.Max)))
	}
	return nil
}

// String implements Type.
func (t Integer) String() string {
	var props []string
	switch {
	case t.Choices != nil:
		props = append(props, "choices=["+joinInts(t.Choices)+"]")
	default:
		if t.Min != nil {
			props = append(props, "min="+pyShort(float64(*t.Min)))
		}
		if t.Max != nil {
			props = append(props, "max="+pyShort(float64(*t.Max)))
		}
	}
	return withProps("Integer", props)
}

// Port accepts 0 to 65535.
type Port struct{}

func (Port) number() Integer { return Integer{Min: bound(0), Max: bound(65535)} }

// Parse implements Type.
func (t Port) Parse(text string) (any, error) { return t.number().Parse(text) }

// String implements Type.
func (t Port) String() string { return "Port" + strings.TrimPrefix(t.number().String(), "Integer") }

// Float accepts Python's floating point syntax within inclusive bounds. An empty text is none.
type Float struct {
	Min, Max *float64
}

// Parse implements Type.
func (t Float) Parse(text string) (any, error) {
	digits := pyStrip(text)
	if digits == "" {
		return nil, nil
	}
	plain, ok := joinUnderscores(pyDigits(digits))
	f, err := strconv.ParseFloat(plain, 64)
	if errors.Is(err, strconv.ErrRange) {
		err = nil // Python rounds to zero or infinity too
	}
	// Go also reads hexadecimal floats, which Python's float() does not.
	if err != nil || !ok || strings.ContainsAny(plain, "xX") {
		return nil, fmt.Errorf("could not convert string to float: %s", pyRepr(text))
	}
	if t.Min != nil && f < *t.Min {
		return nil, fmt.Errorf("Should be greater than or equal to %s", pyShort(*t.Min))
	}
	if t.Max != nil && f > *t.Max {
		return nil, fmt.Errorf("Should be less than or equal to %s", pyShort(*t.Max))
	}
	return f, nil
}

// String implements Type.
func (t Float) String() string {
	var props []string
	if t.Min != nil {
		props = append(props, "min="+pyShort(*t.Min))
	}
	if t.Max != nil {
		props = append(props, "max="+pyShort(*t.Max))
	}
	return withProps("Float", props)
}

// Text accepts any string, or those that its restrictions let through.
type Text struct {
	Choices    []string
	IgnoreCase bool // of Choices
	MaxLength  int  // in characters; 0 is without limit
	Regex      *regexp.Regexp
}

// Parse implements Type.
func (t Text) Parse(text string) (any, error) {
	if t.MaxLength > 0 && utf8.RuneCountInString(text) > t.MaxLength {
		return nil, tooLong(text, t.MaxLength)
	}
	if t.Regex != nil && !t.Regex.MatchString(text) {
		return nil, fmt.Errorf("Value %s doesn't match regex %s", pyRepr(text), pyRepr(t.Regex.String()))
	}
	if t.Choices != nil && !slices.ContainsFunc(t.Choices, func(c string) bool { return t.same(c, text) }) {
		return nil, fmt.Errorf("Valid values are [%s], but found %s", strings.Join(t.Choices, ", "), pyRepr(text))
	}
	return text, nil
}

func (t Text) same(choice, text string) bool {
	return choice == text || (t.IgnoreCase && strings.EqualFold(choice, text))
}

// String implements Type.
func (t Text) String() string {
	var props []string
	if t.Choices != nil {
		props = append(props, "choices="+pyList(t.Choices))
	}
	if t.Regex != nil {
		props = append(props, "regex="+pyRepr(t.Regex.String()))
	}
	return withProps("String", props)
}

func tooLong(text string, limit int) error {
	return fmt.Errorf("Value %s exceeds maximum length %d", pyRepr(text), limit)
}

// joinUnderscores removes the underscores that Python allows between two digits, and reports any elsewhere.
func joinUnderscores(number string) (string, bool) {
	digit := func(i int) bool { return i >= 0 && i < len(number) && number[i] >= '0' && number[i] <= '9' }
	for i := range len(number) {
		if number[i] == '_' && (!digit(i-1) || !digit(i+1)) {
			return number, false
		}
	}
	return strings.ReplaceAll(number, "_", ""), true
}

func joinInts(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

func withProps(name string, props []string) string {
	if len(props) == 0 {
		return name
	}
	return name + "(" + strings.Join(props, ", ") + ")"
}

func bound[T int | float64](n T) *T { return &n }
