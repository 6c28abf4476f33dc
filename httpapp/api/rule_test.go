package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// echo answers with what it was given.
func echo(_ context.Context, _ *neutron.Context, c *wire.Call) error {
	c.Out.Str(strings.Join(c.Args, "|") + " " + PyRepr(c.Body) + " " + strings.Join(c.Query("q"), ","))
	return nil
}

func rules(t *testing.T) http.Handler {
	t.Helper()
	e := New(DefaultOptions())
	nothing := func(context.Context, *neutron.Context, *wire.Call) error { return nil }
	if err := AddRules(e,
		Rule{Method: "GET", Path: "quotas", Status: 200, Do: echo},
		Rule{Method: "GET", Path: "quotas/{}", Status: 200, Do: echo},
		Rule{Method: "GET", Path: "quotas/{}/details", Status: 200, Do: echo},
		Rule{Method: "PUT", Path: "networks/{}/tags/{}", Status: 201, Do: nothing},
		Rule{Method: "POST", Path: "networks/{}/tags", Status: 201, Do: echo},
	); err != nil {
		t.Fatal(err)
	}
	return NewExtensions(e, Manners{Spaced: true, RoutesBodies: true}, FrontOptions{}, http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
}

func TestRulesAnswerTheirURLsOnly(t *testing.T) {
	t.Parallel()
	h := rules(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/quotas", "", 200, `" None "`},
		{"GET", "/quotas.json?q=1&q=2", "", 200, `" None 1,2"`},
		{"GET", "/quotas/p", "", 200, `"p None "`},
		{"GET", "/quotas/p.json", "", 200, `"p None "`},
		{"GET", "/quotas/p.x", "", 200, `"p.x None "`},
		{"GET", "/quotas/p/details", "", 200, `"p None "`},
		{"GET", "/quotas/p/details.json", "", 200, `"p None "`},
		{"GET", "/quotas/new", "", 404, `{"NeutronError": {"type": "HTTPNotFound", "message": "The resource could not be found.", "detail": ""}}`},
		{"POST", "/networks/n/tags", `{"tags": ["a"]}`, 201, `"n {'tags': ['a']} "`},
		{"POST", "/networks/n/tags", `{`, 400, `{"NeutronError": {"type": "MalformedRequestBody", "message": "Malformed request body: Cannot understand JSON.", "detail": ""}}`},
		{"PUT", "/networks/n/tags/blue", "", 201, ""},
		{"PUT", "/quotas", "", http.StatusTeapot, ""},
		{"GET", "/quotas/", "", http.StatusTeapot, ""},
		{"GET", "/quotas//details", "", http.StatusTeapot, ""},
		{"GET", "/quotas/p/details/x", "", http.StatusTeapot, ""},
		{"GET", "/quotas/%ff", "", http.StatusTeapot, ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %s: got %d %s, want %d %s", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
}

func TestBadRulesAreRefused(t *testing.T) {
	t.Parallel()
	e := New(DefaultOptions())
	for _, r := range []Rule{
		{Method: "GET", Path: "a//b", Status: 200, Do: echo},
		{Method: "GET", Path: "{}/a", Status: 200, Do: echo},
		{Method: "GET", Path: "a", Status: 200},
		{Method: "GET", Path: "a", Do: echo},
	} {
		if err := AddRules(e, r); err == nil {
			t.Errorf("%+v was added", r)
		}
	}
}

// TestPathsWithoutRuleCostNothing: every request on a network asks whether it is one on its tags.
func TestPathsWithoutRuleCostNothing(t *testing.T) {
	e := New(DefaultOptions())
	if err := AddRules(e, Rule{Method: "GET", Path: "networks/{}/tags", Status: 200, Do: echo}); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { e.rule("GET", "/networks/4c1d") }); n > 0 {
		t.Errorf("got %v allocations", n)
	}
}
