package httpapp_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// TestPoliciesThatAskARemoteServer: it gets the whole object, of a list each, of an update as it will be; when it cannot be asked
// the request fails.
func TestPoliciesThatAskARemoteServer(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var targets []map[string]any
	judge := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var question struct{ Target map[string]any }
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		targets = append(targets, question.Target)
		if !strings.Contains(r.URL.Path, "hidden") {
			_, _ = io.WriteString(w, `"True"`)
		}
	}))
	t.Cleanup(judge.Close)
	app := policed(t, "pecan", "[oslo_policy]\nremote_content_type = application/json\n", map[string]string{
		"policy.yaml": `"get_network": "` + judge.URL + `/see/%(name)s"` + "\n" + `"update_network": "` + judge.URL + `/change/%(name)s"` + "\n"})
	id := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {"name": "seen", "mtu": 1400}}`, asMember...))
	idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {"name": "hidden"}}`, asMember...))
	targets = nil
	if w := request(app, "GET", "/v2.0/networks?fields=id", "", asMember...); w.Code != 200 || strings.Count(w.Body.String(), `"id"`) != 1 {
		t.Errorf("%d %s, want one network", w.Code, w.Body)
	}
	if len(targets) != 2 {
		t.Fatalf("%d questions, want one for each network", len(targets))
	}
	for _, target := range targets {
		if target["name"] == "seen" && (target["mtu"] != 1400.0 || target["tenant_id"] != "p1" || len(target["subnets"].([]any)) != 0) {
			t.Errorf("the server is told %v", target)
		}
	}
	if w := request(app, "PUT", "/v2.0/networks/"+id, `{"network": {"name": "hidden"}}`, asMember...); w.Code == 200 {
		t.Errorf("an update is judged by what there was: %s", w.Body)
	}
	last := targets[len(targets)-1]
	if last["name"] != "hidden" || last["mtu"] != 1400.0 {
		t.Errorf("of an update the server is told %v", last)
	}
	judge.Close()
	if w := request(app, "GET", "/v2.0/networks/"+id, "", asMember...); w.Code != 500 || strings.Contains(w.Body.String(), judge.URL) {
		t.Errorf("without the server: %d %s", w.Code, w.Body)
	}
}
