package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/api/apitest"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

type quotaMark struct{}

// asked are Quotas that write down what they are asked, and mark the context.
type asked struct{ lines []string }

func (a *asked) mark(ctx context.Context, line string) context.Context {
	a.lines = append(a.lines, line)
	return context.WithValue(ctx, quotaMark{}, true)
}

func (a *asked) Creating(ctx context.Context, resource string, in []neutron.Attrs) context.Context {
	var projects []string
	for _, o := range in {
		projects = append(projects, o.String("project_id"))
	}
	return a.mark(ctx, fmt.Sprint("create ", resource, " ", projects))
}

func (a *asked) Changing(ctx context.Context) context.Context { return a.mark(ctx, "change") }

// limited fails what does not run in a marked context, and marked reads.
type limited struct{ apitest.Networks }

func isMarked(ctx context.Context) bool { return ctx.Value(quotaMark{}) != nil }

func (l *limited) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Network, error) {
	if !isMarked(ctx) {
		return nil, fmt.Errorf("create: the context is not the one with limits")
	}
	return l.Networks.Create(ctx, rc, in)
}

func (l *limited) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	if !isMarked(ctx) {
		return fmt.Errorf("delete: the context is not the one with limits")
	}
	return l.Networks.Delete(ctx, rc, id)
}

// TestChangesRunInTheContextOfTheirLimits, once they are valid; reads do not ask for any.
func TestChangesRunInTheContextOfTheirLimits(t *testing.T) {
	t.Parallel()
	quotas := &asked{}
	o := api.DefaultOptions()
	o.Quotas = quotas
	e := api.New(o)
	if err := api.Register(e, "network", "networks", &limited{}, apitest.View()); err != nil {
		t.Fatal(err)
	}
	do := func(context.Context, *neutron.Context, *wire.Call) error { return nil }
	if err := api.AddRules(e, api.Rule{Method: "GET", Path: "networks/{}/x", Status: 200, Do: do},
		api.Rule{Method: "PUT", Path: "networks/{}/x", Status: 200, Do: do}); err != nil {
		t.Fatal(err)
	}
	id := apitest.ID(1)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               []string
	}{
		{"POST", "/networks", `{"network": {"name": 5}}`, 400, nil},
		{"POST", "/networks", `{"network": {}}`, 201, []string{"create network [own]"}},
		{"POST", "/networks", `{"networks": [{"tenant_id": "a"}, {"project_id": "b"}]}`, 201, []string{"create network [a b]"}},
		{"GET", "/networks", ``, 200, nil},
		{"GET", "/networks/" + id, ``, 200, nil},
		{"GET", "/networks/" + id + "/x", ``, 200, nil},
		{"PUT", "/networks/" + id + "/x", `{}`, 200, []string{"change"}},
		{"PUT", "/networks/" + id, `{"network": {"name": "n"}}`, 200, []string{"change"}},
		{"DELETE", "/networks/" + id, ``, 204, []string{"change"}},
	} {
		quotas.lines = nil
		w := httptest.NewRecorder()
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{Known: true, Admin: true, ProjectID: "own"}))
		api.NewFront(e, manners, api.FrontOptions{}).ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s %s: got %d %s, want %d", c.method, c.path, w.Code, w.Body, c.status)
		}
		if diff := cmp.Diff(c.want, quotas.lines); diff != "" {
			t.Errorf("%s %s: -want +got\n%s", c.method, c.path, diff)
		}
	}
}

// TestExtensionsCanBeTurnedOff as the configuration does with those whose driver is not there.
func TestExtensionsCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	o := api.DefaultOptions()
	o.WithoutExtensions = []string{"address-scope", "quota_details"}
	h := api.NewExtensions(api.New(o), api.Manners{}, api.FrontOptions{}, http.NotFoundHandler())
	for path, want := range map[string]int{"/extensions/quota_details": 404, "/extensions/address-scope": 404, "/extensions/quotas": 200, "/extensions": 200} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
		body := w.Body.String()
		if path == "/extensions" && (strings.Contains(body, `"quota_details"`) || strings.Contains(body, "[,") || !strings.Contains(body, `"quotas"`)) {
			t.Errorf("the list is %s", body)
		}
	}
}
