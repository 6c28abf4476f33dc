package httpapp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/goldentest"
)

// TestProjectsKeepApart replays what members, managers and readers of one project tried with the objects of another one
// against a real Neutron, and what they were shown: every refusal, list and error must be Neutron's.
func TestProjectsKeepApart(t *testing.T) {
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			snapshot := load(t, recorded)
			db := open(t, snapshot)
			fakeAgents(t, db)
			s := httptest.NewServer(applicationOn(t, snapshot, db, framework))
			defer s.Close()
			headers := httptest.NewServer(identifying(t, snapshot, db, framework))
			defer headers.Close()
			o := goldentest.Options{Dir: "testdata/foreign", URL: s.URL, HeadersURL: headers.URL, Differences: apart()}
			if framework == "legacy" {
				o.Unbuilt = newtonsPages
			}
			goldentest.Run(t, o)
		})
	}
}

// Why answers differ on purpose.
const (
	whyCallbacks = "the text does not name Neutron's callbacks"
	whyByAction  = "an action is held against the rule of its name alone"
	whyHidden    = "who may not see an object is told what he is told when there is none"
	whyManagers  = "a manager may know the limits of his own project"
	whyMarker    = "a marker that is no object of the caller's is not found"
	whyByName    = "the rules of what an item consists of come by name"
	whyNoAnswer  = "500 in Neutron"
	whyUnseen    = "a filter by what the caller is not shown finds nothing"
)

// deviations are the answers that differ on purpose: more is hidden, and a text does not name Neutron's callbacks.
type deviations map[string]goldentest.Difference

func (d deviations) differ(status int, why string, check func(any) error, scenario string, steps ...int) {
	for _, n := range steps {
		d[fmt.Sprintf("%s/%02d", scenario, n)] = goldentest.Difference{Status: status, Why: why, Check: check}
	}
}

func apart() deviations {
	d := make(deviations)
	d.ofNetworks()
	d.ofPools()
	d.ofRouters()
	d.ofLists()
	d.ofPlugins()
	d.ofQoS()
	return d
}

func onlyAdmins() func(any) error {
	return says("Invalid input for operation: Only admins can manipulate policies on networks they do not own.")
}

func inUse(details string) func(any) error {
	return says("RBAC policy on object ID cannot be removed because other objects depend on it.\nDetails: " + details)
}

func (d deviations) ofNetworks() {
	networks := "networks-of-others/"
	d.differ(403, whyByName, nil, networks+"port-on-shared-network", 13)
	d.differ(404, whyHidden, says("Security group rule ID does not exist"), networks+"security-groups-of-others", 48, 49)
	d.differ(409, whyCallbacks, nil, networks+"security-groups-of-others", 59, 60)
	d.differ(403, "the caller sees the group", says("rule:update_address_group is disallowed by policy"), networks+"security-groups-of-others", 63)
}

func (d deviations) ofPools() {
	pools := "pools-of-others/"
	for i, name := range []string{"add_prefixes", "remove_prefixes", "onboard_network_subnets"} {
		d.differ(403, whyByAction, says("rule:"+name+" is disallowed by policy"), pools+"subnetpools-of-others", 45+2*i, 46+2*i)
	}
	d.differ(409, "the prefixes of pools that the caller does not see are taken, too", nil, pools+"address-scopes-of-others", 31)
	d.differ(409, whyCallbacks, nil, pools+"address-scopes-of-others", 33)
	for i, noun := range []string{"Network", "Address scope", "Subnet pool", "Security group", "Address group"} {
		missing := says("Invalid input for operation: " + noun + " ID could not be found.")
		d.differ(400, whyCallbacks+"; "+whyHidden, missing, pools+"entries-of-others", 6+19*i)
		if i > 0 {
			d.differ(400, whyCallbacks+"; "+whyHidden, missing, pools+"entries-of-others", 24+19*i)
		}
	}
	d.differ(400, whyCallbacks, says("Invalid input for operation: Network ID could not be found."), pools+"entries-of-others", 101)
	d.differ(400, whyCallbacks, onlyAdmins(), pools+"entries-of-others", 24)
	d.differ(403, whyManagers, nil, pools+"quotas-of-others", 26)
	d.differ(403, whyManagers, nil, pools+"manager-quotas", 2, 3, 5, 6, 8, 9)
	d.differ(404, whyHidden, nil, pools+"tags-of-others", 8, 9, 10, 11, 12, 13, 14, 22, 23, 24, 25, 26, 27, 28)
	d.differ(404, whyHidden, nil, pools+"tags-of-others", 32, 33, 34, 35, 36, 37, 38, 46, 47, 48, 49, 50, 51, 52)
	d.differ(400, whyNoAnswer, nil, pools+"pools-in-a-shared-scope", 15)
	d.differ(200, whyUnseen, nil, pools+"admin-resources", 90)
}

func (d deviations) ofRouters() {
	routers := "routers-of-others/"
	d.differ(403, whyByAction, says("rule:add_router_interface is disallowed by policy"), routers+"router-interfaces-of-others", 26, 27)
	d.differ(403, whyByAction, says("rule:remove_router_interface is disallowed by policy"), routers+"router-interfaces-of-others", 29, 30, 74)
	d.differ(409, whyCallbacks, inUse("There are routers attached to this network that depend on this policy for access."), routers+"gateways-by-rbac", 18)
	d.differ(404, whyHidden, says("RBAC policy of type unknown with ID ID not found"), routers+"gateways-by-rbac", 19, 20, 21)
	d.differ(400, whyCallbacks, onlyAdmins(), routers+"gateways-by-rbac", 22, 23)
	d.differ(404, whyNoAnswer, nil, routers+"floating-ips-of-others", 26)
	d.differ(404, whyMarker, nil, routers+"services-and-routers", 15, 16)
}

func (d deviations) ofLists() {
	lists := "lists-of-others/"
	d.differ(200, whyUnseen, nil, lists+"lists-of-networks", 15, 103, 191)
	d.differ(200, whyUnseen, nil, lists+"lists-of-ports", 10, 11, 79, 146, 147, 215)
	d.differ(404, whyMarker, nil, lists+"lists-of-ports", 294)
	d.differ(404, whyMarker, nil, lists+"lists-of-others", 16, 17, 22, 23, 28, 29, 34, 35, 40, 41, 75, 76, 81, 82, 87, 88, 93, 94, 99, 100)
	d.differ(404, whyHidden, says("Security group rule ID does not exist"), lists+"lists-of-others", 42, 101)
	d.differ(200, "the filter belongs_to_default_sg counts", nil, lists+"lists-of-others", 46, 105)
}

func (d deviations) ofPlugins() {
	plugins := "plugins-of-others/"
	d.differ(404, whyHidden, says("Trunk ID could not be found."), plugins+"trunks-of-others", 21, 30)
	d.differ(403, whyByName, nil, plugins+"trunks-of-others", 35, 36)
	d.differ(404, whyHidden, says("Port ID could not be found."), plugins+"trunks-of-others", 40)
	d.differ(200, whyNoAnswer, nil, plugins+"logs-of-others", 9)
	const label = "a manager makes no rules for another project's label, which Neutron makes, with 500 or 201"
	d.differ(404, label, nil, plugins+"metering-of-others", 37, 42)
	d.differ(200, whyNoAnswer, nil, plugins+"metering-of-others", 39, 44)
	d.differ(201, label, nil, plugins+"metering-of-others", 45)
	d.differ(200, label, nil, plugins+"metering-of-others", 46, 48, 49, 51)
	d.differ(403, label, nil, plugins+"metering-of-others", 47, 50)
}

func (d deviations) ofQoS() {
	qos := "qos-of-others/qos-policies-of-others"
	d.differ(404, whyMarker, nil, qos, 20, 33)
	d.differ(200, whyNoAnswer, nil, qos, 43, 56)
	d.differ(403, whyNoAnswer, nil, qos, 44, 45, 57, 58)
	d.differ(400, whyCallbacks+"; "+whyHidden, says("Invalid input for operation: QoS policy ID could not be found."), qos, 68)
	d.differ(403, "the caller sees the policy", says("rule:update_policy is disallowed by policy"), qos, 72)
	d.differ(200, "what is shared with the caller is shared, in the filter, too", nil, qos, 76)
	d.differ(409, whyCallbacks, nil, qos, 77)
}

// newtonsPages names what keeps Newton's front controller from answering as recorded: its router knows no such path.
func newtonsPages(e goldentest.Exchange) string {
	for _, part := range []string{"network_segment_ranges", ".json", "}/subnets", "}/ports", "address-scopes/${sc.id}/tags", "agents/${uuid1}/tags"} {
		if strings.Contains(e.Request.Path, part) {
			return "a route that Newton's router has not"
		}
	}
	if e.Request.Method == http.MethodHead {
		return "HEAD"
	}
	return ""
}

// TestAClaimedRouterReachesNothing: who writes the id of another project's router into his port makes it no port of that
// router, whose routes it would let through.
func TestAClaimedRouterReachesNothing(t *testing.T) {
	t.Parallel()
	conf := load(t, recorded)
	s := httptest.NewServer(identifying(t, conf, open(t, conf), "pecan"))
	defer s.Close()
	alice, bob := as{t, s.URL, "alice", "member,reader"}, as{t, s.URL, "bob", "member,reader"}
	create := func(who as, noun string, attributes map[string]any) string {
		out := who.want(http.StatusCreated, "", http.MethodPost, noun+"s", map[string]any{noun: attributes})
		id, _ := out[noun].(map[string]any)["id"].(string)
		return id
	}
	router := create(alice, "router", map[string]any{"name": "r"})
	network := create(bob, "network", map[string]any{"name": "n"})
	create(bob, "subnet", map[string]any{"network_id": network, "ip_version": 4, "cidr": "10.1.0.0/24"})
	create(bob, "port", map[string]any{"network_id": network, "device_id": router})
	create(bob, "port", map[string]any{"network_id": network, "device_id": router, "device_owner": "network:router_gateway"})
	routes := map[string]any{"router": map[string]any{"routes": []any{map[string]any{"destination": "10.9.0.0/24", "nexthop": "10.1.0.99"}}}}
	alice.want(http.StatusBadRequest, "the nexthop is not connected with router", http.MethodPut, "routers/"+router, routes)
	own := create(alice, "network", map[string]any{"name": "n"})
	same := create(alice, "subnet", map[string]any{"network_id": own, "ip_version": 4, "cidr": "10.1.0.0/24"})
	alice.want(http.StatusOK, "", http.MethodPut, "routers/"+router+"/add_router_interface", map[string]any{"subnet_id": same})
	alice.want(http.StatusOK, "", http.MethodPut, "routers/"+router, routes)
	alice.want(http.StatusConflict, "RouterInterfaceInUseByRoute", http.MethodPut, "routers/"+router+"/remove_router_interface",
		map[string]any{"subnet_id": same})
}
