package httpapp

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// everyPlugin is a configuration with all that is built.
const everyPlugin = `[DEFAULT]
core_plugin = ml2
service_plugins = router,segments,qos,trunk,metering,log,conntrack_helper,network_segment_range
auth_strategy = noauth
[ml2]
type_drivers = local,flat,vlan,geneve
project_network_types = geneve
[ml2_type_geneve]
vni_ranges = 1:1000
[ml2_type_vlan]
network_vlan_ranges = physnet1:100:200
`

// eventWorld is an application all of whose events are written down.
type eventWorld struct {
	app      http.Handler
	engine   *api.Engine
	db       *store.DB
	hooks    *hooks
	vars     map[string]string
	recorder *recorder
}

// recorder writes down what happens to all nouns.
type recorder struct {
	t      *testing.T
	db     *store.DB
	on     bool
	events []recordedEvent
	// refuse is which PRECOMMIT of a request is refused, counted from 0; -1 for none.
	refuse, seen int
	// busy is how many commits of writes are still to fail, writing that the transaction is one.
	busy    int
	writing bool
	// told is what AFTER events have told last of objects with revisions, by their standard attributes.
	told map[int64]toldOf
	// ending, when set, is called in the PRECOMMIT of every deletion.
	ending func(noun string, tx *store.Tx)
}

// toldOf is what an event tells of an object.
type toldOf struct {
	event    string
	standard neutron.Standard
}

type recordedEvent struct {
	phase callbacks.Phase
	event string // "network create"
	id    string
}

func (r *recorder) reset(refuse, busy int) {
	r.on, r.events, r.refuse, r.seen, r.busy = true, nil, refuse, 0, busy
	r.told = map[int64]toldOf{}
}

// fault lets commits of writes fail as if another process had the lock.
func (r *recorder) fault(text string) error {
	switch text {
	case "BEGIN IMMEDIATE":
		r.writing = true
	case "BEGIN":
		r.writing = false
	case "COMMIT":
		if r.writing && r.busy > 0 {
			r.busy--
			r.refuse = -1 // the request will succeed
			return busyError{}
		}
	}
	return nil
}

// busyError is SQLite's of that name.
type busyError struct{}

func (busyError) Error() string { return "database is locked" }
func (busyError) Code() int     { return 5 }

// tables are where nouns that have an id of their own are.
func tables() map[string]string {
	return map[string]string{"network": "networks", "subnet": "subnets", "port": "ports", "segment": "networksegments", "router": "routers",
		"floatingip": "floatingips", "security_group": "securitygroups", "security_group_rule": "securitygrouprules",
		"default_security_group_rule": "securitygroupdefaultrules", "subnetpool": "subnetpools", "address_scope": "address_scopes",
		"address_group": "address_groups", "network_segment_range": "network_segment_ranges", "trunk": "trunks", "log": "logs",
		"qos_policy": "qos_policies", "conntrack_helper": "conntrack_helpers", "flavor": "flavors", "service_profile": "serviceprofiles",
		"metering_label": "meteringlabels", "metering_label_rule": "meteringlabelrules", "agent": "agents"}
}

func hear[T any](r *recorder, h *callbacks.Hooks[T]) {
	for _, p := range []callbacks.Phase{callbacks.Before, callbacks.Precommit, callbacks.After, callbacks.Abort} {
		for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
			h.On(p, o, "recorder", callbacks.PriorityDefault+1, func(ctx context.Context, e *callbacks.Event[T]) error {
				if !r.on {
					return nil
				}
				id := e.ID
				if h.Noun == "tag" || h.Noun == "port_binding" {
					id = ""
				}
				r.events = append(r.events, recordedEvent{p, h.Noun + " " + o.String(), id})
				if settled := p == callbacks.Precommit || p == callbacks.After; settled && o == callbacks.Update && reflect.DeepEqual(e.Old, e.New) {
					r.t.Errorf("%s %s_%s: nothing has changed: %+v", h.Noun, p, o, e.New)
				}
				if scheduled := strings.HasPrefix(h.Noun, "agent_"); e.Context == nil || !scheduled && e.Context.UserID != "asker" {
					r.t.Errorf("%s %s_%s: it is not told on whose behalf: %+v", h.Noun, p, o, e.Context)
				}
				if p == callbacks.After {
					r.listen(h.Noun+" "+o.String(), e.Old, e.New)
				}
				r.check(ctx, h.Noun, p, o, e.ID, e.Tx, e.Old != nil, e.New != nil)
				if p != callbacks.Precommit {
					return nil
				}
				if o == callbacks.Delete && r.ending != nil {
					r.ending(h.Noun, e.Tx)
				}
				if r.seen++; r.seen-1 == r.refuse {
					return neutron.NewError(neutron.Conflict, "Refused", "the recorder refuses")
				}
				return nil
			})
		}
	}
}

// listen writes down what an event tells of its object's revision.
func (r *recorder) listen(event string, old, now any) {
	if s := standardOf(now); s.ID != 0 {
		r.told[s.ID] = toldOf{event, s}
	} else if s := standardOf(old); s.ID != 0 {
		delete(r.told, s.ID)
	}
}

// standardOf returns the standard attributes of an object that has such, the zero ones of others and of nil.
func standardOf(object any) neutron.Standard {
	v := reflect.Indirect(reflect.ValueOf(object))
	if v.Kind() != reflect.Struct {
		return neutron.Standard{}
	}
	f := v.FieldByName("Standard")
	if !f.IsValid() {
		return neutron.Standard{}
	}
	s, _ := f.Interface().(neutron.Standard)
	return s
}

// checkRevisions looks whether the last event of every object told the revision that it has now.
func (r *recorder) checkRevisions(ctx context.Context) {
	r.t.Helper()
	for id, was := range r.told {
		var revision int64
		var updated time.Time
		err := r.db.Read(ctx, func(tx *store.Tx) error {
			return tx.Get(`SELECT revision_number, updated_at FROM standardattributes WHERE id = ?`, []any{id}, &revision, store.Time{To: &updated})
		})
		if s := was.standard; err != nil || s.Revision != revision || !s.UpdatedAt.Equal(updated) {
			r.t.Errorf("%s tells revision %d of %s, but it is %d of %s (%v)", was.event, s.Revision, s.UpdatedAt, revision, updated, err)
		}
	}
}

// check is what must be true of every event: what it carries, and what there is in the database at that moment.
func (r *recorder) check(ctx context.Context, noun string, p callbacks.Phase, o callbacks.Operation, id string, tx *store.Tx, old, now bool) {
	what := fmt.Sprintf("%s %s_%s", noun, p, o)
	settled := p == callbacks.Precommit || p == callbacks.After
	if settled && (old != (o != callbacks.Create) || now != (o != callbacks.Delete)) {
		r.t.Errorf("%s: has old: %t, new: %t", what, old, now)
	}
	if inside := tx != nil; p == callbacks.Precommit && !inside || (p == callbacks.After || p == callbacks.Abort) && inside {
		r.t.Errorf("%s: has a transaction: %t", what, inside)
	}
	table := tables()[noun]
	if table == "" || !settled {
		return
	}
	count := func(tx *store.Tx) (n int, err error) {
		err = tx.Get(`SELECT count(*) FROM `+table+` WHERE id = ?`, []any{id}, &n)
		return n, err
	}
	var n int
	var err error
	if tx != nil {
		n, err = count(tx)
	} else {
		err = r.db.Read(ctx, func(tx *store.Tx) (err error) {
			n, err = count(tx)
			return err
		})
	}
	if err != nil {
		r.t.Errorf("%s: %v", what, err)
	}
	if there := n == 1; there != (o != callbacks.Delete || p == callbacks.Precommit) {
		r.t.Errorf("%s: is there: %t", what, there)
	}
}

// hearAll subscribes to every noun that hooks have: one that is forgotten here has a write whose events are missing.
func hearAll(r *recorder, h *hooks) {
	hear(r, &h.networks)
	hear(r, &h.subnets)
	hear(r, &h.ports)
	hear(r, &h.bindings)
	hear(r, &h.segments)
	hear(r, &h.segmentRanges)
	hear(r, &h.subnetPools)
	hear(r, &h.addressScopes)
	hear(r, &h.addressGroups)
	hear(r, &h.rbacPolicies)
	hear(r, &h.securityGroups)
	hear(r, &h.securityGroupRules)
	hear(r, &h.defaultRules)
	hear(r, &h.routers)
	hear(r, &h.interfaces)
	hear(r, &h.gateways)
	hear(r, &h.floatingIPs)
	hear(r, &h.associations)
	hear(r, &h.helpers)
	hear(r, &h.flavors)
	hear(r, &h.profiles)
	hear(r, &h.flavorProfiles)
	hear(r, &h.meteringLabels)
	hear(r, &h.meteringRules)
	hear(r, &h.trunks)
	hear(r, &h.subports)
	hear(r, &h.logs)
	hear(r, &h.policies)
	hear(r, &h.policyRules)
	hear(r, &h.agents)
	hear(r, &h.agentNetworks)
	hear(r, &h.agentRouters)
	hear(r, &h.quotas)
	hear(r, &h.tags)
	hear(r, &h.topologies)
}

func newEventWorld(t *testing.T) *eventWorld {
	t.Helper()
	s, err := conf.Load(conf.FileSystem(fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(everyPlugin)}}))
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{t: t}
	// In memory there is one connection, and so one transaction at a time.
	if r.db, err = store.Open(t.Context(), store.Options{URL: "sqlite://", Fault: r.fault}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.db.Close() })
	if err := Prepare(t.Context(), s, r.db); err != nil {
		t.Fatal(err)
	}
	o := Options{DB: r.db, Now: time.Now, Logger: func(string) zerolog.Logger { return zerolog.Nop() }}
	w := &eventWorld{db: r.db, hooks: newHooks(o), vars: map[string]string{}, recorder: r}
	if w.engine, err = newEngine(s, o, w.hooks); err != nil {
		t.Fatal(err)
	}
	hearAll(r, w.hooks)
	if w.app, err = Frameworks()["pecan"](w.engine, api.FrontOptions{}); err != nil {
		t.Fatal(err)
	}
	w.report(t)
	return w
}

// report makes an agent of each kind that binds or serves, on two hosts, known. They serve nothing by themselves.
func (w *eventWorld) report(t *testing.T) {
	t.Helper()
	service, err := agents.New(agents.Options{DB: func() *store.DB { return w.db }, DownTime: func() time.Duration { return time.Hour }, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"h1", "h2"} {
		for kind, configurations := range map[string]string{"Open vSwitch agent": `{"tunnel_types": ["geneve"], "bridge_mappings": {"physnet1": "br-ex"}}`,
			"DHCP agent": `{}`, "L3 agent": `{"agent_mode": "legacy"}`} {
			r := agents.Report{AgentType: kind, Binary: kind, Host: host, Topic: "x", StartFlag: true, Configurations: json.RawMessage(configurations)}
			if _, err := service.Report(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, kind := range map[string]string{"dhcp": "DHCP agent", "l3": "L3 agent"} {
		err := w.db.Write(t.Context(), func(tx *store.Tx) error {
			var id string
			if err := tx.Get(`SELECT id FROM agents WHERE agent_type = ? AND host = 'h1'`, []any{kind}, &id); err != nil {
				return err
			}
			w.vars[name] = id
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (w *eventWorld) ask(line string) (int, string) {
	method, rest, _ := strings.Cut(line, " ")
	path, body, _ := strings.Cut(rest, " ")
	fill := regexp.MustCompile(`\$[a-z0-9]+`)
	value := func(name string) string { return w.vars[name[1:]] }
	path, body = fill.ReplaceAllStringFunc(path, value), fill.ReplaceAllStringFunc(body, value)
	r := httptest.NewRequest(method, path, bytes.NewBufferString(body))
	if body == "" {
		r = httptest.NewRequest(method, path, nil)
	}
	r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{Known: true, Admin: true, Service: true, UserID: "asker", ProjectID: "p", Roles: append(neutron.AdminRoles(), "service")}))
	rec := httptest.NewRecorder()
	w.app.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// prepare runs "net = POST /networks {...}" lines and keeps the ids.
func (w *eventWorld) prepare(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		name, request, ok := strings.Cut(line, " = ")
		if !ok {
			request = line
		}
		status, body := w.ask(request)
		if status >= 300 {
			t.Fatalf("%s: got %d %s", line, status, body)
		}
		if ok {
			var out map[string]struct{ ID string }
			if err := json.Unmarshal([]byte(body), &out); err != nil {
				t.Fatalf("%s: %v in %s", line, err, body)
			}
			for _, v := range out {
				w.vars[name] = v.ID
			}
		}
	}
}

// dump is all that the database has.
func (w *eventWorld) dump(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	err := w.db.Read(t.Context(), func(tx *store.Tx) error {
		names, err := tx.Strings(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
		if err != nil {
			return err
		}
		for _, name := range names {
			err := tx.Each(`SELECT * FROM "`+name+`"`, nil, func(rows *sql.Rows) error {
				columns, err := rows.Columns()
				values := make([]any, len(columns))
				for i := range values {
					values[i] = new(any)
				}
				if err == nil {
					err = rows.Scan(values...)
				}
				fmt.Fprint(&b, name)
				for _, v := range values {
					fmt.Fprintf(&b, " %v", *(v.(*any)))
				}
				b.WriteByte('\n')
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// of returns the events of a phase in their order.
func (r *recorder) of(p callbacks.Phase) []string {
	var out []string
	for _, e := range r.events {
		if e.phase == p {
			out = append(out, e.event)
		}
	}
	return out
}

// sorted is a list in another order.
func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
