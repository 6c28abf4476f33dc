package api

import (
	"net/http"
	"slices"
)

// Writes returns every URL with a method that may change something, as "PUT /networks/{}", sorted: for those who keep account of what
// becomes of each. Creates of several objects at once are "POST /networks bulk". A collection none of whose attributes can be
// given has none; whether its service refuses is not asked.
func (e *Engine) Writes() []string {
	var out []string
	for _, r := range e.resources {
		out = r.writes(out, "")
		for _, below := range r.below {
			out = below.writes(out, "/"+r.Segment+"/{}")
		}
	}
	for _, rules := range e.rules {
		for _, r := range rules {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				out = append(out, r.Method+" /"+r.Path)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *Resource) writes(out []string, above string) []string {
	path := above + "/" + r.Segment
	if r.Prefix != "" {
		path = "/" + r.Prefix + path
	}
	post := slices.ContainsFunc(r.table.Attributes, func(a Attribute) bool { return a.Post })
	put := slices.ContainsFunc(r.table.Attributes, func(a Attribute) bool { return a.Put })
	if post {
		out = append(out, "POST "+path)
		if !r.NoBulk {
			out = append(out, "POST "+path+" bulk")
		}
	}
	if put {
		out = append(out, "PUT "+path+"/{}")
	}
	if post || put {
		out = append(out, "DELETE "+path+"/{}")
	}
	for _, a := range r.actions {
		if a.Method != http.MethodGet {
			out = append(out, a.Method+" "+path+"/{}/"+a.Name)
		}
	}
	return out
}
