package httpapp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// askIf sends a request with an If-Match header and returns the status, and the decoded body.
func askIf(h http.Handler, method, path, match, body string) (int, map[string]map[string]any) {
	r := httptest.NewRequest(method, "/v2.0"+path, strings.NewReader(body))
	if match != "" {
		r.Header.Set("If-Match", match)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var out map[string]map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &out) // some answers are empty
	return w.Code, out
}

func madeNetwork(t *testing.T, h http.Handler) string {
	t.Helper()
	status, out := askIf(h, "POST", "/networks", "", `{"network": {"project_id": "p"}}`)
	if status != http.StatusCreated {
		t.Fatalf("create: got %d", status)
	}
	return out["network"]["id"].(string)
}

// TestIfMatchIsReadAsNeutronReadsIt was observed on 2026.1; a POST, and objects without revision, are answered with 500
// there.
func TestIfMatchIsReadAsNeutronReadsIt(t *testing.T) {
	t.Parallel()
	const format = "Bad if-match request: Revision number etag must be in the format of revision_number=<int>."
	for _, framework := range []string{"pecan", "legacy"} {
		h := application(t, framework, recorded)
		id := madeNetwork(t, h)
		_, scope := askIf(h, "POST", "/address-scopes", "", `{"address_scope": {"name": "s", "ip_version": 4, "project_id": "p"}}`)
		name := `{"network": {"name": "n"}}`
		for _, c := range []struct {
			method, path, match, body string
			status                    int
			message                   string
		}{
			{"GET", "/networks/" + id, "revision_number=99", "", 200, ""},
			{"GET", "/networks", "revision_number=99", "", 200, ""},
			{"GET", "/networks", "revision_number=x", "", 400, format},
			{"PUT", "/networks/" + id, "revision_number=", name, 400, format},
			{"PUT", "/networks/" + id, "revision_number=99999999999999999999", name, 400, format},
			{"PUT", "/networks/" + id, "revision_number=1,revision_number=2", name, 400, format},
			{"PUT", "/networks/" + id, `"revision_number=1", "revision_number=2"`, name, 400, "Bad if-match request: Multiple revision_number etags are not supported.."},
			{"PUT", "/networks/" + id, `"revision_number=77"`, name, 412, "Constrained to 77, but current revision is 1"},
			{"PUT", "/networks/" + id, "revision_number=-1", name, 412, "Constrained to -1, but current revision is 1"},
			{"PUT", "/networks/" + id, "revision_number=7_7", name, 412, "Constrained to 77, but current revision is 1"},
			{"PUT", "/networks/" + id, "revision_number=77", `{"network": {"bogus": 1}}`, 400, "Unrecognized attribute(s) 'bogus'"},
			{"PUT", "/networks/e2f0a9a8-6f1c-4b5c-a6a8-0d9e4f3b2a11", "revision_number=77", name, 404,
				"Network e2f0a9a8-6f1c-4b5c-a6a8-0d9e4f3b2a11 could not be found."},
			{"PUT", "/networks/" + id, "revision_number= 1 ", name, 200, ""},
			{"PUT", "/networks/" + id, `W/"revision_number=77"`, name, 200, ""},
			{"PUT", "/networks/" + id, "*", name, 200, ""},
			{"PUT", "/networks/" + id, "something", name, 200, ""},
			{"POST", "/networks", "revision_number=1", `{"network": {"project_id": "p"}}`, 400,
				"Bad networks request: Revision matching not supported for this resource."},
			{"PUT", "/address-scopes/" + scope["address_scope"]["id"].(string), "revision_number=1", `{"address_scope": {"name": "t"}}`, 400,
				"Bad address_scopes request: Revision matching not supported for this resource."},
			{"DELETE", "/networks/" + id, "revision_number=1", "", 412, "Constrained to 1, but current revision is 2"},
			{"DELETE", "/networks/" + id, "revision_number=2", "", 204, ""},
		} {
			status, out := askIf(h, c.method, c.path, c.match, c.body)
			if message, _ := out["NeutronError"]["message"].(string); status != c.status || message != c.message {
				t.Errorf("%s: %s %s with %s: got %d %q, want %d %q", framework, c.method, c.path, c.match, status, message, c.status, c.message)
			}
		}
	}
}

// TestOneOfManyWithTheSameRevisionWins: the comparison is part of the change.
func TestOneOfManyWithTheSameRevisionWins(t *testing.T) {
	t.Parallel()
	h := application(t, "pecan", recorded)
	id := madeNetwork(t, h)
	var mu sync.Mutex
	counts := make(map[int]int)
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		all.Go(func() {
			status, _ := askIf(h, "PUT", "/networks/"+id, "revision_number=1", `{"network": {"name": "`+name+`"}}`)
			mu.Lock()
			defer mu.Unlock()
			counts[status]++
		})
	}
	all.Wait()
	if counts[200] != 1 || counts[412] != 7 {
		t.Errorf("got %v, want one 200 and seven 412", counts)
	}
}
