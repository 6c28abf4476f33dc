package httpapp_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/goldentest"
)

// TestProjectsKeepApart replays what members, managers and readers of one project tried with the objects of another one
// against a real Neutron, and what they were shown: every refusal, list and error must be Neutron's.
func TestProjectsKeepApart(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			snapshot := load(t, recorded)
			db := open(t, snapshot)
			fakeAgents(t, db)
			s := httptest.NewServer(applicationOn(t, snapshot, db, framework))
			defer s.Close()
			headers := httptest.NewServer(identifying(t, snapshot, db, framework))
			defer headers.Close()
			differences := apart()
			if framework == "legacy" {
				maps.Copy(differences, apartInNewton())
			}
			goldentest.Run(t, goldentest.Options{Dir: "testdata/foreign", URL: s.URL, HeadersURL: headers.URL, Differences: differences})
		})
	}
}

// apart are the answers that differ on purpose: more is hidden, and a text does not name Neutron's callbacks.
func apart() map[string]goldentest.Difference {
	d := make(map[string]goldentest.Difference)
	differ := func(status int, why, scenario string, steps ...int) {
		for _, n := range steps {
			d[fmt.Sprintf("%s/%02d", scenario, n)] = goldentest.Difference{Status: status, Why: why}
		}
	}
	_ = differ
	return d
}

// apartInNewton are the answers of Newton's front controller that differ because its router or its checks are others.
func apartInNewton() map[string]goldentest.Difference { return nil }
