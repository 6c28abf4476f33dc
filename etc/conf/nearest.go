package conf

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// hint ends the message about an unknown option with the name that was probably meant, if there is one.
func (t *table) hint(n Name) string {
	if key, ok := nearest(n.Key, t.keys(n.Group)); ok {
		return fmt.Sprintf("; did you mean %q?", key)
	}
	for _, group := range t.groupNames() {
		if t.known[Name{Group: group, Key: n.Key}] {
			return fmt.Sprintf("; it belongs in [%s]", group)
		}
	}
	return ""
}

// groupHint does the same for an unknown section.
func (t *table) groupHint(section string) string {
	if group, ok := nearest(section, t.groupNames()); ok {
		return fmt.Sprintf("; did you mean [%s]?", group)
	}
	return ""
}

func (t *table) keys(group string) []string {
	var keys []string
	for n := range t.known {
		if n.Group == group {
			keys = append(keys, n.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (t *table) groupNames() []string { return slices.Sorted(maps.Keys(t.sections)) }

// nearest returns the candidate with the fewest edits, if they are few for the length of the word.
func nearest(word string, candidates []string) (string, bool) {
	best, least := "", 1+max(1, len(word)/4)
	for _, c := range candidates {
		if length := len(word) - len(c); max(length, -length) >= least {
			continue // at least so many edits
		}
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best, best != ""
}

// distance counts insertions, deletions, substitutions and swaps of neighbours that turn a into b. Names are ASCII.
func distance(a, b string) int {
	older, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j+1]+1, current[j]+1, previous[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], older[j-1]+1)
			}
		}
		older, previous, current = previous, current, older
	}
	return previous[len(b)]
}
