package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/api/apitest"
	"github.com/seed-a8f20362/hadron/httpapp/legacy"
	"github.com/seed-a8f20362/hadron/httpapp/pecan"
)

// TestAPrefixBelongsToThePath: what has one is not found without it, but by pecan, which takes any prefix or none.
func TestAPrefixBelongsToThePath(t *testing.T) {
	t.Parallel()
	e := api.New(api.DefaultOptions())
	if err := api.RegisterUnder(e, "metering", "network", "networks", &apitest.Networks{}, apitest.View()); err != nil {
		t.Fatal(err)
	}
	if err := api.RegisterUnder(e, "networks", "subnet", "subnets", &apitest.Networks{}, apitest.View()); err == nil {
		t.Error("a resource became a prefix")
	}
	const spaced, tight = `{"networks": []}`, `{"networks":[]}`
	filter := func(m api.Manners, next http.Handler) http.Handler {
		return api.NewExtensions(e, m, api.FrontOptions{}, next)
	}
	today, newton := filter(pecan.Extensions(), pecan.New(e, api.FrontOptions{})), filter(legacy.Extensions(), legacy.New(e, api.FrontOptions{}))
	for _, c := range []struct {
		who    string
		h      http.Handler
		path   string
		status int
		want   string
	}{
		{"pecan", today, "/metering/networks", 200, spaced},
		{"pecan", today, "/metering/networks.json", 200, spaced},
		{"pecan", today, "/networks", 200, tight},
		{"pecan", today, "/metering/networks/", 200, tight},
		{"pecan", today, "/metering", 404, ""},
		{"pecan", today, "/metering/", 404, ""},
		{"pecan", today, "/metering/bogus", 404, ""},
		{"pecan", today, "/metering/metering/networks", 404, ""},
		{"pecan", today, "/metering/networks/a/b", 404, ""},
		{"legacy", newton, "/metering/networks", 200, spaced},
		{"legacy", newton, "/networks", 404, ""},
		{"legacy", newton, "/metering/networks/", 404, ""},
	} {
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, c.path, nil))
		if w.Code != c.status || c.want != "" && w.Body.String() != c.want {
			t.Errorf("%s, %s: got %d %s, want %d %s", c.who, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
}
