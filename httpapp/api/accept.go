package api

import "strings"

// acceptsJSON reports whether a client takes JSON. Quality values are not looked at (observed).
func acceptsJSON(accept string) bool {
	return accept == "" || accepts(accept, "application/json", "application/*", "*/*")
}

// accepts reports whether one of types is among those of an Accept header.
func accepts(accept string, types ...string) bool {
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

// firstAccepted returns the first of types that an Accept header names, or "".
func firstAccepted(accept string, types ...string) string {
	for item := range strings.SplitSeq(accept, ",") {
		for _, t := range types {
			if accepts(item, t) {
				return t
			}
		}
	}
	return ""
}
