package httpapp_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
)

const driverClasses = "neutron.services.l3_router.service_providers."

// Every row is what 2026.1 says, but for those where it answers 500.
func TestFlavors(t *testing.T) {
	t.Parallel()
	const unknown = "11111111-2222-3333-4444-555555555555"
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			converse(t, application(t, framework, "[DEFAULT]\nservice_plugins = router,metering\n"), []step{
				{"POST", "flavors", `{"flavor":{"service_type":"QOS"}}`, 400, `"type":"InvalidServiceType", "message":"Invalid service type: QOS."`, ""},
				{"POST", "flavors", `{"flavor":{"service_type":null}}`, 400, `Invalid service type: None.`, ""},
				{"POST", "flavors", `{"flavor":{"service_type":["L3_ROUTER_NAT"]}}`, 400, `Invalid service type: ['L3_ROUTER_NAT'].`, ""},
				{"POST", "flavors", `{"flavor":{"service_type":"METERING","project_id":"p"}}`, 400, `Unrecognized attribute(s) 'project_id, tenant_id'`, ""},
				{"POST", "flavors", `{"flavors":[{"service_type":"METERING"}]}`, 400, "Bulk operation not supported", ""},
				{"POST", "flavors", `{"flavor":{"service_type":"METERING","service_profiles":["` + unknown + `"],"enabled":null,"description":null}}`, 201,
					`"description":null, "service_type":"METERING", "enabled":true, "service_profiles":[]}`, "f"},
				{"POST", "service_profiles", `{"service_profile":{"metainfo":7}}`, 201, `"driver":"", "enabled":true, "metainfo":"7"}`, "p"},
				{"POST", "service_profiles", `{"service_profile":{"metainfo":{"a":1}}}`, 400, `Invalid input for metainfo. Reason: '{'a': 1}' is not a valid string.`, ""},
				{"GET", "flavors?service_type=metering&description=", "", 200, `{"flavors":[]}`, ""},
				{"GET", "flavors?service_type=metering&fields=id", "", 200, `{"flavors":[{"id":"$f"}]}`, ""},
				{"GET", "flavors?limit=1&marker=" + unknown, "", 200, `"flavors":[]`, ""},
				{"GET", "flavors?service_profiles=$p", "", 400, `['service_profiles'] is invalid attribute for filtering`, ""},
				{"POST", "flavors/$f/service_profiles", "", 400, "Resource body required", ""},
				{"POST", "flavors/$f/service_profiles", `{"service_profile":{"id":"x"}}`, 400, `Invalid input for id. Reason: 'x' is not a valid UUID.`, ""},
				{"POST", "flavors/$f/service_profiles", `{"service_profile":{"id":"` + unknown + `"}}`, 404, "ServiceProfileNotFound", ""},
				{"POST", "flavors/" + unknown + "/service_profiles", `{"service_profile":{"id":"$p"}}`, 404, "FlavorNotFound", ""},
				{"POST", "flavors/$f/service_profiles", `{"service_profiles":[{"id":"$p"}]}`, 201,
					`{"service_profiles":[{"id":"$f", "name":"", "description":null, "service_type":"METERING", "enabled":true, "service_profiles":["$p"]}]}`, ""},
				{"GET", "flavors/$f/service_profiles/$p", "", 200, `{"service_profile":{}}`, ""},
				{"GET", "flavors/$f/service_profiles/" + unknown, "", 404, "Service Profile " + unknown + " is not associated with flavor $f.", ""},
				{"GET", "flavors/$f/service_profiles", "", 404, "", ""},
				{"GET", "flavors/$f/next_providers", "", 404, "", ""},
				{"PUT", "service_profiles/$p", `{"service_profile":{"enabled":false}}`, 409, "ServiceProfileInUse", ""},
				{"DELETE", "flavors/$f/service_profiles/$p", "", 204, "", ""},
				{"PUT", "service_profiles/$p", `{"service_profile":{"enabled":false,"metainfo":null}}`, 200, `"enabled":false, "metainfo":null`, ""},
				{"DELETE", "flavors/$f", "", 204, "", ""},
				{"GET", "service-providers?bogus=1&name=ha&fields=name&fields=driver&sort_key=x&limit=1", "", 200, `{"service_providers":[{"name":"ha"}]}`, ""},
				{"POST", "service-providers", `{"service_provider":{}}`, 405, "", ""},
				{"GET", "service-providers/ha", "", 404, "", ""},
			})
		})
	}
}

func TestFlavorsOfRouters(t *testing.T) {
	t.Parallel()
	const changing = "Changing the 'ha' and 'distributed' attributes on a router associated with a flavor is not supported"
	flavor := func(save, driver string) []step {
		return []step{
			{"POST", "flavors", `{"flavor":{"service_type":"L3_ROUTER_NAT","enabled":false}}`, 201, "", save},
			{"POST", "service_profiles", `{"service_profile":{"driver":"` + driverClasses + driver + `"}}`, 201, "", "p" + save},
			{"POST", "flavors/$" + save + "/service_profiles", `{"service_profile":{"id":"$p` + save + `"}}`, 201, `{"id":"$` + save + `"}`, ""},
		}
	}
	steps := append(flavor("one", "single_node.SingleNodeDriver"), flavor("dvr", "dvr.DvrDriver")...)
	converse(t, application(t, "pecan", "[DEFAULT]\nservice_plugins = router\n"), append(steps, []step{
		{"POST", "flavors", `{"flavor":{"service_type":"CORE"}}`, 201, "", "empty"},
		{"POST", "routers", `{"router":{"flavor_id":null}}`, 404, "Flavor None could not be found.", ""},
		{"POST", "routers", `{"router":{"flavor_id":["a"]}}`, 404, "Flavor ['a'] could not be found.", ""},
		{"POST", "routers", `{"router":{"flavor_id":"$empty"}}`, 404, "Service Profile  is not associated with flavor $empty.", ""},
		{"POST", "routers", `{"router":{"flavor_id":"$one","ha":true}}`, 400, "Provider single_node does not support ha=True.", ""},
		{"POST", "routers", `{"router":{"flavor_id":"$one","ha":true,"distributed":true}}`, 400, "Provider single_node does not support distributed=True.", ""},
		{"POST", "routers", `{"router":{"flavor_id":"$dvr","distributed":false}}`, 400, "Provider dvr does not support distributed=False.", ""},
		{"POST", "routers", `{"router":{"flavor_id":"$one","ha":false,"distributed":false}}`, 201, `"flavor_id":"$one"`, "r"},
		{"POST", "routers", `{"router":{"flavor_id":"$dvr"}}`, 201, `"flavor_id":"$dvr"`, "d"},
		put("routers/$r", `{"router":{"flavor_id":"$dvr"}}`, 400, "Cannot update read-only attribute flavor_id"),
		put("routers/$r", `{"router":{"ha":true}}`, 400, `"type":"BadRequest", "message":"Bad router request: Cannot change HA attribute of active routers. `+
			`Please set router admin_state_up to False prior to upgrade.\nInvalid input for operation: `+changing+`."`),
		put("routers/$r", `{"router":{"ha":true,"admin_state_up":false}}`, 400, `"type":"InvalidInput", "message":"Invalid input for operation: `+changing),
		put("routers/$r", `{"router":{"ha":false,"distributed":null}}`, 200, `"ha":false`),
		put("routers/$d", `{"router":{"distributed":false}}`, 400, changing),
		{"DELETE", "flavors/$one", "", 409, "Flavor $one is used by some service instance.", ""},
		{"DELETE", "routers/$r", "", 204, "", ""},
		{"DELETE", "flavors/$one", "", 204, "", ""},
		{"DELETE", "routers/$d", "", 204, "", ""},
		{"POST", "routers", `{"router":{}}`, 201, `"flavor_id":null`, "plain"},
		put("routers/$plain", `{"router":{"ha":true,"admin_state_up":false}}`, 501, "not implemented"),
	}...))
}

// TestFlavorsAreEnforced: everybody with a role sees flavors and providers, administrators alone profiles. What 2026.1 answers
// with 500 to members, who ask for an association, is not found.
func TestFlavorsAreEnforced(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", "[DEFAULT]\nservice_plugins = router\n", nil)
	nobody := []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "nobody"}
	flavor := idOf(t, request(app, "POST", "/v2.0/flavors", `{"flavor": {"service_type": "L3_ROUTER_NAT"}}`, asAdmin...))
	profile := idOf(t, request(app, "POST", "/v2.0/service_profiles", `{"service_profile": {"metainfo": "m"}}`, asAdmin...))
	association := "/v2.0/flavors/" + flavor + "/service_profiles"
	if w := request(app, "POST", association, `{"service_profile": {"id": "`+profile+`"}}`, asAdmin...); w.Code != 201 {
		t.Fatal(w.Body)
	}
	const hidden = `"type": "HTTPNotFound"`
	for _, row := range []struct {
		method, path, body string
		who                []string
		want               wanted
	}{
		{"GET", "/v2.0/flavors", "", asReader, wanted{200, flavor}},
		{"GET", "/v2.0/flavors/" + flavor, "", asMember, wanted{200, profile}},
		{"GET", "/v2.0/flavors", "", nobody, wanted{200, `{"flavors": []}`}},
		{"GET", "/v2.0/flavors/" + flavor, "", nobody, wanted{404, hidden}},
		{"PUT", "/v2.0/flavors/" + flavor, `{"flavor": {"name": "x"}}`, asMember, wanted{403, "rule:update_flavor is disallowed by policy"}},
		{"PUT", "/v2.0/flavors/" + flavor, `{"flavor": {"name": "x"}}`, nobody, wanted{404, hidden}},
		{"DELETE", "/v2.0/flavors/" + flavor, "", asMember, wanted{403, "rule:delete_flavor is disallowed by policy"}},
		{"POST", "/v2.0/flavors", `{"flavor": {"service_type": "CORE"}}`, asMember, wanted{403, "rule:create_flavor is disallowed by policy"}},
		{"GET", "/v2.0/service_profiles", "", asMember, wanted{200, `{"service_profiles": []}`}},
		{"GET", "/v2.0/service_profiles/" + profile, "", asMember, wanted{404, hidden}},
		{"PUT", "/v2.0/service_profiles/" + profile, `{"service_profile": {"enabled": false}}`, asMember, wanted{404, hidden}},
		{"DELETE", "/v2.0/service_profiles/" + profile, "", asMember, wanted{404, hidden}},
		{"POST", "/v2.0/service_profiles", `{"service_profile": {}}`, asMember, wanted{403, "rule:create_service_profile is disallowed by policy"}},
		{"GET", association + "/" + profile, "", asAdmin, wanted{200, `{"service_profile": {}}`}},
		{"GET", association + "/" + profile, "", asMember, wanted{404, hidden}},
		{"GET", association + "/x", "", asMember, wanted{404, "FlavorServiceProfileBindingNotFound"}},
		{"POST", association, `{"service_profile": {"id": "` + profile + `"}}`, asMember, wanted{403, "rule:create_flavor_service_profile is disallowed by policy"}},
		{"POST", association, `{"service_profile": {"id": "x"}}`, asMember, wanted{400, "is not a valid UUID"}},
		{"DELETE", association + "/" + profile, "", asMember, wanted{404, hidden}},
		{"DELETE", association + "/" + profile, "", asAdmin, wanted{204, ""}},
		{"GET", "/v2.0/service-providers", "", asReader, wanted{200, "single_node"}},
		{"GET", "/v2.0/service-providers", "", nobody, wanted{200, `{"service_providers": []}`}},
		{"POST", "/v2.0/routers", `{"router": {"flavor_id": "` + flavor + `"}}`, asReader,
			wanted{403, "(rule:create_router and rule:create_router:flavor_id) is disallowed by policy"}},
		{"POST", "/v2.0/routers", `{"router": {"flavor_id": "` + flavor + `"}}`, asMember, wanted{404, "is not associated with flavor"}},
	} {
		if d := row.want.diff(request(app, row.method, row.path, row.body, row.who...)); d != "" {
			t.Errorf("%s %s by %v: %s", row.method, row.path, row.who, d)
		}
	}
}

// TestServiceProvidersOfTheConfiguration: they come first, as often as they are in the files, and nobody asks for them where
// there are no routers.
func TestServiceProvidersOfTheConfiguration(t *testing.T) {
	t.Parallel()
	list := func(more string) string {
		return request(application(t, "pecan", more), "GET", "/v2.0/service-providers", "").Body.String()
	}
	providers := "[service_providers]\nservice_provider = L3_ROUTER_NAT:Mine:" + driverClasses + "ha.HaDriver:default\n" +
		"service_provider = VPN:x:y\nservice_provider = L3_ROUTER_NAT:other:" + driverClasses + "single_node.SingleNodeDriver\n"
	got := list("[DEFAULT]\nservice_plugins = router\n" + providers)
	var names []string
	for _, part := range strings.Split(got, `"name": "`)[1:] {
		names = append(names, strings.Split(part, `"`)[0])
	}
	if strings.Join(names, " ") != "mine other dvrha dvr" || !strings.Contains(got, `"name": "mine", "default": true`) {
		t.Errorf("got %s", got)
	}
	if got := list("[DEFAULT]\nservice_plugins =\n" + providers); got != `{"service_providers": []}` {
		t.Errorf("without routers: got %s", got)
	}
}

// TestBrokenServiceProvidersMakeNoApplication: every value that is wrong is named with its place, in Neutron's words.
func TestBrokenServiceProvidersMakeNoApplication(t *testing.T) {
	t.Parallel()
	s, err := conf.Load(conf.FileSystem(fstest.MapFS{
		"etc/neutron/neutron.conf": {Data: []byte("[DEFAULT]\ncore_plugin = ml2\nservice_plugins = router\n[service_providers]\n" +
			"service_provider = L3_ROUTER_NAT:a\nservice_provider = L3_ROUTER_NAT:a:" + driverClasses + "ha.HaDriver\n" +
			"service_provider = L3_ROUTER_NAT:b:" + driverClasses + "dvr.DvrDriver:yes\n")},
		"etc/neutron/neutron.conf.d/more.conf": {Data: []byte("[service_providers]\nservice_provider = L3_ROUTER_NAT:b:" + driverClasses + "ha.HaDriver\n")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = httpapp.New(s, describe(t, ""), "pecan", httpapp.Options{DB: open(t, s), Logger: func(string) zerolog.Logger { return zerolog.Nop() }})
	const option = "[service_providers] service_provider = L3_ROUTER_NAT:"
	const want = "/etc/neutron/neutron.conf:5: " + option + "a: Invalid service provider format\n" +
		"/etc/neutron/neutron.conf:7: " + option + "b:" + driverClasses + "dvr.DvrDriver:yes: Invalid provider format. Last part should be " +
		"'default' or empty: L3_ROUTER_NAT:b:" + driverClasses + "dvr.DvrDriver:yes\n" +
		"/etc/neutron/neutron.conf.d/more.conf:2: " + option + "b:" + driverClasses + "ha.HaDriver: Driver " + driverClasses +
		"ha.HaDriver is not unique across providers"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestPluginsBringTheirExtensions: an extension whose plugin is not loaded is not named, and its URLs are unknown.
func TestPluginsBringTheirExtensions(t *testing.T) {
	t.Parallel()
	status := func(app http.Handler, path string) int { return request(app, "GET", "/v2.0/"+path, "").Code }
	for _, c := range []struct {
		plugins string
		path    string
		want    int
	}{
		{"router", "extensions/flavors", 200},
		{"router", "extensions/l3-flavors", 200},
		{"router", "extensions/metering", 404},
		{"router", "metering/metering-labels", 404},
		{"router", "metering-label-rules", 404},
		{"metering", "extensions/metering", 200},
		{"metering", "extensions/metering_source_and_destination_fields", 200},
		{"metering", "metering/metering-labels", 200},
		{"metering", "extensions/l3-flavors", 404},
		{"metering", "extensions/service-type", 200},
		{"metering", "flavors", 200},
	} {
		if got := status(application(t, "pecan", "[DEFAULT]\nservice_plugins = "+c.plugins+"\n"), c.path); got != c.want {
			t.Errorf("with %s, %s: got %d, want %d", c.plugins, c.path, got, c.want)
		}
	}
}
