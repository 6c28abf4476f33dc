package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/api/apitest"
	"github.com/seed-a8f20362/hadron/httpapp/legacy"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/pecan"
)

// below remembers whose objects were asked for.
type below struct {
	apitest.Networks
	parent string
	asked  *[]string
}

func (b *below) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.Network, error) {
	*b.asked = append(*b.asked, b.parent)
	return b.Networks.List(ctx, rc, q)
}

func (b *below) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Network, error) {
	*b.asked = append(*b.asked, b.parent+"="+in[0].String(api.ExtParent("network")))
	return b.Networks.Create(ctx, rc, in)
}

func (b *below) Delete(_ context.Context, _ *neutron.Context, id string) error {
	*b.asked = append(*b.asked, b.parent+"/"+id)
	return nil
}

// TestWhatIsBelowAnObject: it is served where the original's filter has it, and in other spellings by pecan.
func TestWhatIsBelowAnObject(t *testing.T) {
	t.Parallel()
	var asked []string
	e := api.New(api.DefaultOptions())
	under := func(parent string) api.Service[neutron.Network] { return &below{parent: parent, asked: &asked} }
	if err := api.RegisterUnder(e, "net", "network", "networks", &apitest.Networks{}, apitest.View()); err != nil {
		t.Fatal(err)
	}
	in := api.Below{Parent: "networks", Prefix: "-", Segment: "address-scopes", Name: "address_scope", Collection: "address_scopes"}
	view := apitest.View()[:2] // what both tables have
	if _, err := api.RegisterBelow(e, in, under, view); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []api.Below{in, {Parent: "bogus", Name: "x", Collection: "ports"}, {Parent: "networks", Name: "x", Collection: "xs"}} {
		if _, err := api.RegisterBelow(e, wrong, under, view); err == nil {
			t.Errorf("%+v was registered", wrong)
		}
	}
	filter := func(m api.Manners, next http.Handler) http.Handler {
		return api.NewExtensions(e, m, api.FrontOptions{}, next)
	}
	today, newton := filter(pecan.Extensions(), pecan.New(e, api.FrontOptions{})), filter(legacy.Extensions(), legacy.New(e, api.FrontOptions{}))
	const spaced, tight, body = `{"address_scopes": []}`, `{"address_scopes":[]}`, `{"address_scope": {"name": "a", "ip_version": 4, "tenant_id": "p"}}`
	for _, c := range []struct {
		who                string
		h                  http.Handler
		method, path, body string
		status             int
		want, asked        string
	}{
		{"pecan", today, "GET", "/networks/7/address-scopes", "", 200, spaced, "7"},
		{"pecan", today, "GET", "/networks/7/address-scopes.json", "", 200, spaced, "7"},
		{"pecan", today, "GET", "/net/networks/7/address-scopes", "", 200, tight, "7"},
		{"pecan", today, "GET", "/networks/7/address_scopes", "", 200, tight, "7"},
		{"pecan", today, "POST", "/networks/7/address-scopes", body, 201, "", "7=7"},
		{"pecan", today, "DELETE", "/networks/7/address-scopes/9", "", 204, "", "7/9"},
		{"pecan", today, "DELETE", "/net/networks/7/address_scopes/9", "", 204, "", "7/9"},
		{"pecan", today, "DELETE", "/net/networks/7/address_scopes", "", 204, "", "7/7"},
		{"pecan", today, "PATCH", "/networks/7/address-scopes", "", 405, "", ""},
		{"pecan", today, "GET", "/networks/7/bogus", "", 404, "", ""},
		{"pecan", today, "GET", "/networks/7/address-scopes/9/x", "", 404, "", ""},
		{"pecan", today, "GET", "/address-scopes", "", 404, "", ""},
		{"legacy", newton, "GET", "/networks/7/address-scopes", "", 200, spaced, "7"},
		{"legacy", newton, "GET", "/net/networks/7/address_scopes", "", 200, spaced, "7"},
		{"legacy", newton, "DELETE", "/net/networks/7/address_scopes/9", "", 204, "", "7/9"},
		{"legacy", newton, "DELETE", "/networks/7/address_scopes", "", 404, "", ""},
		{"legacy", newton, "GET", "/net/address_scopes", "", 404, "", ""},
	} {
		asked = nil
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.status || c.want != "" && w.Body.String() != c.want {
			t.Errorf("%s, %s %s: got %d %s, want %d %s", c.who, c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
		if c.asked == "" && len(asked) > 0 || c.asked != "" && !slices.Equal(asked, []string{c.asked}) {
			t.Errorf("%s, %s %s: asked for %q, want %q", c.who, c.method, c.path, asked, c.asked)
		}
	}
}
