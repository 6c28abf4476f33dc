package httpapp_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// as sends requests in the name of a member of one project.
type as struct {
	t       *testing.T
	url     string
	project string
	roles   string
}

func (a as) do(method, path string, body any) (int, map[string]any) {
	a.t.Helper()
	var content []byte
	if body != nil {
		content, _ = json.Marshal(body)
	}
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.url+"/v2.0/"+path, bytes.NewReader(content))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("X-Project-Id", a.project)
	r.Header.Set("X-User-Id", "user-of-"+a.project)
	r.Header.Set("X-Roles", a.roles)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&out)
	return resp.StatusCode, out
}

// want sends a request and wants a status, and in the answer the text unless that is "".
func (a as) want(status int, text, method, path string, body any) map[string]any {
	a.t.Helper()
	got, out := a.do(method, path, body)
	whole, _ := json.Marshal(out)
	if got != status || !strings.Contains(string(whole), text) {
		a.t.Errorf("%s as %s: %s %s: got %d %s, want %d with %q", a.roles, a.project, method, path, got, whole, status, text)
	}
	return out
}

// sees reports whether a list has the object.
func (a as) sees(collection, id string) bool {
	a.t.Helper()
	out := a.want(http.StatusOK, "", http.MethodGet, strings.ReplaceAll(collection, "_", "-"), nil)
	list, _ := out[collection].([]any)
	for _, v := range list {
		if m, _ := v.(map[string]any); m["id"] == id {
			return true
		}
	}
	return false
}

// sharable are the resources that entries share, with what makes one and the type of the answer that there is none.
var sharable = []struct {
	kind, collection, missing string
	attrs                     map[string]any
}{
	{"network", "networks", "NetworkNotFound", map[string]any{"name": "n"}},
	{"security_group", "security_groups", "SecurityGroupNotFound", map[string]any{"name": "n"}},
	{"address_scope", "address_scopes", "AddressScopeNotFound", map[string]any{"name": "n", "ip_version": 4}},
	{"subnetpool", "subnetpools", "SubnetPoolNotFound", map[string]any{"name": "n", "prefixes": []string{"10.60.0.0/16"}}},
	{"address_group", "address_groups", "AddressGroupNotFound", map[string]any{"name": "n"}},
}

// What an entry shares is read by its target, changed by its owner, and not there for anybody else.
func TestSharedObjectsAreReadByTheirTargetsOnly(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			conf := load(t, recorded)
			s := httptest.NewServer(identifying(t, conf, open(t, conf), framework))
			defer s.Close()
			member := func(project string) as { return as{t, s.URL, project, "member,reader"} }
			for _, r := range sharable {
				t.Run(r.kind, func(t *testing.T) {
					p, q, other := member("p"), member("q"), member("r")
					p.t, q.t, other.t = t, t, t
					made := p.want(http.StatusCreated, "", http.MethodPost, strings.ReplaceAll(r.collection, "_", "-"), map[string]any{r.kind: r.attrs})
					object, _ := made[r.kind].(map[string]any)
					id, _ := object["id"].(string)
					at := strings.ReplaceAll(r.collection, "_", "-") + "/" + id
					rename := map[string]any{r.kind: map[string]any{"name": "other"}}

					q.want(http.StatusNotFound, r.missing, http.MethodGet, at, nil)
					entry := map[string]any{"object_type": r.kind, "object_id": id, "action": "access_as_shared", "target_tenant": "q"}
					q.want(http.StatusBadRequest, "could not be found", http.MethodPost, "rbac-policies", map[string]any{"rbac_policy": entry})
					out := p.want(http.StatusCreated, "", http.MethodPost, "rbac-policies", map[string]any{"rbac_policy": entry})
					policy, _ := out["rbac_policy"].(map[string]any)
					entryID, _ := policy["id"].(string)

					q.want(http.StatusOK, id, http.MethodGet, at, nil)
					q.want(http.StatusForbidden, "PolicyNotAuthorized", http.MethodPut, at, rename)
					q.want(http.StatusForbidden, "PolicyNotAuthorized", http.MethodDelete, at, nil)
					q.want(http.StatusNotFound, "RbacPolicyNotFound", http.MethodGet, "rbac-policies/"+entryID, nil)
					other.want(http.StatusNotFound, r.missing, http.MethodGet, at, nil)
					other.want(http.StatusNotFound, r.missing, http.MethodPut, at, rename)
					other.want(http.StatusNotFound, r.missing, http.MethodDelete, at, nil)
					other.want(http.StatusNotFound, r.missing, http.MethodGet, strings.ReplaceAll(r.collection, "_", "-")+"?limit=1&marker="+id, nil)
					if !p.sees(r.collection, id) || !q.sees(r.collection, id) || other.sees(r.collection, id) {
						t.Error("the lists are not those of p and q alone")
					}
					wild := map[string]any{"rbac_policy": map[string]any{"target_tenant": "*"}}
					p.want(http.StatusForbidden, "", http.MethodPut, "rbac-policies/"+entryID, wild)
					p.want(http.StatusNoContent, "", http.MethodDelete, "rbac-policies/"+entryID, nil)
					q.want(http.StatusNotFound, r.missing, http.MethodGet, at, nil)
					p.want(http.StatusNoContent, "", http.MethodDelete, at, nil)
				})
			}
		})
	}
}

// TestSubnetsOfASharedNetworkJoinNoForeignPool: who only sees a network does not take its subnets into a pool of his own.
func TestSubnetsOfASharedNetworkJoinNoForeignPool(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", "", nil)
	shared := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {"project_id": "p1", "shared": true}}`, asAdmin...))
	subnet := idOf(t, request(app, "POST", "/v2.0/subnets", `{"subnet": {"network_id": "`+shared+`", "ip_version": 4, "cidr": "10.1.0.0/24"}}`, asMember...))
	for _, c := range []struct {
		who  []string
		want wanted
	}{
		{asOther, wanted{403, `"type": "NotAuthorized", "message": "Not authorized."`}},
		{asMember, wanted{200, subnet}},
	} {
		pool := idOf(t, request(app, "POST", "/v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.64.0.0/16"]}}`, c.who...))
		if d := c.want.diff(request(app, "PUT", "/v2.0/subnetpools/"+pool+"/onboard_network_subnets", `{"network_id": "`+shared+`"}`, c.who...)); d != "" {
			t.Errorf("%v: %s", c.who, d)
		}
	}
}
