package httpapp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const (
	overNetwork = `{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['network'].", "detail": ""}}`
	overRule    = `{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['security_group_rule'].", "detail": ""}}`
)

// TestSixtyFourClientsMakeExactlyTheQuota through the whole application: single creates and bulks that are all too large.
func TestSixtyFourClientsMakeExactlyTheQuota(t *testing.T) {
	t.Parallel()
	for _, framework := range []string{"pecan", "legacy"} {
		app := application(t, framework, "[quotas]\nquota_network = 20\n")
		var mu sync.Mutex
		answers := map[int]int{}
		var clients sync.WaitGroup
		for i := range 64 {
			clients.Go(func() {
				body := `{"network": {"project_id": "p"}}`
				if i%8 == 7 { // more than is ever left
					body = `{"networks": [` + strings.Repeat(`{"project_id": "p"}, `, 20) + `{"project_id": "p"}]}`
				}
				w := ask(app, "POST", "/v2.0/networks", body)
				if w.Code != http.StatusCreated && w.Body.String() != overNetwork {
					t.Errorf("%s: %d %s", framework, w.Code, w.Body)
				}
				mu.Lock()
				defer mu.Unlock()
				answers[w.Code]++
			})
		}
		clients.Wait()
		if answers[http.StatusCreated] != 20 || answers[http.StatusConflict] != 44 {
			t.Errorf("%s: got %v, want 20 times 201 and 44 times 409", framework, answers)
		}
		var list struct{ Networks []struct{ ID string } }
		w := ask(app, "GET", "/v2.0/networks?project_id=p&fields=id", "")
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Networks) != 20 {
			t.Errorf("%s: %d networks are there (%v)", framework, len(list.Networks), err)
		}
		const used = `{"quota": {"network": {"limit": 20, "used": 20, "reserved": 0}, `
		if w := ask(app, "GET", "/v2.0/quotas/p/details", ""); !strings.HasPrefix(w.Body.String(), used) {
			t.Errorf("%s: details: %s", framework, w.Body)
		}
	}
}

// TestEveryLimitedResourceIsHeldToIt makes one object of each resource where one is allowed, and another one, over the limit or
// refused for its number alone.
func TestEveryLimitedResourceIsHeldToIt(t *testing.T) {
	t.Parallel()
	app := application(t, "pecan", "[quotas]\nquota_network = 1\nquota_subnet = 1\nquota_port = 1\nquota_security_group = 2\n"+
		"quota_security_group_rule = 9\ndefault_quota = 1\n")
	network := made(t, app, "network", `"project_id": "p"`)
	group := ""
	for _, c := range []struct{ path, resource, body string }{
		{"networks", "network", `"project_id": "p"`},
		{"subnets", "subnet", fmt.Sprintf(`"project_id": "p", "network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/24"`, network)},
		{"subnets", "subnet", fmt.Sprintf(`"project_id": "p", "network_id": "%s", "ip_version": 4, "cidr": "10.0.1.0/24"`, network)},
		{"ports", "port", fmt.Sprintf(`"project_id": "p", "network_id": "%s"`, network)},
		{"ports", "port", fmt.Sprintf(`"project_id": "p", "network_id": "%s"`, network)},
		{"subnetpools", "subnetpool", `"project_id": "p", "name": "a", "prefixes": ["10.0.0.0/8"]`},
		{"subnetpools", "subnetpool", `"project_id": "p", "name": "a", "prefixes": ["10.0.0.0/8"]`},
		{"security-groups", "security_group", `"project_id": "p", "name": "a"`},
		{"security-groups", "security_group", `"project_id": "p", "name": "a"`},
		{"security-group-rules", "security_group_rule", `"project_id": "p", "security_group_id": "$group", "direction": "ingress", "protocol": "1"`},
		{"security-group-rules", "security_group_rule", `"project_id": "p", "security_group_id": "$group", "direction": "ingress", "protocol": "2"`},
		{"security-group-rules", "security_group_rule", `"project_id": "p", "security_group_id": "$group", "direction": "ingress", "protocol": "3"`},
		{"security-group-rules", "security_group_rule", `"project_id": "p", "security_group_id": "$group", "direction": "ingress", "protocol": "4"`},
	} {
		w := ask(app, "POST", "/v2.0/"+c.path, fmt.Sprintf(`{"%s": {%s}}`, c.resource, strings.ReplaceAll(c.body, "$group", group)))
		t.Logf("%s: %d", c.path, w.Code)
		if w.Code == http.StatusCreated && c.resource == "security_group" {
			var answer struct {
				Group struct{ ID string } `json:"security_group"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			group = answer.Group.ID
		}
		want := fmt.Sprintf("Quota exceeded for resources: ['%s'].", c.resource)
		if w.Code != http.StatusCreated && (w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), want)) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
	const want = `{"quota": {"network": {"limit": 1, "used": 1, "reserved": 0}, "subnet": {"limit": 1, "used": 1, "reserved": 0}, ` +
		`"subnetpool": {"limit": 1, "used": 1, "reserved": 0}, "port": {"limit": 1, "used": 1, "reserved": 0}, ` +
		`"router": {"limit": 10, "used": 0, "reserved": 0}, "floatingip": {"limit": 50, "used": 0, "reserved": 0}, ` +
		`"rbac_policy": {"limit": 10, "used": 0, "reserved": 0}, "security_group": {"limit": 2, "used": 2, "reserved": 0}, ` +
		`"security_group_rule": {"limit": 9, "used": 9, "reserved": 0}, "trunk": {"limit": 1, "used": 0, "reserved": 0}}}`
	if w := ask(app, "GET", "/v2.0/quotas/p/details", ""); w.Body.String() != want {
		t.Errorf("got  %s\nwant %s", w.Body, want)
	}
}

// TestRulesOfNewGroupsCount, of default groups that nobody has asked for as well; those groups themselves are always allowed.
// Observed on 2026.1.
func TestRulesOfNewGroupsCount(t *testing.T) {
	t.Parallel()
	app := application(t, "pecan", "[quotas]\nquota_security_group = 1\nquota_security_group_rule = 2\n")
	if w := ask(app, "PUT", "/v2.0/quotas/rich", `{"quota": {"security_group_rule": 4}}`); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	network := made(t, app, "network", `"project_id": "rich"`)
	for _, c := range []struct{ method, path, body, want string }{
		{"POST", "/v2.0/networks", `{"network": {"project_id": "p"}}`, overRule},
		{"POST", "/v2.0/networks", `{"networks": [{"project_id": "rich"}, {"project_id": "p"}]}`, overRule},
		{"POST", "/v2.0/ports", `{"port": {"project_id": "p", "network_id": "` + network + `"}}`, overRule},
		{"POST", "/v2.0/security-groups", `{"security_group": {"project_id": "p", "name": "x"}}`, overRule},
		{"GET", "/v2.0/security-groups?project_id=p", ``, overRule},
		{"PUT", "/v2.0/quotas/p", `{"quota": {"security_group_rule": 4}}`, `"security_group_rule": 4`},
		{"GET", "/v2.0/security-groups?project_id=p&fields=name", ``, `{"security_groups": [{"name": "default"}]}`},
		{"POST", "/v2.0/security-groups", `{"security_group": {"project_id": "p", "name": "x"}}`, "['security_group']."},
		{"PUT", "/v2.0/quotas/p", `{"quota": {"security_group": -1}}`, `"security_group": -1`},
		{"POST", "/v2.0/security-groups", `{"security_group": {"project_id": "p", "name": "x"}}`, overRule},
		{"PUT", "/v2.0/quotas/p", `{"quota": {"security_group_rule": 6}}`, `"security_group_rule": 6`},
		{"POST", "/v2.0/security-groups", `{"security_group": {"project_id": "p", "name": "x"}}`, `"name": "x"`},
		{"POST", "/v2.0/networks", `{"network": {"project_id": "p"}}`, `"status":"ACTIVE"`},
	} {
		if w := ask(app, c.method, c.path, c.body); !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s %s: got %d %s, want %s", c.method, c.path, c.body, w.Code, w.Body, c.want)
		}
	}
}

// TestNumbersOfLimits has what a client may take for one.
func TestNumbersOfLimits(t *testing.T) {
	t.Parallel()
	app := application(t, "pecan", "")
	for value, want := range map[string]string{
		`"5"`: `"network": 5,`, `" -1 "`: `"network": -1,`, `true`: `"network": 1,`, `5.9`: `"network": 5,`, `2147483647`: `"network": 2147483647,`,
		`2147483648`:            "Invalid input for network. Reason: '2147483648' is too large - must be no larger than '2147483647'.",
		`99999999999999999999`:  "Invalid input for network. Reason: '99999999999999999999' is too large - must be no larger than '2147483647'.",
		`-99999999999999999999`: "Invalid input for network. Reason: '-99999999999999999999' is too small - must be at least '-1'.",
		`"-2"`:                  "Invalid input for network. Reason: '-2' is too small - must be at least '-1'.",
		`[]`:                    "Invalid input for operation: '[]' is not an integer.",
		`1}, "bogus": {"a": 2`:  `"network": 1,`,
		`1, "project_id": "p"`:  "Unrecognized attribute(s) 'project_id, tenant_id'",
		`1, "a": 1, "b": 2`:     "Unrecognized attribute(s) 'a, b'",
	} {
		if w := ask(app, "PUT", "/v2.0/quotas/p", `{"quota": {"network": `+value+`}}`); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d %s, want %s", value, w.Code, w.Body, want)
		}
	}
}

// TestURLsOfQuotas has those that the recordings do not.
func TestURLsOfQuotas(t *testing.T) {
	t.Parallel()
	const null = "[quotas]\nquota_driver = neutron.db.quota.driver_null.DbQuotaDriverNull\n"
	some, none := application(t, "pecan", ""), application(t, "pecan", null)
	for _, c := range []struct {
		what         string
		app          http.Handler
		method, path string
		want         wanted
	}{
		{"POST", some, "POST", "/v2.0/quotas", wanted{501, `"type": "HTTPNotImplemented", "message": "POST requests are not supported on this resource."`}},
		{"HEAD", some, "HEAD", "/v2.0/quotas/p", wanted{200, anyBody}},
		{"POST of a project", some, "POST", "/v2.0/quotas/p", wanted{200, `{"quota": {"network": 100, `}},
		{"new", some, "GET", "/v2.0/quotas/new", wanted{404, notFound}},
		{"edit", some, "GET", "/v2.0/quotas/p/edit", wanted{404, notFound}},
		{"no body", some, "PUT", "/v2.0/quotas/p", wanted{400, "Resource body required"}},
		{"suffix", some, "GET", "/v2.0/quotas/p/default.json", wanted{200, `{"quota": {"network": 100, `}},
		{"details", some, "GET", "/v2.0/quotas/p/details", wanted{200, `{"quota": {"network": {"limit": 100, "used": 0, "reserved": 0}`}},
		{"extension", some, "GET", "/v2.0/extensions/quota_details", wanted{200, "Quota details management support"}},
		{"without limits", none, "GET", "/v2.0/quotas/p", wanted{200, `{"quota": {}}`}},
		{"no details", none, "GET", "/v2.0/quotas/p/details", wanted{404, notFound}},
		{"no extension", none, "GET", "/v2.0/extensions/quota_details", wanted{404, "Extension with alias quota_details does not exist"}},
		{"the other extension", none, "GET", "/v2.0/extensions/quotas", wanted{200, "Quota management support"}},
	} {
		if diff := c.want.diff(request(c.app, c.method, c.path, "")); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
}

// TestTheLimitComesBeforeWhatElseIsWrong with a request, but for what its attributes alone tell. Observed on 2026.1.
func TestTheLimitComesBeforeWhatElseIsWrong(t *testing.T) {
	t.Parallel()
	const unknown = "11111111-2222-3333-4444-555555555555"
	app := application(t, "pecan", "[quotas]\nquota_network = 0\nquota_subnet = 0\nquota_port = 0\nquota_security_group = 0\n"+
		"quota_security_group_rule = 0\ndefault_quota = 0\n")
	for _, c := range []struct{ path, body, want string }{
		{"subnets", `{"subnet": {"network_id": "` + unknown + `", "ip_version": 6, "cidr": "10.0.0.0/24"}}`, "['subnet']."},
		{"subnets", `{"subnets": [{"network_id": "` + unknown + `", "ip_version": 4}]}`, "['subnet']."},
		{"ports", `{"port": {"network_id": "` + unknown + `"}}`, "['port']."},
		{"networks", `{"network": {"provider:network_type": "vlan"}}`, "['network']."},
		{"networks", `{"network": {"name": 5}}`, "Invalid input for name."},
		{"subnetpools", `{"subnetpool": {"name": "a", "prefixes": ["10.0.0.0/8", "fe80::/64"]}}`, "['subnetpool']."},
		{"security-groups", `{"security_group": {"name": "a"}}`, "['security_group']."},
		{"security-groups", `{"security_group": {"name": "default"}}`, "Default security group already exists."},
		{"security-group-rules", `{"security_group_rule": {"security_group_id": "` + unknown + `", "direction": "ingress", "port_range_min": 4}}`, "['security_group_rule']."},
		{"security-group-rules", `{"security_group_rules": [{"security_group_id": "` + unknown + `", "direction": "ingress"}, {"project_id": "other",
			"security_group_id": "` + unknown + `", "direction": "ingress"}]}`, "['security_group_rule']."},
	} {
		if w := ask(app, "POST", "/v2.0/"+c.path, c.body); w.Code < 400 || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: got %d %s, want %s", c.path, c.body, w.Code, w.Body, c.want)
		}
	}
	if w := ask(app, "POST", "/v2.0/address-scopes", `{"address_scope": {"name": "a", "ip_version": 4}}`); w.Code != http.StatusCreated {
		t.Errorf("an address scope has no limit: %d %s", w.Code, w.Body)
	}
}
