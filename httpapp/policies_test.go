package httpapp_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
)

// Callers as the headers of their requests say.
var (
	asAdmin  = []string{"X-User-Id", "u", "X-Project-Id", "p0", "X-Roles", "admin,member,reader"}
	asMember = []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "member,reader"}
	asReader = []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "reader"}
	asOther  = []string{"X-User-Id", "u", "X-Project-Id", "p2", "X-Roles", "member,reader"}
)

// policed builds an application with policy files, whose callers are those of the headers.
func policed(t *testing.T, framework, more string, files map[string]string) http.Handler {
	t.Helper()
	system := fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte("[DEFAULT]\ncore_plugin = ml2\n[ml2]\ntenant_network_types = vxlan\n" +
		"[ml2_type_vxlan]\nvni_ranges = 1:100\n" + more)}}
	for name, text := range files {
		system["etc/neutron/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	s, err := conf.Load(conf.FileSystem(system))
	if err != nil {
		t.Fatal(err)
	}
	return identifying(t, s, open(t, s), framework)
}

// made creates an object and returns its id.
func idOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body map[string]struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, object := range body {
		return object.ID
	}
	return ""
}

// TestPoliciesOfFiles: what a file forbids is forbidden, by both front controllers.
func TestPoliciesOfFiles(t *testing.T) {
	t.Parallel()
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			app := policed(t, framework, "", map[string]string{
				"policy.yaml": "\"get_network:mtu\": \"role:admin\"\n\"get_network:name\": \"rule:owner\"\n\"get_subnet\": \"!\"\n\"create_network\": \"!\"\n",
				"policy.d/10.json": `{"create_network": "role:member or role:admin", "delete_address_scope": "role:janitor",
					"get_address_scope": "role:janitor or role:reader and rule:owner"}`,
				"policy.d/.hidden": "not even: yaml: at all",
			})
			shared := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {"name": "n", "shared": true}}`, asAdmin...))
			own := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {"name": "own"}}`, asMember...))
			subnet := idOf(t, request(app, "POST", "/v2.0/subnets", `{"subnet": {"network_id": "`+own+`", "ip_version": 4, "cidr": "10.0.0.0/24"}}`, asMember...))
			scope := idOf(t, request(app, "POST", "/v2.0/address-scopes", `{"address_scope": {"name": "a", "ip_version": 4}}`, asMember...))
			for _, row := range []struct {
				what, method, path, body string
				who                      []string
				want                     wanted
			}{
				{"a file's rule of an action", "POST", "/v2.0/networks", `{"network": {}}`, asReader, wanted{403, `"message": "rule:create_network is disallowed by policy"`}},
				{"an object that may be seen", "DELETE", "/v2.0/address-scopes/" + scope, "", asMember, wanted{403, "rule:delete_address_scope is disallowed by policy"}},
				{"an object that may not", "DELETE", "/v2.0/address-scopes/" + scope, "", asAdmin, wanted{404, `"type": "HTTPNotFound"`}},
				{"show that is denied", "GET", "/v2.0/subnets/" + subnet, "", asMember, wanted{404, `"type": "HTTPNotFound"`}},
				{"update of what cannot be seen", "PUT", "/v2.0/subnets/" + subnet, `{"subnet": {"name": "x"}}`, asReader, wanted{404, `"type": "HTTPNotFound"`}},
			} {
				if d := row.want.diff(request(app, row.method, row.path, row.body, row.who...)); d != "" {
					t.Errorf("%s: %s", row.what, d)
				}
			}
			if w := request(app, "GET", "/v2.0/subnets", "", asMember...); strings.Contains(w.Body.String(), subnet) {
				t.Errorf("a list shows what no show shows: %s", w.Body)
			}
			// The rule of mtu hides it from everybody but administrators, the rule of name from all but the owner: row by row.
			w := request(app, "GET", "/v2.0/networks?fields=id&fields=name&fields=mtu&sort_key=name&sort_dir=asc", "", asMember...)
			if got, want := blankless(w.Body.String()), `{"networks":[{"id":"`+shared+`"},{"id":"`+own+`","name":"own"}]}`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if w := request(app, "GET", "/v2.0/networks/"+shared, "", asAdmin...); !strings.Contains(w.Body.String(), `"mtu"`) {
				t.Errorf("an administrator sees no mtu: %s", w.Body)
			}
			if w := request(app, "PUT", "/v2.0/networks/"+own, `{"network": {"description": "d"}}`, asMember...); w.Code != 200 ||
				strings.Contains(w.Body.String(), `"mtu"`) || !strings.Contains(w.Body.String(), `"own"`) {
				t.Errorf("the answer to an update: %d %s", w.Code, w.Body)
			}
		})
	}
}

func blankless(s string) string {
	return strings.NewReplacer(`": "`, `":"`, `", "`, `","`, `}, {`, `},{`, `": [`, `":[`).Replace(s)
}

// TestActionsAreEnforced: an action has the rule of its name, and nobody learns of an object by it.
func TestActionsAreEnforced(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", "", nil)
	pool := idOf(t, request(app, "POST", "/v2.0/subnetpools", `{"subnetpool": {"name": "p", "prefixes": ["10.0.0.0/8"]}}`, asMember...))
	body := `{"prefixes": ["11.0.0.0/8"]}`
	for _, row := range []struct {
		who  []string
		want wanted
	}{
		{asReader, wanted{403, `"message": "rule:add_prefixes is disallowed by policy"`}},
		{asOther, wanted{404, anyBody}},
		{asMember, wanted{200, "10.0.0.0/7"}},
		{asAdmin, wanted{200, "10.0.0.0/7"}},
	} {
		if d := row.want.diff(request(app, "PUT", "/v2.0/subnetpools/"+pool+"/add_prefixes", body, row.who...)); d != "" {
			t.Errorf("%v: %s", row.who, d)
		}
	}
}

// TestURLsWithoutATableAreEnforced: tags by the object that has them, agents and bindings by roles.
func TestURLsWithoutATableAreEnforced(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", "", nil)
	network := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {"name": "n"}}`, asMember...))
	port := idOf(t, request(app, "POST", "/v2.0/ports", `{"port": {"network_id": "`+network+`", "device_owner": "compute:a"}}`, asMember...))
	for _, row := range []struct {
		method, path, body string
		who                []string
		want               wanted
	}{
		{"PUT", "/v2.0/networks/" + network + "/tags/a", "", asMember, wanted{201, anyBody}},
		{"PUT", "/v2.0/networks/" + network + "/tags/b", "", asReader, wanted{403, "rule:update_network:tags is disallowed by policy"}},
		{"PUT", "/v2.0/networks/" + network + "/tags/c", "", asOther, wanted{404, anyBody}},
		{"GET", "/v2.0/networks/" + network + "/tags", "", asReader, wanted{200, `{"tags": ["a"]}`}},
		{"GET", "/v2.0/ports/" + port + "/bindings", "", asMember, wanted{200, `{"bindings": []}`}},
		{"GET", "/v2.0/ports/" + port + "/bindings/h", "", asMember, wanted{404, "PortBindingNotFound"}},
		{"POST", "/v2.0/ports/" + port + "/bindings", `{"binding": {"host": "h"}}`, asAdmin, wanted{403, "rule:create_port_binding is disallowed"}},
		{"GET", "/v2.0/ports/" + port + "/bindings", "", asAdmin, wanted{200, `{"bindings": [`}},
		{"POST", "/v2.0/ports/" + port + "/bindings", `{"binding": {"host": "h"}}`, asMember, wanted{403, "rule:create_port_binding is disallowed"}},
		{"GET", "/v2.0/networks/" + network + "/dhcp-agents", "", asMember, wanted{403, "rule:get_dhcp-agents is disallowed by policy"}},
	} {
		if d := row.want.diff(request(app, row.method, row.path, row.body, row.who...)); d != "" {
			t.Errorf("%s %s by %v: %s", row.method, row.path, row.who, d)
		}
	}
}

// TestScopesOfTokens: a token that belongs to the whole cloud is for no rule that is for projects, unless it does not matter.
func TestScopesOfTokens(t *testing.T) {
	t.Parallel()
	system := []string{"X-User-Id", "u", "X-Roles", "admin,member,reader", "Openstack-System-Scope", "all", "X-Project-Id", "p"}
	app := policed(t, "pecan", "", nil)
	want := wanted{403, `"type": "InvalidScope", "message": "rule:create_network requires a scope of ['project'], request was made with system scope."`}
	if d := want.diff(request(app, "POST", "/v2.0/networks", `{"network": {}}`, system...)); d != "" {
		t.Error(d)
	}
	app = policed(t, "pecan", "[oslo_policy]\nenforce_scope = false\n", nil)
	if d := (wanted{201, anyBody}).diff(request(app, "POST", "/v2.0/networks", `{"network": {}}`, system...)); d != "" {
		t.Error(d)
	}
}

// TestOldDefaults: with the deprecated rules in force a user without any role may do what he might before roles were
// looked at, and an administrator everything.
func TestOldDefaults(t *testing.T) {
	t.Parallel()
	nobody := []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "other"}
	network, profile := `{"network": {}}`, `"binding:profile": {"a": "b"}`
	app := policed(t, "pecan", "", nil)
	if d := (wanted{403, anyBody}).diff(request(app, "POST", "/v2.0/networks", network, nobody...)); d != "" {
		t.Errorf("new defaults: %s", d)
	}
	app = policed(t, "pecan", "[oslo_policy]\nenforce_new_defaults = false\n", nil)
	w := request(app, "POST", "/v2.0/networks", network, nobody...)
	id := idOf(t, w)
	if d := (wanted{201, anyBody}).diff(request(app, "POST", "/v2.0/ports", `{"port": {"network_id": "`+id+`", `+profile+`}}`, asAdmin...)); d != "" {
		t.Errorf("an administrator: %s", d)
	}
}

// TestBrokenPoliciesMakeNoApplication: nothing is served by rules that nobody understands.
func TestBrokenPoliciesMakeNoApplication(t *testing.T) {
	t.Parallel()
	s, err := conf.Load(conf.FileSystem(fstest.MapFS{
		"etc/neutron/neutron.conf":  {Data: []byte("[DEFAULT]\ncore_plugin = ml2\n[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b\n")},
		"etc/neutron/policy.yaml":   {Data: []byte("x: role:a\ny: (role:b\n")},
		"etc/neutron/a/1.yaml":      {Data: []byte("z: http:there\n")},
		"etc/neutron/a/2/deep.yaml": {Data: []byte("not read")},
		"etc/neutron/b":             {Data: []byte("no directory")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = httpapp.Policies(s); err == nil || !strings.Contains(err.Error(), "/etc/neutron/neutron.conf:5: policy_dirs: ") {
		t.Errorf("got %v, want it to say that b is no directory", err)
	}
	s, err = conf.Load(conf.FileSystem(fstest.MapFS{
		"etc/neutron/neutron.conf":         {Data: []byte("[DEFAULT]\ncore_plugin = ml2\n")},
		"etc/neutron/policy.yaml":          {Data: []byte("x: role:a\ny: (role:b\n")},
		"etc/neutron/policy.d/1.yaml":      {Data: []byte("z: http:there\n")},
		"etc/neutron/policy.d/2/deep.yaml": {Data: []byte("not read")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = httpapp.New(s, describe(t, headerPaste), "pecan", httpapp.Options{DB: open(t, s), Logger: func(string) zerolog.Logger { return zerolog.Nop() }})
	for _, want := range []string{"/etc/neutron/policy.yaml:2: ", "/etc/neutron/policy.d/1.yaml:1: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to contain %q", err, want)
		}
	}
}

// TestRulesOfFilesDecideAboutQuotas: what a file says of limits holds, and is held against the project whose limits they are.
func TestRulesOfFilesDecideAboutQuotas(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", "", map[string]string{
		"policy.yaml": `"update_quota": "rule:admin_only or role:janitor and project_id:%(project_id)s"` + "\n" + `"get_quota": "rule:admin_only or role:auditor"` + "\n",
	})
	janitor := []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "janitor"}
	auditor := []string{"X-User-Id", "u", "X-Project-Id", "p2", "X-Roles", "auditor"}
	manager := []string{"X-User-Id", "u", "X-Project-Id", "p2", "X-Roles", "manager,member,reader"}
	body := `{"quota": {"network": 7}}`
	for _, row := range []struct {
		method, path, body string
		who                []string
		want               wanted
	}{
		{"PUT", "/v2.0/quotas/p1", body, asMember, wanted{403, "rule:update_quota is disallowed by policy"}},
		{"PUT", "/v2.0/quotas/p1", body, janitor, wanted{200, `"network": 7`}},
		{"PUT", "/v2.0/quotas/p2", body, janitor, wanted{403, "rule:update_quota is disallowed by policy"}},
		{"PUT", "/v2.0/quotas/p2", body, asAdmin, wanted{200, `"network": 7`}},
		{"GET", "/v2.0/quotas/p1", "", auditor, wanted{200, `"network": 7`}},
		{"GET", "/v2.0/quotas/p1", "", manager, wanted{403, "rule:get_quota is disallowed by policy"}},
		{"GET", "/v2.0/quotas/p2", "", manager, wanted{200, `"network": 7`}},
		{"GET", "/v2.0/quotas/p1/default", "", manager, wanted{403, "rule:get_quota is disallowed by policy"}},
		{"DELETE", "/v2.0/quotas/p1", "", janitor, wanted{403, "rule:delete_quota is disallowed by policy"}},
	} {
		if d := row.want.diff(request(app, row.method, row.path, row.body, row.who...)); d != "" {
			t.Errorf("%v: %s %s: %s", row.who, row.method, row.path, d)
		}
	}
	w := request(app, "GET", "/v2.0/quotas", "", auditor...)
	if text := w.Body.String(); !strings.Contains(text, `"p2"`) || strings.Contains(text, `"p1"`) {
		t.Errorf("a list shows other limits than those of the caller's project: %s", text)
	}
	if w := request(app, "GET", "/v2.0/quotas", "", asAdmin...); !strings.Contains(w.Body.String(), `"p1"`) || !strings.Contains(w.Body.String(), `"p2"`) {
		t.Errorf("an administrator does not see all limits: %s", w.Body)
	}
}

// TestPoliciesOfSubports: the actions of trunks ask the rules of the subports that a trunk has.
func TestPoliciesOfSubports(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", "[DEFAULT]\nservice_plugins = trunk\n", map[string]string{
		"policy.yaml": "\"add_subports:sub_ports:segmentation_id\": \"role:janitor\"\n"})
	network := idOf(t, request(app, "POST", "/v2.0/networks", `{"network": {}}`, asMember...))
	port := func() string {
		return idOf(t, request(app, "POST", "/v2.0/ports", `{"port": {"network_id": "`+network+`"}}`, asMember...))
	}
	trunk := idOf(t, request(app, "POST", "/v2.0/trunks", `{"trunk": {"port_id": "`+port()+`"}}`, asMember...))
	add := func(id string) *httptest.ResponseRecorder {
		return request(app, "PUT", "/v2.0/trunks/"+trunk+"/add_subports", `{"sub_ports": [{"port_id": "`+port()+`", "segmentation_type": "vlan",
			"segmentation_id": `+id+`}]}`, asMember...)
	}
	if got := add("1"); got.Code != 200 {
		t.Errorf("an empty trunk: got %d %s", got.Code, got.Body)
	}
	if got := add("2"); got.Code != 403 || !strings.Contains(got.Body.String(), "rule:add_subports:sub_ports:segmentation_id") {
		t.Errorf("a trunk with subports: got %d %s", got.Code, got.Body)
	}
	janitor := []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "member,reader,janitor"}
	body := `{"sub_ports": [{"port_id": "` + port() + `", "segmentation_type": "vlan", "segmentation_id": 3}]}`
	if got := request(app, "PUT", "/v2.0/trunks/"+trunk+"/add_subports", body, janitor...); got.Code != 200 {
		t.Errorf("whom the rule lets: got %d %s", got.Code, got.Body)
	}
}
