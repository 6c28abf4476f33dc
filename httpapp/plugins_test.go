package httpapp_test

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestAttributesAndExtensionsComeWithTheirPlugins compares, for four values of service_plugins, what new objects show with what those
// of Neutron 2026.1 showed. Neutron may have more extensions: those that are not built.
func TestAttributesAndExtensionsComeWithTheirPlugins(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/plugins.json")
	if err != nil {
		t.Fatal(err)
	}
	var servers []struct {
		Plugins string
		Shown   map[string][]string
	}
	if err := json.Unmarshal(data, &servers); err != nil || len(servers) == 0 {
		t.Fatalf("got %d servers, %v", len(servers), err)
	}
	for _, server := range servers {
		t.Run(server.Plugins, func(t *testing.T) {
			app := application(t, "pecan", recorded+"\n[DEFAULT]\nservice_plugins = "+server.Plugins+"\n")
			ids := map[string]string{}
			for _, step := range []struct{ collection, body string }{
				{"networks", `{"network": {"router:external": true}}`},
				{"subnets", `{"subnet": {"network_id": "$networks", "ip_version": 4, "cidr": "10.0.0.0/24"}}`},
				{"ports", `{"port": {"network_id": "$networks"}}`},
				{"subnetpools", `{"subnetpool": {"name": "x", "prefixes": ["10.1.0.0/16"]}}`},
				{"security-groups", `{"security_group": {"name": "x"}}`},
				{"routers", `{"router": {"external_gateway_info": {"network_id": "$networks"}}}`},
				{"floatingips", `{"floatingip": {"floating_network_id": "$networks"}}`},
			} {
				w := httptest.NewRecorder()
				body := os.Expand(step.body, func(name string) string { return ids[name] })
				app.ServeHTTP(w, httptest.NewRequest("POST", "/v2.0/"+step.collection, strings.NewReader(body)))
				var out map[string]map[string]any
				if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 201 {
					t.Fatalf("%s: got %d %s", step.collection, w.Code, w.Body)
				}
				for _, object := range out {
					ids[step.collection], _ = object["id"].(string)
					if got, want := slices.Sorted(maps.Keys(object)), server.Shown[step.collection]; !slices.Equal(got, want) {
						t.Errorf("%s: got %v\nwant %v", step.collection, got, want)
					}
				}
			}
			w := httptest.NewRecorder()
			app.ServeHTTP(w, httptest.NewRequest("GET", "/v2.0/extensions", nil))
			var list struct{ Extensions []struct{ Alias string } }
			if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Extensions) == 0 {
				t.Fatalf("extensions: got %d %s", w.Code, w.Body)
			}
			for _, e := range list.Extensions {
				if !slices.Contains(server.Shown["extensions"], e.Alias) {
					t.Errorf("extension %s is none of Neutron's with these plugins", e.Alias)
				}
			}
		})
	}
}
