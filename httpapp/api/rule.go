package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Rule is one URL with one method that is neither a collection nor a member of a registered resource.
type Rule struct {
	Method string
	// Path is the URL below /v2.0 with {} for each placeholder: "networks/{}/tags/{}". Of rules that fit a path, the one
	// that was added first is taken.
	Path string
	// Status answers a success, with what Do has written.
	Status int
	// Policy is the policy rule that the caller must pass, "" for none; Of is the segment of the resource whose object the
	// first placeholder names and the rule looks at, "" for a rule that looks at none.
	Policy, Of string
	// NoHead refuses HEAD, as pecan does. Other rules of GET answer it, too.
	NoHead bool
	// Do answers. Its errors become those of the API, as a Service's do.
	Do func(ctx context.Context, rc *neutron.Context, c *wire.Call) error
}

// rule is a Rule with its path taken apart.
type rule struct {
	Rule
	segments []string // "" for a placeholder
	holes    int
}

const placeholder = "{}"

// AddRules adds rules of the extensions filter. Like resources, they are added before the first request.
func AddRules(e *Engine, rules ...Rule) error {
	for _, added := range rules {
		r := rule{Rule: added, segments: strings.Split(added.Path, "/")}
		for i, s := range r.segments {
			if s == placeholder {
				r.segments[i] = ""
				r.holes++
			} else if s == "" {
				return fmt.Errorf("rule %s %s: an empty segment", added.Method, added.Path)
			}
		}
		if e.bySegment[added.Of] == nil && added.Of != "" || added.Of != "" && r.holes == 0 {
			return fmt.Errorf("rule %s %s: policy on %q: no such resource, or no placeholder for its objects", added.Method, added.Path, added.Of)
		}
		first := r.segments[0]
		if first == "" || added.Do == nil || added.Status == 0 {
			return fmt.Errorf("rule %s %s: needs a first segment, a status and something to do", added.Method, added.Path)
		}
		e.rules[first] = append(e.rules[first], r)
	}
	return nil
}

// rule returns the rule for a method and a path such as "/networks/4c1d/tags", and what its placeholders stand for. Every
// request asks: those that no rule is for cost no allocation.
func (e *Engine) rule(method, path string) (*rule, []string) {
	path = strings.TrimPrefix(path, "/")
	first, _, _ := strings.Cut(path, "/")
	rules := e.rules[strings.TrimSuffix(first, ".json")]
	n := strings.Count(path, "/") + 1
	var segments []string
	for i := range rules {
		r := &rules[i]
		if len(r.segments) != n || !r.answers(method) {
			continue
		}
		if segments == nil {
			segments = cut(path)
		}
		if r.fits(segments) {
			return r, r.arguments(segments)
		}
	}
	return nil, nil
}

// answers reports whether r is for a method; "" is any.
func (r *rule) answers(method string) bool {
	return method == "" || r.Method == method || r.Method == http.MethodGet && method == http.MethodHead && !r.NoHead
}

// cut takes a path apart, without the suffix .json of its last segment.
func cut(path string) []string {
	segments := strings.Split(path, "/")
	last := &segments[len(segments)-1]
	if stem := strings.TrimSuffix(*last, ".json"); stem != "" {
		*last = stem
	}
	return segments
}

func (r *rule) fits(segments []string) bool {
	for i, want := range r.segments {
		if segments[i] == "" || want != "" && segments[i] != want || !utf8.ValidString(segments[i]) {
			return false
		}
	}
	return true
}

func (r *rule) arguments(segments []string) []string {
	args := make([]string, 0, r.holes)
	for i, want := range r.segments {
		if want == "" {
			args = append(args, segments[i])
		}
	}
	return args
}

// form reports whether the arguments name a form that Routes has a rule for and no controller answers: .../new.
func (r *rule) form(args []string) bool {
	return r.Method == http.MethodGet && r.holes > 0 && r.segments[len(r.segments)-1] == "" && args[len(args)-1] == "new"
}

// follow takes a request for a rule along the chain.
func (f *Front) follow(w http.ResponseWriter, r *http.Request, rule *rule, args []string) {
	if rule.form(args) {
		f.sendError(w, r, errNotFound)
		return
	}
	c := call{front: f, request: r, writer: w, action: follow, rule: rule, arguments: args}
	c.run()
	f.send(w, r, c.reply)
}

// followRule answers by the rule.
func (c *call) followRule() error {
	e := c.front.engine
	ps, err := parseParams(c.request.URL.RawQuery)
	if err != nil {
		return err
	}
	w := e.buffer(c.front.manners.Spaced)
	err = c.rule.Do(c.context(), c.rc, &wire.Call{Args: c.arguments, Body: c.argument, Query: ps.texts, Enforce: c.enforceRule, Out: w,
		URL: c.front.base(c.request) + c.request.URL.EscapedPath(), RawQuery: c.request.URL.RawQuery})
	if err != nil {
		e.release(w)
		return err
	}
	c.reply = Reply{Status: c.rule.Status, Body: w, engine: e}
	if len(w.B) == 0 {
		e.release(w)
		c.reply.Body = nil
	}
	return nil
}
