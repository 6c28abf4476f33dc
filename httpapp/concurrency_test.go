package httpapp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// clients are the concurrent clients of these tests, each of which asks twice.
const clients = 64

// rivals builds two applications on one database, each with connections of its own, as worker processes have.
func rivals(t *testing.T, more string) []http.Handler {
	t.Helper()
	s := load(t, more)
	url := "sqlite:///" + filepath.Join(t.TempDir(), "neutron.sqlite")
	apps := make([]http.Handler, 2)
	for i := range apps {
		db, err := store.Open(t.Context(), store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := httpapp.Prepare(t.Context(), s, db); err != nil {
			t.Fatal(err)
		}
		apps[i] = applicationOn(t, s, db, "pecan")
	}
	return apps
}

// scramble is a race of all clients for something that there is too little of.
type scramble struct {
	path string
	// body is what client number i asks for.
	body func(i int) string
	// won reads what an answer of 201 has given away.
	won func(raw []byte) (string, error)
	// status and failure are the answer to those who come too late.
	status  int
	failure string
}

// run has all clients ask twice, and expects that exactly capacity of them get something, each something else.
func (s *scramble) run(t *testing.T, apps []http.Handler, capacity int) {
	t.Helper()
	var mu sync.Mutex
	given := make(map[string]int) // guarded by mu
	refused := 0                  // guarded by mu
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for k := range 2 {
				w := ask(apps[i%len(apps)], "POST", s.path, s.body(2*i+k))
				mu.Lock()
				switch w.Code {
				case http.StatusCreated:
					what, err := s.won(w.Body.Bytes())
					if err != nil || what == "" {
						t.Errorf("answer %s: %v", w.Body, err)
					}
					given[what]++
				case s.status:
					if got := errorType(w.Body.Bytes()); got != s.failure {
						t.Errorf("refused with %s, want %s", w.Body, s.failure)
					}
					refused++
				default:
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(given) != capacity || refused != 2*clients-capacity {
		t.Errorf("%d given and %d refused, want %d and %d", len(given), refused, capacity, 2*clients-capacity)
	}
	for what, n := range given {
		if n > 1 {
			t.Errorf("%s given %d times", what, n)
		}
	}
}

func errorType(raw []byte) string {
	var body struct{ NeutronError struct{ Type string } }
	if err := json.Unmarshal(raw, &body); err != nil {
		return err.Error()
	}
	return body.NeutronError.Type
}

// TestClientsFillASubnetExactly: a /26 has 61 addresses for ports.
func TestClientsFillASubnetExactly(t *testing.T) {
	t.Parallel()
	apps := rivals(t, "")
	network := made(t, apps[0], "network", `"name": "n"`)
	made(t, apps[0], "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/26"`, network))
	s := scramble{path: "/v2.0/ports", status: http.StatusConflict, failure: "IpAddressGenerationFailure",
		body: func(int) string { return fmt.Sprintf(`{"port": {"network_id": "%s"}}`, network) },
		won: func(raw []byte) (string, error) {
			var answer struct {
				Port struct {
					IPs []struct {
						Address string `json:"ip_address"`
					} `json:"fixed_ips"`
				}
			}
			err := json.Unmarshal(raw, &answer)
			if len(answer.Port.IPs) != 1 {
				return "", fmt.Errorf("%d addresses (%v)", len(answer.Port.IPs), err)
			}
			return answer.Port.IPs[0].Address, err
		}}
	s.run(t, apps, 61)
}

// TestClientsEmptyASubnetPoolExactly: a /21 has 32 subnets of 64 addresses.
func TestClientsEmptyASubnetPoolExactly(t *testing.T) {
	t.Parallel()
	apps := rivals(t, "")
	network := made(t, apps[0], "network", `"name": "n"`)
	pool := made(t, apps[0], "subnetpool", `"name": "p", "prefixes": ["10.0.0.0/21"], "default_prefixlen": 26, "min_prefixlen": 26`)
	s := scramble{path: "/v2.0/subnets", status: http.StatusConflict, failure: "SubnetAllocationError",
		body: func(int) string {
			return fmt.Sprintf(`{"subnet": {"network_id": "%s", "ip_version": 4, "subnetpool_id": "%s"}}`, network, pool)
		},
		won: func(raw []byte) (string, error) {
			var answer struct{ Subnet struct{ CIDR string } }
			err := json.Unmarshal(raw, &answer)
			return answer.Subnet.CIDR, err
		}}
	s.run(t, apps, 32)
}

// TestClientsTakeEverySegmentOnce: project networks are given ids of a range until there is none, and then Neutron's 503.
func TestClientsTakeEverySegmentOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, settings, body string }{
		{"vxlan", "[ml2]\nproject_network_types = vxlan\n[ml2_type_vxlan]\nvni_ranges = 100:129,200:219\n", `{"network": {}}`},
		{"geneve", "[ml2]\nproject_network_types = geneve\n[ml2_type_geneve]\nvni_ranges = 7:56\nmax_header_size = 38\n", `{"network": {}}`},
		{"vlan", "[ml2]\nproject_network_types = vlan\n[ml2_type_vlan]\nnetwork_vlan_ranges = a:1:20,b:5:34\n", `{"network": {}}`},
		{"vlan on a named physical network", "[ml2_type_vlan]\nnetwork_vlan_ranges = a:1:50,b:1:50\n",
			`{"network": {"provider:network_type": "vlan", "provider:physical_network": "b"}}`},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			s := scramble{path: "/v2.0/networks", status: http.StatusServiceUnavailable, failure: "NoNetworkAvailable",
				body: func(int) string { return c.body },
				won: func(raw []byte) (string, error) {
					var answer struct {
						Network struct {
							Physical string `json:"provider:physical_network"`
							ID       int64  `json:"provider:segmentation_id"`
						}
					}
					err := json.Unmarshal(raw, &answer)
					return fmt.Sprintf("%s %d", answer.Network.Physical, answer.Network.ID), err
				}}
			s.run(t, rivals(t, c.settings), 50)
		})
	}
}

// TestClientsTakeANamedSegmentOnce: all want the same VLAN.
func TestClientsTakeANamedSegmentOnce(t *testing.T) {
	t.Parallel()
	apps := rivals(t, "[ml2_type_vlan]\nnetwork_vlan_ranges = a:1:50\n")
	s := scramble{path: "/v2.0/networks", status: http.StatusConflict, failure: "VlanIdInUse",
		body: func(int) string {
			return `{"network": {"provider:network_type": "vlan", "provider:physical_network": "a", "provider:segmentation_id": 9}}`
		},
		won: func([]byte) (string, error) { return "vlan 9", nil }}
	s.run(t, apps, 1)
}

// TestClientsTakeANamedAddressOnce: all want the same address.
func TestClientsTakeANamedAddressOnce(t *testing.T) {
	t.Parallel()
	apps := rivals(t, "")
	network := made(t, apps[0], "network", `"name": "n"`)
	made(t, apps[0], "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/26"`, network))
	s := scramble{path: "/v2.0/ports", status: http.StatusConflict, failure: "IpAddressAlreadyAllocated",
		body: func(int) string {
			return fmt.Sprintf(`{"port": {"network_id": "%s", "fixed_ips": [{"ip_address": "10.0.0.9"}]}}`, network)
		},
		won: func([]byte) (string, error) { return "10.0.0.9", nil }}
	s.run(t, apps, 1)
}
