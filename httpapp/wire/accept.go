package wire

import "strings"

// Accepts reports whether one of types is among those of an Accept header.
func Accepts(accept string, types ...string) bool {
	for item := range strings.SplitSeq(accept, ",") {
		name, _, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		for _, t := range types {
			if name == t {
				return true
			}
		}
	}
	return false
}

// FirstAccepted returns the first of types that an Accept header names, or "".
func FirstAccepted(accept string, types ...string) string {
	for item := range strings.SplitSeq(accept, ",") {
		for _, t := range types {
			if Accepts(item, t) {
				return t
			}
		}
	}
	return ""
}
