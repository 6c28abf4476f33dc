package httpapp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// TestRoutedNetworksGiveAddressesByHost: agents report which physical networks they reach; a port without host waits, gets
// its address on the segment of its host, and is not moved where the address would not work.
func TestRoutedNetworksGiveAddressesByHost(t *testing.T) {
	t.Parallel()
	snapshot := load(t, recorded)
	db := open(t, snapshot)
	app := applicationOn(t, snapshot, db, "pecan")
	report, err := agents.New(agents.Options{DB: func() *store.DB { return db }, DownTime: func() time.Duration { return time.Hour },
		Changed: func(tx *store.Tx, r agents.Report, before string) error {
			return httpapp.MapHost(tx, r, before, time.Now())
		}})
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path, body string) (int, map[string]any) {
		t.Helper()
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest(method, "/v2.0/"+path, strings.NewReader(body)))
		out := map[string]any{}
		if w.Body.Len() > 0 {
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range out {
			if m, ok := v.(map[string]any); ok {
				return w.Code, m
			}
		}
		return w.Code, out
	}
	make := func(path, body string) string {
		t.Helper()
		code, out := call(http.MethodPost, path, body)
		if code != http.StatusCreated {
			t.Fatalf("POST %s: %d %v", path, code, out)
		}
		return out["id"].(string)
	}
	network := make("networks", `{"network": {"provider:network_type": "vlan", "provider:physical_network": "physnet1"}}`)
	other := make("segments", fmt.Sprintf(`{"segment": {"network_id": %q, "network_type": "vlan", "physical_network": "physnet2"}}`, network))
	_, list := call(http.MethodGet, "segments?physical_network=physnet1&network_id="+network, "")
	first := list["segments"].([]any)[0].(map[string]any)["id"].(string)
	subnets := map[string]string{}
	for segment, cidr := range map[string]string{first: "10.1.0.0/24", other: "10.2.0.0/24"} {
		subnets[segment] = make("subnets", fmt.Sprintf(`{"subnet": {"network_id": %q, "ip_version": 4, "cidr": %q, "segment_id": %q}}`, network, cidr, segment))
	}
	for host, bridges := range map[string]string{"h1": "physnet1", "h2": "physnet2", "h3": "physnet3"} { // behind the segments
		if _, err := report.Report(context.Background(), agents.Report{AgentType: "Open vSwitch agent", Binary: "b", Host: host, Topic: "t",
			Configurations: json.RawMessage(fmt.Sprintf(`{"bridge_mappings": {%q: "br"}}`, bridges))}); err != nil {
			t.Fatal(err)
		}
	}
	_, n := call(http.MethodGet, "networks/"+network, "")
	if n["l2_adjacency"] != false {
		t.Errorf("l2_adjacency is %v", n["l2_adjacency"])
	}
	port := make("ports", fmt.Sprintf(`{"port": {"network_id": %q}}`, network))
	_, p := call(http.MethodGet, "ports/"+port, "")
	if p["ip_allocation"] != "deferred" || len(p["fixed_ips"].([]any)) != 0 {
		t.Errorf("without host: %v, %v", p["ip_allocation"], p["fixed_ips"])
	}
	on := func(host string) string {
		t.Helper()
		code, p := call(http.MethodPut, "ports/"+port, fmt.Sprintf(`{"port": {"binding:host_id": %q}}`, host))
		if code != http.StatusOK {
			return fmt.Sprint(code, " ", p["type"])
		}
		return p["fixed_ips"].([]any)[0].(map[string]any)["subnet_id"].(string)
	}
	got := []string{on("h3"), on("h2"), on("h1"), on("h3"), on("h2")}
	want := []string{"409 HostNotConnectedToAnySegment", subnets[other], "409 HostNotCompatibleWithFixedIps",
		"409 HostNotConnectedToAnySegment", subnets[other]}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if code, e := call(http.MethodDelete, "segments/"+other, ""); code != http.StatusConflict || !strings.Contains(e["message"].(string), subnets[other]) {
		t.Errorf("a segment in use: %d %v", code, e)
	}
}
