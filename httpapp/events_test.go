package httpapp

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
)

// eventful is one write of the API and what it tells.
type eventful struct {
	// write is how Engine.Writes names it.
	write string
	// before are requests ahead of it, of which "name = ..." keeps an id as $name, and request is the one it is about.
	before  []string
	request string
	// tells are the AFTER events in their order, "" for a write that is refused, whatever it asks.
	tells string
	// untold are those of them without BEFORE.
	untold string
	// several says that the request is more than one transaction, of which the first ones stay.
	several bool
	// scheduled is how many of them come of hooks behind the commit, in transactions of their own: agents that are chosen.
	scheduled int
}

// Requests that others need.
const (
	aNetwork  = `net = POST /networks {"network": {"name": "n"}}`
	aSubnet   = `sub = POST /subnets {"subnet": {"network_id": "$net", "ip_version": 4, "cidr": "10.0.0.0/24"}}`
	aPort     = `port = POST /ports {"port": {"network_id": "$net"}}`
	anOther   = `other = POST /ports {"port": {"network_id": "$net"}}`
	outside   = `ext = POST /networks {"network": {"router:external": true, "is_default": true}}`
	outsideV4 = `extsub = POST /subnets {"subnet": {"network_id": "$ext", "ip_version": 4, "cidr": "203.0.113.0/24"}}`
	aRouter   = `router = POST /routers {"router": {"name": "r"}}`
	aGateway  = `gated = POST /routers {"router": {"external_gateway_info": {"network_id": "$ext"}}}`
	joined    = `PUT /routers/$gated/add_router_interface {"subnet_id": "$sub"}`
	floating  = `fip = POST /floatingips {"floatingip": {"floating_network_id": "$ext"}}`
	leading   = `fip = POST /floatingips {"floatingip": {"floating_network_id": "$ext", "port_id": "$port"}}`
	aGroup    = `group = POST /security-groups {"security_group": {"name": "g"}}`
	aPool     = `pool = POST /subnetpools {"subnetpool": {"name": "p", "prefixes": ["10.0.0.0/16"], "default_prefixlen": 24, "is_default": true}}`
	elsewhere = `pool = POST /subnetpools {"subnetpool": {"name": "p", "prefixes": ["172.16.0.0/16"], "default_prefixlen": 24}}`
	aPolicy   = `policy = POST /qos/policies {"policy": {"name": "q"}}`
	compute   = `port = POST /ports {"port": {"network_id": "$net", "device_owner": "compute:nova", "binding:host_id": "h1"}}`
	bound     = `POST /ports/$port/bindings {"binding": {"host": "h2"}}`
	aTrunk    = `trunk = POST /trunks {"trunk": {"port_id": "$port"}}`
	aFlavor   = `flavor = POST /flavors {"flavor": {"name": "f", "service_type": "L3_ROUTER_NAT"}}`
	aProfile  = `profile = POST /service_profiles {"service_profile": {"metainfo": "m"}}`
	aLabel    = `label = POST /metering/metering-labels {"metering_label": {"name": "l"}}`
	aLog      = `log = POST /log/logs {"log": {"resource_type": "security_group", "name": "l"}}`
	aRange    = `range = POST /network-segment-ranges {"network_segment_range": {"name": "r", "shared": true, "network_type": "geneve", "minimum": 2000, "maximum": 2100}}`
)

func (c *eventful) run(t *testing.T) {
	w := newEventWorld(t)
	w.prepare(t, c.before...)
	r := w.recorder
	if c.tells == "" {
		r.reset(-1, 0)
		if status, body := w.ask(c.request); status < 400 || len(r.of(callbacks.After)) > 0 {
			t.Fatalf("got %d %s, %v", status, body, r.events)
		}
		return
	}
	was := w.dump(t)
	refusals := 0
	for ; ; refusals++ {
		r.reset(refusals, 1)
		status, body := w.ask(c.request)
		r.on = false
		if status < 300 {
			break
		}
		if status != http.StatusConflict || !strings.Contains(body, "the recorder refuses") {
			t.Fatalf("PRECOMMIT %d refuses: got %d %s", refusals, status, body)
		}
		c.undone(t, w, was)
	}
	c.done(t, w, refusals)
}

// undone is what a refusal leaves: no row, nobody told of it, and everybody who was told before told of its end.
func (c *eventful) undone(t *testing.T, w *eventWorld, was string) {
	t.Helper()
	if c.several {
		return
	}
	r := w.recorder
	if after := r.of(callbacks.After); len(after) > 0 {
		t.Errorf("told of what was not committed: %v", after)
	}
	if before, abort := sorted(r.of(callbacks.Before)), sorted(r.of(callbacks.Abort)); !slices.Equal(before, abort) {
		t.Errorf("begun: %v, ended: %v", before, abort)
	}
	if w.dump(t) != was {
		t.Error("a refusal has left something behind")
	}
}

// done is what a request tells whose first commit fails: of each try all that is inside of it, and of the commit once.
func (c *eventful) done(t *testing.T, w *eventWorld, refusals int) {
	t.Helper()
	r := w.recorder
	after := r.of(callbacks.After)
	if got := strings.Join(after, ", "); got != c.tells {
		t.Errorf("got  %s\nwant %s", got, c.tells)
	}
	if r.busy != 0 {
		t.Error("no commit failed")
	}
	if n := len(after) - c.scheduled; !c.several && (refusals != n || len(r.of(callbacks.Precommit)) != 2*n+c.scheduled) {
		t.Errorf("%d events, of which %d could be refused; in two tries %v", n, refusals, r.of(callbacks.Precommit))
	}
	if !c.several { // a later transaction revises what an earlier one has told
		r.checkRevisions(t.Context())
	}
	told := slices.Concat(strings.Split(c.untold, ", "), r.of(callbacks.Before))
	for _, e := range r.of(callbacks.Abort) { // those of the first try
		told = slices.Delete(told, slices.Index(told, e), slices.Index(told, e)+1)
	}
	told = slices.DeleteFunc(told, func(s string) bool { return s == "" })
	if !slices.Equal(sorted(told), sorted(after)) {
		t.Errorf("told before: %v, behind: %v", told, after)
	}
}

// TestEveryWriteTellsWhatHappens, with the revision that its object has then: in its order, inside the transaction and once behind it though that is repeated; and what a hook
// refuses inside of it leaves nothing behind.
func TestEveryWriteTellsWhatHappens(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(coreWrites(), routerWrites(), groupWrites(), serviceWrites()) {
		t.Run(c.write+"/"+c.tells, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

// TestNoWriteIsForgotten: a domain that adds a write says here what it tells.
func TestNoWriteIsForgotten(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, c := range slices.Concat(coreWrites(), routerWrites(), groupWrites(), serviceWrites()) {
		listed[c.write] = true
	}
	for _, write := range newEventWorld(t).engine.Writes() {
		if strings.HasSuffix(write, "/tags") || strings.HasSuffix(write, "/tags/{}") {
			method, rest, _ := strings.Cut(write, " ")
			_, tags, _ := strings.Cut(rest, "{}")
			write = method + " /networks/{}" + tags // all are one domain's
		}
		if readOnly := strings.Contains(write, "/log/loggable-resources") || strings.Contains(write, "/qos/rule-types"); !listed[write] && !readOnly {
			t.Errorf("%s: nobody says what it tells", write)
		}
	}
}
