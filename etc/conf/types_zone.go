package conf

import "fmt"

// ZonePrefix accepts the length of a network prefix that can be a zone of reverse DNS: a multiple of Step within inclusive
// bounds.
type ZonePrefix struct {
	Min, Max, Step int
}

// Parse implements Type.
func (t ZonePrefix) Parse(text string) (any, error) {
	value, err := Integer{Min: &t.Min, Max: &t.Max}.Parse(text)
	if n, ok := value.(int); ok && n%t.Step != 0 {
		return nil, fmt.Errorf("Should be multiple of %d", t.Step)
	}
	return value, err
}

// String implements Type.
func (t ZonePrefix) String() string { return Integer{Min: &t.Min, Max: &t.Max}.String() }
