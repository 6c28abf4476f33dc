package httpapp_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/authtoken/keystonetest"
	"github.com/seed-a8f20362/hadron/httpapp/goldentest"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// builtResources are the collections of this version; what is below one of their objects is not built.
var builtResources = []string{
	"networks",
	"ports",
	"subnets",
	"subnetpools",
	"extensions",
	"address-scopes", "address_scopes",
	"address-groups",
	"rbac-policies", "rbac_policies",
	"security-groups", "security_groups", "security-groups.json",
	"security-group-rules", "security_group_rules",
	"default-security-group-rules",
	"quotas",
	"network-ip-availabilities",
	"agents", "availability_zones", "availability-zones",
	"routers", "floatingips", "floatingip-pools",
	"segments",
	"network-segment-ranges",
	"flavors", "service_profiles", "service-providers",
	"metering", "metering-labels",
	"auto-allocated-topology",
	"trunks", "log",
	"qos", "policies",
}

// builtBelow are what is built below one of their objects.
var builtBelow = []string{"tags", "dhcp-networks", "dhcp-agents", "l3-routers", "l3-agents", "bindings", "service_profiles",
	"bandwidth_limit_rules", "packet_rate_limit_rules", "add_subports", "remove_subports", "get_subports", "conntrack_helpers",
	"add_router_interface", "remove_router_interface", "add_extraroutes", "remove_extraroutes"}

// unknownResources are unknown to Neutron, too.
var unknownResources = []string{"bogus", "SECURITY-GROUPS"}

// needs names the resource of a request that this version does not have, "" for none.
func needs(e goldentest.Exchange) string {
	path, _, _ := strings.Cut(e.Request.Path, "?")
	rest, ok := strings.CutPrefix(path, "/v2.0/")
	if !ok {
		return ""
	}
	segments := strings.Split(strings.Trim(rest, "/"), "/")
	switch resource := segments[0]; {
	case resource == "", slices.Contains(unknownResources, resource), segments[len(segments)-1] == "bogus", len(segments) > 3:
		return ""
	case resource == "log": // a prefix
		return ""
	case !slices.Contains(builtResources, resource):
		return resource
	case len(segments) > 2 && resource != "subnetpools" && resource != "address-groups" && resource != "quotas" && resource != "metering" && resource != "qos" && !slices.Contains(builtBelow, segments[2]):
		return resource + "/" + segments[2]
	}
	return ""
}

// different are the answers that differ from the recordings behind both front controllers.
func different() map[string]goldentest.Difference {
	d := map[string]goldentest.Difference{
		"address-scopes/shared-mismatch/01": {Status: 400, Why: "the text does not name Neutron's callback", Check: says("Invalid input for " +
			"operation: Failed to create RBAC policy on object ID because target project doesn't have access to associated address scope.")},
		"rbac/errors/03": {Status: 400, Why: "the text does not name Neutron's callbacks",
			Check: says("Invalid input for operation: Network ID could not be found.")},
	}
	d["extensions/show/04"] = goldentest.Difference{Status: 200, Why: "the order of the resources in the name is another with every start of Neutron"}
	d["subnets/segment-id/07"] = goldentest.Difference{Status: 409, Why: "Neutron's plugin is there twice, and says it twice",
		Check: says("Segment 'ID' cannot be deleted: The segment is still associated with subnet(s) ID.")}
	for step, status := range map[string]int{"00": 501, "01": 404, "02": 404, "03": 404, "04": 404, "05": 404} {
		d["routers/distributed/"+step] = goldentest.Difference{Status: status, Why: "distributed routers are refused"}
	}
	d["routers/l3-agents/04"] = goldentest.Difference{Status: 200, Why: "the first update of a router counts twice in Neutron if it brings a gateway, once otherwise"}
	return d
}

func fourResources(body any) error {
	m, _ := body.(map[string]any)
	if l, _ := m["resources"].([]any); len(l) != 4 {
		return fmt.Errorf("got %v, want four resources", body)
	}
	return nil
}

// newton are the answers that differ because Newton's front controller gave others.
func newton() map[string]goldentest.Difference {
	d := make(map[string]goldentest.Difference)
	for _, id := range []string{"bulk/put-bulk/02", "bulk/put-bulk/03", "networks/not-found/03", "networks/not-found/04",
		"protocol/core-methods/00", "protocol/core-methods/01", "protocol/core-methods/02", "protocol/core-methods/03",
		"protocol/core-methods/07", "protocol/core-methods/08", "protocol/head-get-versions/02", "validation/lists/08", "versions/v2/02",
		"protocol/unknown-resources/00", "protocol/unknown-resources/01", "protocol/unknown-resources/02", "protocol/unknown-resources/03",
		"protocol/unknown-resources/04", "protocol/unknown-resources/05", "protocol/unknown-resources/09", "protocol/unknown-resources/11", "protocol/unknown-resources/12",
		"protocol/unknown-resources/13",
		"qos/paths-without-prefix/00", "qos/paths-without-prefix/02",
		"availability-zones/filters/02", "tags/in-create/01", "tags/in-create/04", "tags/in-create/05", "tags/in-create/06", "tags/in-create/07", "tags/in-create/08",
		"protocol/spelling-variants/01", "protocol/spelling-variants/03", "protocol/spelling-variants/05", "protocol/spelling-variants/06",
		"protocol/spelling-variants/07", "protocol/spelling-variants/08",
	} {
		d[id] = goldentest.Difference{Status: 404, Why: "Newton's router does not know the path or the method", Check: isPage}
	}
	for _, id := range []string{"protocol/core-methods/04", "protocol/core-methods/05"} {
		d[id] = goldentest.Difference{Status: 404, Why: "Newton's router does not know HEAD"}
	}
	d["protocol/core-methods/06"] = goldentest.Difference{Status: 200, Why: "the CORS filter answers OPTIONS where the router does not", Check: isEmpty}
	for _, id := range []string{"protocol/head-get-versions/04", "protocol/head-get-versions/05"} {
		d[id] = goldentest.Difference{Status: 200, Why: "Newton lists the resources whatever the method", Check: fourResources}
	}
	for id, text := range map[string]string{
		"protocol/core-malformed-json/00":   "Malformed request body: Cannot understand JSON.",
		"protocol/core-malformed-json/01":   "Resource body required",
		"protocol/core-malformed-json/02":   "Resource body required",
		"protocol/core-malformed-json/05":   "Resource body required",
		"protocol/core-malformed-json/06":   "Resource body required",
		"protocol/core-put-without-body/01": "Bad body request: Invalid format: b''.",
		"protocol/core-put-without-body/02": "Resource body required",
		"protocol/core-put-without-body/05": "Malformed request body: Cannot understand JSON.",
	} {
		d[id] = goldentest.Difference{Status: 400, Why: "the texts of the Routes stack", Check: says(text)}
	}
	return d
}

func isPage(body any) error {
	if m, _ := body.(map[string]any); m["code"] != "404 Not Found" {
		return fmt.Errorf("got %v, want WebOb's page", body)
	}
	return nil
}

func isEmpty(body any) error {
	if body != nil {
		return fmt.Errorf("got %v, want no body", body)
	}
	return nil
}

var anyUUID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// says wants the message of an error, in which ID stands for every UUID.
func says(text string) func(any) error {
	return func(body any) error {
		m, _ := body.(map[string]any)
		e, _ := m["NeutronError"].(map[string]any)
		if message, _ := e["message"].(string); anyUUID.ReplaceAllString(message, "ID") != text {
			return fmt.Errorf("got %v, want the message %q", body, text)
		}
		return nil
	}
}

// tokens configures the filter authtoken for a Keystone.
func tokens(url string) string {
	return "\n[keystone_authtoken]\nauth_url = " + url + "\nauth_type = password\nusername = neutron\npassword = neutron\nproject_name = service\n"
}

// withTokens is the application behind authtoken. The identity in a request's headers becomes a token that Keystone knows; one
// that no token can have goes to headers.
func withTokens(t *testing.T, k *keystonetest.Keystone, s *conf.Snapshot, db *store.DB, headers http.Handler) http.Handler {
	t.Helper()
	text := strings.Replace(headerPaste, " keystonecontext ", " authtoken keystonecontext ", 1) +
		"[filter:authtoken]\npaste.filter_factory = keystonemiddleware.auth_token:filter_factory\n"
	app, err := httpapp.New(s, describe(t, text), "pecan", httpapp.Options{DB: db, Logger: func(string) zerolog.Logger { return zerolog.Nop() }})
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		project, user := r.Header.Get("X-Project-Id"), r.Header.Get("X-User-Id")
		if project == "" || user == "" {
			headers.ServeHTTP(w, r)
			return
		}
		token, err := k.Issue(project, user, strings.Split(r.Header.Get("X-Roles"), ",")...)
		if err != nil {
			t.Error(err)
		}
		for _, name := range []string{"X-Project-Id", "X-User-Id", "X-Roles"} {
			r.Header.Del(name)
		}
		r.Header.Set("X-Auth-Token", token)
		app.ServeHTTP(w, r)
	})
}

// atLeast is the share of the recorded exchanges that must be answered as recorded.
const atLeast = 0.96

func TestGoldenConversations(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			differences := different()
			if framework == "legacy" {
				maps.Copy(differences, newton())
			}
			keystone := keystonetest.New()
			snapshot := load(t, recorded+tokens(keystone.Start(t)))
			db := open(t, snapshot)
			fakeAgents(t, db)
			s := httptest.NewServer(http.Handler(applicationOn(t, snapshot, db, framework)))
			defer s.Close()
			var callers http.Handler = identifying(t, snapshot, db, framework)
			if framework == "pecan" { // and under legacy with identity in headers
				callers = withTokens(t, keystone, snapshot, db, callers)
			}
			headers := httptest.NewServer(callers)
			defer headers.Close()
			counts := goldentest.Run(t, goldentest.Options{Dir: "testdata/golden", URL: s.URL, HeadersURL: headers.URL,
				Provides: []string{"fake-agents", "agent-rpc-responder"}, Unbuilt: needs, Differences: differences})
			var equal, all int
			for _, c := range counts {
				equal, all = equal+c.Equal, all+c.Recorded
			}
			share := float64(equal) / float64(all)
			t.Logf("%s: %d of %d recorded exchanges are equal, %.1f %%", framework, equal, all, 100*share)
			if share < atLeast {
				t.Errorf("want at least %.0f %%", 100*atLeast)
			}
		})
	}
}
