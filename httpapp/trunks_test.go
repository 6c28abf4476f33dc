package httpapp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// withTrunks are a network, a trunk with one subport, and a free port.
func withTrunks() []step {
	port := func(save string) step {
		return step{"POST", "ports", `{"port":{"network_id":"$net"}}`, 201, "", save}
	}
	return []step{
		{"POST", "networks", `{"network":{}}`, 201, "", "net"},
		port("parent"), port("sub"), port("free"),
		{"POST", "trunks", `{"trunk":{"port_id":"$parent","sub_ports":[{"port_id":"$sub","segmentation_type":"vlan","segmentation_id":5}]}}`,
			201, `"status":"DOWN"`, "trunk"},
	}
}

func TestPortsOfTrunksStay(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			converse(t, application(t, framework, recorded), append(withTrunks(), []step{
				{"DELETE", "ports/$parent", ``, 409, "PortInUseAsTrunkParent", ""},
				{"DELETE", "ports/$sub", ``, 409, "PortInUseAsSubPort", ""},
				{"DELETE", "networks/$net", ``, 409, "NetworkInUse", ""},
				{"GET", "ports/$sub?fields=trunk_details", ``, 200, `{"port":{}}`, ""},
				{"PUT", "trunks/$trunk/remove_subports", `{"sub_ports":[{"port_id":"$sub"}]}`, 200, `"sub_ports":[]`, ""},
				{"DELETE", "ports/$sub", ``, 204, "", ""},
				{"PUT", "trunks/$trunk/add_subports", `{"sub_ports":[{"port_id":"$free","segmentation_type":"vlan","segmentation_id":5}]}`, 200, "$free", ""},
				{"GET", "trunks/$trunk/get_subports", ``, 200, `{"sub_ports":[{"port_id":"$free"`, ""},
				{"DELETE", "trunks/$trunk", ``, 204, "", ""},
				{"DELETE", "ports/$parent", ``, 204, "", ""},
				{"DELETE", "ports/$free", ``, 204, "", ""},
			}...))
		})
	}
}

// A parent is plugged into the bridge of its trunk, and the trunk goes down when it is unplugged.
func TestAParentIsPluggedIntoItsTrunk(t *testing.T) {
	t.Parallel()
	s := load(t, recorded)
	db := open(t, s)
	fakeAgents(t, db)
	app := applicationOn(t, s, db, "pecan")
	converse(t, app, append(withTrunks(), []step{
		{"PUT", "ports/$parent", `{"port":{"binding:host_id":"ref-host-1"}}`, 200, `"bridge_name":"tbr-`, ""},
		{"PUT", "ports/$free", `{"port":{"binding:host_id":"ref-host-1"}}`, 200, `"bridge_name":"br-int"`, ""},
		{"DELETE", "trunks/$trunk", ``, 409, "TrunkInUse", ""},
		{"POST", "trunks", `{"trunk":{"port_id":"$free"}}`, 409, "ParentPortInUse", ""},
	}...))
	set := func(status string) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE trunks SET status = ?`, status)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set("ACTIVE")
	var parent string
	if err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.Get(`SELECT port_id FROM trunks`, nil, &parent) }); err != nil {
		t.Fatal(err)
	}
	converse(t, app, []step{
		{"PUT", "ports/" + parent, `{"port":{"name":"n"}}`, 200, `"trunk_details":{"trunk_id":`, ""},
		{"GET", "trunks?status=ACTIVE&fields=revision_number", ``, 200, `[{"revision_number":0}]`, ""},
		{"PUT", "ports/" + parent, `{"port":{"binding:host_id":""}}`, 200, `"trunk_details":`, ""},
		{"GET", "trunks?status=DOWN&fields=revision_number", ``, 200, `[{"revision_number":1}]`, ""},
	})
}

// The domain's own tests are about which ports a project may use; these are about policies.
func TestTrunksOfOtherProjectsAreNotThere(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			conf := load(t, recorded)
			s := httptest.NewServer(identifying(t, conf, open(t, conf), framework))
			defer s.Close()
			p, q, reader := as{t, s.URL, "p", "member,reader"}, as{t, s.URL, "q", "member,reader"}, as{t, s.URL, "p", "reader"}
			id := func(out map[string]any, key string) string {
				object, _ := out[key].(map[string]any)
				id, _ := object["id"].(string)
				return id
			}
			net := id(p.want(201, "", "POST", "networks", map[string]any{"network": map[string]any{}}), "network")
			port := func() string {
				return id(p.want(201, "", "POST", "ports", map[string]any{"port": map[string]any{"network_id": net}}), "port")
			}
			parent, sub := port(), port()
			trunk := id(p.want(201, "", "POST", "trunks", map[string]any{"trunk": map[string]any{"port_id": parent}}), "trunk")
			one := map[string]any{"sub_ports": []any{map[string]any{"port_id": sub, "segmentation_type": "vlan", "segmentation_id": 1}}}
			at := "trunks/" + trunk

			q.want(404, "PortNotFound", "POST", "trunks", map[string]any{"trunk": map[string]any{"port_id": sub}})
			q.want(400, "HTTPBadRequest", "POST", "trunks", map[string]any{"trunk": map[string]any{"port_id": sub, "project_id": "p"}})
			for _, r := range []struct {
				method, path string
				body         any
			}{
				{"GET", at, nil}, {"PUT", at, map[string]any{"trunk": map[string]any{"name": "x"}}}, {"DELETE", at, nil},
				{"PUT", at + "/add_subports", one}, {"PUT", at + "/remove_subports", one}, {"GET", at + "/get_subports", nil},
				{"GET", at + "/tags", nil}, {"PUT", at + "/tags/x", nil}, {"GET", "trunks?limit=1&marker=" + trunk, nil},
			} {
				q.want(404, "TrunkNotFound", r.method, r.path, r.body)
			}
			reader.want(200, trunk, "GET", at, nil)
			reader.want(200, "sub_ports", "GET", at+"/get_subports", nil)
			reader.want(403, "PolicyNotAuthorized", "PUT", at+"/add_subports", one)
			reader.want(403, "PolicyNotAuthorized", "PUT", at+"/remove_subports", one)
			reader.want(403, "PolicyNotAuthorized", "DELETE", at, nil)
			p.want(200, sub, "PUT", at+"/add_subports", one)
			if !p.sees("trunks", trunk) || q.sees("trunks", trunk) {
				t.Error("the lists are not those of p alone")
			}
		})
	}
}

func TestTrunksAndLogsNeedTheirPlugins(t *testing.T) {
	t.Parallel()
	converse(t, application(t, "pecan", "[DEFAULT]\nservice_plugins =\n"), []step{
		{"GET", "trunks", ``, 404, "", ""},
		{"GET", "log/logs", ``, 404, "", ""},
		{"GET", "extensions/trunk", ``, 404, "", ""},
		{"GET", "extensions/trunk-details", ``, 404, "", ""},
		{"GET", "extensions/logging", ``, 404, "", ""},
	})
	converse(t, application(t, "pecan", "[DEFAULT]\nservice_plugins = neutron.services.trunk.plugin.TrunkPlugin,neutron.services.logapi.logging_plugin.LoggingPlugin\n"), []step{
		{"GET", "trunks", ``, 200, "", ""},
		{"GET", "log/logs", ``, 200, "", ""},
		{"GET", "extensions/trunk-details", ``, 200, "", ""},
		{"GET", "extensions/logging", ``, 200, "", ""},
	})
}

func TestQuotasCountTrunks(t *testing.T) {
	t.Parallel()
	converse(t, application(t, "pecan", recorded), []step{
		{"PUT", "quotas/p", `{"quota":{"trunk":1}}`, 200, `"trunk":1`, ""},
		{"POST", "networks", `{"network":{"project_id":"p"}}`, 201, "", "net"},
		{"POST", "ports", `{"port":{"network_id":"$net","project_id":"p"}}`, 201, "", "a"},
		{"POST", "ports", `{"port":{"network_id":"$net","project_id":"p"}}`, 201, "", "b"},
		{"POST", "trunks", `{"trunk":{"port_id":"$a","project_id":"p"}}`, 201, "", "trunk"},
		{"POST", "trunks", `{"trunk":{"port_id":"$b","project_id":"p"}}`, 409, "OverQuota", ""},
		{"DELETE", "trunks/$trunk", ``, 204, "", ""},
		{"POST", "trunks", `{"trunk":{"port_id":"$b","project_id":"p"}}`, 201, "", ""},
	})
}

// Lists of trunks, and of ports with trunk_details, take as many statements for many as for one.
func TestListsWithSubportsTakeNoStatementPerRow(t *testing.T) {
	t.Parallel()
	var statements atomic.Int64
	s := load(t, recorded)
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.sqlite"),
		Trace: func(text string, _ []any) {
			if strings.HasPrefix(text, "SELECT") || strings.HasPrefix(text, "WITH") { // checkpoints come when they like
				statements.Add(1)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := httpapp.Prepare(context.Background(), s, db); err != nil {
		t.Fatal(err)
	}
	app := applicationOn(t, s, db, "pecan")
	count := func(path string, rows int) int64 {
		t.Helper()
		before := statements.Load()
		got := ask(app, http.MethodGet, "/v2.0/"+path, "")
		if n := strings.Count(got.Body.String(), `"segmentation_id"`); got.Code != 200 || n != rows {
			t.Errorf("%s: got %d with %d subports, want %d", path, got.Code, n, rows)
		}
		return statements.Load() - before
	}
	converse(t, app, withTrunks())
	paths := []string{"trunks", "ports", "ports?fields=trunk_details"}
	var first []int64
	for _, path := range paths {
		first = append(first, count(path, 1))
	}
	for range 5 {
		converse(t, app, withTrunks())
	}
	for i, path := range paths {
		if n := count(path, 6); n != first[i] {
			t.Errorf("%s: %d statements for six trunks, %d for one", path, n, first[i])
		}
	}
}

func TestLogsEndWithTheirGroupsAndPorts(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			log := func(save, of string) step {
				return step{"POST", "log/logs", `{"log":{"resource_type":"security_group",` + of + `}}`, 201, "", save}
			}
			converse(t, application(t, framework, recorded), []step{
				{"POST", "networks", `{"network":{}}`, 201, "", "net"},
				{"POST", "security-groups", `{"security_group":{"name":"g"}}`, 201, "", "group"},
				{"POST", "ports", `{"port":{"network_id":"$net"}}`, 201, "", "port"},
				log("ofgroup", `"resource_id":"$group"`), log("ofport", `"target_id":"$port"`), log("off", `"target_id":"$port","enabled":false`),
				{"DELETE", "security-groups/$group", ``, 204, "", ""},
				{"DELETE", "ports/$port", ``, 204, "", ""},
				{"GET", "log/logs/$ofgroup", ``, 404, "LogResourceNotFound", ""},
				{"GET", "log/logs/$ofport", ``, 404, "LogResourceNotFound", ""},
				{"GET", "log/logs/$off", ``, 200, `"enabled":false`, ""},
				{"GET", "log/loggable-resources?fields=x", ``, 200, `[{"type":"security_group"}]`, ""},
				{"GET", "log/loggable-resources/security_group", ``, 404, "", ""},
				{"POST", "log/loggable-resources", `{"loggable_resource":{}}`, 405, "", ""},
			})
		})
	}
}

// Policies show logs, and what can be logged, to managers of the project only.
func TestLogsAreForManagers(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	s := httptest.NewServer(identifying(t, conf, open(t, conf), "pecan"))
	defer s.Close()
	who := func(project, role string) as { return as{t, s.URL, project, role} }
	body := map[string]any{"log": map[string]any{"resource_type": "security_group"}}
	manager := who("p", "manager")
	out := manager.want(201, "", "POST", "log/logs", body)
	object, _ := out["log"].(map[string]any)
	at := fmt.Sprint("log/logs/", object["id"])
	manager.want(200, `"type":"security_group"`, "GET", "log/loggable-resources", nil)
	manager.want(200, "", "PUT", at, map[string]any{"log": map[string]any{"name": "x"}})
	for _, role := range []string{"member", "reader"} {
		who("p", role).want(403, "PolicyNotAuthorized", "POST", "log/logs", body)
		who("p", role).want(200, `{"logs":[]}`, "GET", "log/logs", nil)
		who("p", role).want(200, `{"loggable_resources":[]}`, "GET", "log/loggable-resources", nil)
		who("p", role).want(404, "HTTPNotFound", "GET", at, nil)
		who("p", role).want(404, "HTTPNotFound", "DELETE", at, nil)
	}
	who("q", "manager").want(404, "LogResourceNotFound", "GET", at, nil)
	who("q", "manager").want(404, "LogResourceNotFound", "DELETE", at, nil)
	manager.want(204, "", "DELETE", at, nil)
}

// A helper of another project's router is not there, whatever is done with it.
func TestConntrackHelpersAreTheirRoutersProjects(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	s := httptest.NewServer(identifying(t, conf, open(t, conf), "pecan"))
	defer s.Close()
	p, q, reader := as{t, s.URL, "p", "member,reader"}, as{t, s.URL, "q", "member,reader"}, as{t, s.URL, "p", "reader"}
	out := p.want(201, "", "POST", "routers", map[string]any{"router": map[string]any{}})
	router, _ := out["router"].(map[string]any)
	all := fmt.Sprint("routers/", router["id"], "/conntrack_helpers")
	body := map[string]any{"conntrack_helper": map[string]any{"helper": "tftp", "protocol": "udp", "port": 69}}
	out = p.want(201, "tftp", "POST", all, body)
	made, _ := out["conntrack_helper"].(map[string]any)
	one := fmt.Sprint(all, "/", made["id"])
	change := map[string]any{"conntrack_helper": map[string]any{"port": 70}}
	p.want(200, `"port":70`, "PUT", one, change)
	p.want(200, `"conntrack_helpers":[{"helper":"tftp","port":70,"protocol":"udp"}]`, "GET", fmt.Sprint("routers/", router["id"]), nil)
	reader.want(200, "tftp", "GET", one, nil)
	reader.want(403, "PolicyNotAuthorized", "PUT", one, change)
	reader.want(403, "PolicyNotAuthorized", "POST", all, body)
	q.want(200, `{"conntrack_helpers":[]}`, "GET", all, nil)
	q.want(404, "HTTPNotFound", "GET", one, nil)
	q.want(404, "HTTPNotFound", "PUT", one, change)
	q.want(404, "HTTPNotFound", "DELETE", one, nil)
	q.want(403, "PolicyNotAuthorized", "POST", all, body)
	p.want(204, "", "DELETE", one, nil)
}
