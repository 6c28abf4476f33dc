package httpapp_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/goldentest"
)

// A scenario that leaves the paths of this version is open: its exchanges are replayed and counted, but not required. The
// last of these paths are unknown here as there.
var (
	builtTrees = []string{"/v2.0/networks", "/v2.0/ports", "/v2.0/subnets", "/v2.0/extensions", "/v2.0//networks",
		"/v2.0/address-scopes", "/v2.0/security-groups", "/v2.0/security-group-rules"}
	builtPaths = []string{"", "/", "/healthcheck", "/v2.0", "/v2.0/", "/v2.0/bogus", "/bogus", "/v2.0.1/networks", "/v3.0/networks"}
)

func isBuilt(s goldentest.Scenario) bool {
	return !slices.ContainsFunc(s.Steps, func(e goldentest.Exchange) bool {
		path, _, _ := strings.Cut(e.Request.Path, "?")
		inTree := slices.ContainsFunc(builtTrees, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
		return !inTree && !slices.Contains(builtPaths, path) || strings.HasSuffix(path, "/tags")
	})
}

// unbuilt are the answers that differ from the recordings because something is not there yet.
func unbuilt() map[string]goldentest.Difference {
	d := map[string]goldentest.Difference{
		"ports/binding-profile-policy/01": {Status: 201, Why: "no policy yet"},
		"ports/binding-profile-policy/03": {Status: 200, Why: "no policy yet"},
		"ports/binding-profile-policy/05": {Status: 409, Why: "the port that policy should have refused is on the network"},
		"protocol/head-get-versions/01":   {Status: 200, Why: "no subnet pools yet", Check: threeResources},
		"versions/v2/00":                  {Status: 200, Why: "no subnet pools yet", Check: threeResources},
		"versions/v2/01":                  {Status: 200, Why: "no subnet pools yet", Check: threeResources},
		"subnets/create-minimal/03":       {Status: 200, Why: "no DHCP agent runs in the test, so the network has no availability zone"},
	}
	for _, step := range []string{"00", "01", "02", "04", "05", "09", "10", "11", "13"} {
		d["extensions/show/"+step] = goldentest.Difference{Status: 404, Why: "the extension is not built yet"}
	}
	return d
}

func threeResources(body any) error {
	m, _ := body.(map[string]any)
	if l, _ := m["resources"].([]any); len(l) != 3 {
		return fmt.Errorf("got %v, want three resources", body)
	}
	return nil
}

// newton are the answers that differ because Newton's front controller gave others.
func newton() map[string]goldentest.Difference {
	d := make(map[string]goldentest.Difference)
	for _, id := range []string{"bulk/put-bulk/02", "bulk/put-bulk/03", "networks/not-found/03", "networks/not-found/04",
		"protocol/core-methods/00", "protocol/core-methods/01", "protocol/core-methods/02", "protocol/core-methods/03",
		"protocol/core-methods/07", "protocol/core-methods/08", "protocol/head-get-versions/02", "validation/lists/08", "versions/v2/02",
	} {
		d[id] = goldentest.Difference{Status: 404, Why: "Newton's router does not know the path or the method", Check: isPage}
	}
	for _, id := range []string{"protocol/core-methods/04", "protocol/core-methods/05"} {
		d[id] = goldentest.Difference{Status: 404, Why: "Newton's router does not know HEAD"}
	}
	d["protocol/core-methods/06"] = goldentest.Difference{Status: 200, Why: "the CORS filter answers OPTIONS where the router does not", Check: isEmpty}
	for _, id := range []string{"protocol/head-get-versions/04", "protocol/head-get-versions/05"} {
		d[id] = goldentest.Difference{Status: 200, Why: "Newton lists the resources whatever the method", Check: threeResources}
	}
	for id, text := range map[string]string{
		"protocol/core-malformed-json/00":   "Malformed request body: Cannot understand JSON.",
		"protocol/core-malformed-json/01":   "Resource body required",
		"protocol/core-malformed-json/02":   "Resource body required",
		"protocol/core-malformed-json/05":   "Resource body required",
		"protocol/core-malformed-json/06":   "Resource body required",
		"protocol/core-put-without-body/01": "Resource body required",
		"protocol/core-put-without-body/02": "Resource body required",
		"protocol/core-put-without-body/05": "Malformed request body: Cannot understand JSON.",
	} {
		d[id] = goldentest.Difference{Status: 400, Why: "the texts of the Routes stack", Check: says(text)}
	}
	return d
}

func isPage(body any) error {
	if m, _ := body.(map[string]any); m["code"] != "404 Not Found" {
		return fmt.Errorf("got %v, want WebOb's page", body)
	}
	return nil
}

func isEmpty(body any) error {
	if body != nil {
		return fmt.Errorf("got %v, want no body", body)
	}
	return nil
}

func says(text string) func(any) error {
	return func(body any) error {
		m, _ := body.(map[string]any)
		if e, _ := m["NeutronError"].(map[string]any); e["message"] != text {
			return fmt.Errorf("got %v, want the message %q", body, text)
		}
		return nil
	}
}

// atLeast is the share of the recorded exchanges that must be answered as recorded.
const atLeast = 0.6

func TestGoldenConversations(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			differences := unbuilt()
			if framework == "legacy" {
				maps.Copy(differences, newton())
			}
			s := httptest.NewServer(http.Handler(application(t, framework, recorded)))
			defer s.Close()
			counts := goldentest.Run(t, goldentest.Options{Dir: "testdata/golden", URL: s.URL, Built: isBuilt, Differences: differences})
			var equal, all int
			for _, c := range counts {
				equal, all = equal+c.Equal, all+c.Recorded
			}
			share := float64(equal) / float64(all)
			t.Logf("%s: %d of %d recorded exchanges are equal, %.1f %%", framework, equal, all, 100*share)
			if share < atLeast {
				t.Errorf("want at least %.0f %%", 100*atLeast)
			}
		})
	}
}
