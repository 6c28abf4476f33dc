package httpapp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// TestSegmentIDsAreGivenOnceToManyClients: 64 clients want a vlan of a range of 20, kept in either way; exactly 20 get one.
func TestSegmentIDsAreGivenOnceToManyClients(t *testing.T) {
	t.Parallel()
	for name, plugins := range map[string]string{"configured": "segments", "stored": "segments,network_segment_range"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := application(t, "pecan", "[DEFAULT]\nquota_network = -1\nservice_plugins = "+plugins+`
[quotas]
quota_network = -1
[ml2]
project_network_types = vlan
[ml2_type_vlan]
network_vlan_ranges = physnet1:101:120
`)
			var mu sync.Mutex
			ids, refused := map[int]int{}, 0
			var all sync.WaitGroup
			for range 64 {
				all.Go(func() {
					w := httptest.NewRecorder()
					app.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v2.0/networks", strings.NewReader(`{"network": {}}`)))
					var body struct {
						Network struct {
							ID int `json:"provider:segmentation_id"`
						}
						NeutronError struct{ Type string }
					}
					if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					switch {
					case w.Code == http.StatusCreated:
						ids[body.Network.ID]++
					case w.Code == http.StatusServiceUnavailable && body.NeutronError.Type == "NoNetworkAvailable":
						refused++
					default:
						t.Errorf("got %d %s", w.Code, w.Body)
					}
				})
			}
			all.Wait()
			if len(ids) != 20 || refused != 44 {
				t.Errorf("%d different ids, %d refusals, want 20 and 44", len(ids), refused)
			}
			for id, n := range ids {
				if n != 1 || id < 101 || id > 120 {
					t.Errorf("id %d was given %d times", id, n)
				}
			}
		})
	}
}
