package httpapp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// heard is one event as a listener saw it.
type heard struct {
	phase callbacks.Phase
	op    callbacks.Operation
	what  string // of the payload: the object's description before and after, and what was asked
}

func (e heard) String() string { return fmt.Sprintf("%s_%s %s", e.phase, e.op, e.what) }

// ear hears BEFORE, AFTER and ABORT of one noun; refuse is whose BEFORE it refuses.
type ear struct {
	events  []string
	refuse  callbacks.Operation
	refuses bool
}

func listen[T any](e *ear, h *callbacks.Hooks[T], describe func(*T) string) {
	for _, p := range []callbacks.Phase{callbacks.Before, callbacks.After, callbacks.Abort} {
		for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
			h.On(p, o, "ear", callbacks.PriorityDefault, func(_ context.Context, ev *callbacks.Event[T]) error {
				what := fmt.Sprintf("asked %s, was %s, is %s", ev.Request.String("description"), of(ev.Old, describe), of(ev.New, describe))
				e.events = append(e.events, heard{p, o, what}.String())
				if p == callbacks.Before && e.refuses && o == e.refuse {
					return neutron.NewError(neutron.Conflict, "Refused", "the ear refuses")
				}
				return nil
			})
		}
	}
}

func of[T any](v *T, describe func(*T) string) string {
	if v == nil {
		return "-"
	}
	return describe(v)
}

// eventfulPaths is every resource that has its events since all domains publish, with a body to create one.
// %s is the network that it needs.
var eventfulPaths = []struct {
	path, noun, body string
	listen           func(*ear, *hooks)
}{
	{"security-groups", "security_group", `"name": "g"`, func(e *ear, h *hooks) {
		listen(e, &h.securityGroups, func(v *neutron.SecurityGroup) string { return v.Description })
	}},
	{"subnetpools", "subnetpool", `"name": "p", "prefixes": ["10.0.0.0/8"]`, func(e *ear, h *hooks) {
		listen(e, &h.subnetPools, func(v *neutron.SubnetPool) string { return v.Description })
	}},
	{"address-groups", "address_group", `"name": "a"`, func(e *ear, h *hooks) {
		listen(e, &h.addressGroups, func(v *neutron.AddressGroup) string { return v.Description })
	}},
	{"routers", "router", `"name": "r"`, func(e *ear, h *hooks) {
		listen(e, &h.routers, func(v *neutron.Router) string { return v.Description })
	}},
	{"floatingips", "floatingip", `"floating_network_id": "%s"`, func(e *ear, h *hooks) {
		listen(e, &h.floatingIPs, func(v *neutron.FloatingIP) string { return v.Description })
	}},
	{"segments", "segment", `"network_id": "%s", "network_type": "geneve"`, func(e *ear, h *hooks) {
		listen(e, &h.segments, func(v *neutron.NetworkSegment) string { return v.Description })
	}},
	{"networks", "network", `"name": "n"`, func(e *ear, h *hooks) {
		listen(e, &h.networks, func(v *neutron.Network) string { return v.Description })
	}},
	{"ports", "port", `"network_id": "%s"`, func(e *ear, h *hooks) {
		listen(e, &h.ports, func(v *neutron.Port) string { return v.Description })
	}},
	{"subnets", "subnet", `"network_id": "%s", "ip_version": 4, "cidr": "198.51.100.0/24"`, func(e *ear, h *hooks) {
		listen(e, &h.subnets, func(v *neutron.Subnet) string { return v.Description })
	}},
}

// world is an application whose hooks the test has, with an external network.
type world struct {
	app     http.Handler
	network string
}

func newWorld(t *testing.T, subscribe func(*hooks)) *world {
	t.Helper()
	s, err := conf.Load(conf.FileSystem(fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(`[DEFAULT]
core_plugin = ml2
service_plugins = router,segments
auth_strategy = noauth
[ml2]
project_network_types = geneve
[ml2_type_geneve]
vni_ranges = 1:1000
`)}}))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "neutron.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := Prepare(t.Context(), s, db); err != nil {
		t.Fatal(err)
	}
	o := Options{DB: db, Now: time.Now, Logger: func(string) zerolog.Logger { return zerolog.Nop() }}
	h := newHooks(o)
	engine, err := newEngine(s, o, h)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{}
	if w.app, err = Frameworks()["pecan"](engine, api.FrontOptions{}); err != nil {
		t.Fatal(err)
	}
	w.network = w.made(t, "networks", "network", `"router:external": true`)
	w.made(t, "subnets", "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "203.0.113.0/24"`, w.network))
	subscribe(h)
	return w
}

func (w *world) ask(method, path, body string) (int, []byte) {
	r := httptest.NewRequest(method, "/"+path, bytes.NewBufferString(body))
	r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{Admin: true, ProjectID: "p"}))
	rec := httptest.NewRecorder()
	w.app.ServeHTTP(rec, r)
	return rec.Code, rec.Body.Bytes()
}

func (w *world) made(t *testing.T, path, noun, attrs string) string {
	t.Helper()
	status, body := w.ask("POST", path, fmt.Sprintf(`{"%s": {"project_id": "p", %s}}`, noun, attrs))
	var out map[string]struct{ ID string }
	if err := json.Unmarshal(body, &out); err != nil || status != http.StatusCreated {
		t.Fatalf("create %s: got %d %s", path, status, body)
	}
	return out[noun].ID
}

// TestEveryResourcePublishesWhatHappensToIt: the events of a create, an update and a delete in their order with what they
// say of the object, each once.
func TestEveryResourcePublishesWhatHappensToIt(t *testing.T) {
	t.Parallel()
	for _, c := range eventfulPaths {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			var e ear
			w := newWorld(t, func(h *hooks) { c.listen(&e, h) })
			id := w.made(t, c.path, c.noun, w.attrs(c.body)+`, "description": "one"`)
			if status, body := w.ask("PUT", c.path+"/"+id, `{"`+c.noun+`": {"description": "two"}}`); status != http.StatusOK {
				t.Fatalf("update: got %d %s", status, body)
			}
			if status, body := w.ask("DELETE", c.path+"/"+id, ""); status != http.StatusNoContent {
				t.Fatalf("delete: got %d %s", status, body)
			}
			want := []string{
				"before_create asked one, was -, is -",
				"after_create asked one, was -, is one",
				"before_update asked two, was one, is -",
				"after_update asked two, was one, is two",
				"before_delete asked , was two, is -",
				"after_delete asked , was two, is -",
			}
			if !slices.Equal(e.events, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(e.events, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// attrs puts the network into a body that needs one.
func (w *world) attrs(body string) string {
	return strings.ReplaceAll(body, "%s", w.network)
}

// TestWhatIsRefusedBeforeItHappensDoesNotHappen: the client gets the refusal, everybody the abort, and the database is as it
// was.
func TestWhatIsRefusedBeforeItHappensDoesNotHappen(t *testing.T) {
	t.Parallel()
	for _, c := range eventfulPaths {
		for _, op := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
			t.Run(c.path+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				e := ear{refuse: op, refuses: true}
				w := newWorld(t, func(h *hooks) { c.listen(&e, h) })
				path := c.path
				if op != callbacks.Create {
					path += "/" + w.made(t, c.path, c.noun, w.attrs(c.body))
				}
				e.events = nil
				_, was := w.ask("GET", c.path, "")
				status, body := w.ask([]string{"POST", "PUT", "DELETE"}[op], path, w.request(op, c.noun, c.body))
				if status != http.StatusConflict || !strings.Contains(string(body), "the ear refuses") {
					t.Errorf("got %d %s", status, body)
				}
				if _, is := w.ask("GET", c.path, ""); !bytes.Equal(is, was) {
					t.Errorf("got %s, want %s", is, was)
				}
				if len(e.events) != 2 || !strings.HasPrefix(e.events[0], "before_"+op.String()) || !strings.HasPrefix(e.events[1], "abort_"+op.String()) {
					t.Errorf("got %q", e.events)
				}
			})
		}
	}
}

func (w *world) request(op callbacks.Operation, noun, attrs string) string {
	switch op {
	case callbacks.Create:
		return `{"` + noun + `": {"project_id": "p", ` + w.attrs(attrs) + `}}`
	case callbacks.Update:
		return `{"` + noun + `": {"description": "two"}}`
	default:
		return ""
	}
}
