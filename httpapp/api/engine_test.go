package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/api/apitest"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

func TestRegisterRefusesWhatItCannotServe(t *testing.T) {
	t.Parallel()
	field := func(name string) wire.Field[neutron.Network] {
		return wire.Field[neutron.Network]{Name: name, Append: func(w *wire.Buffer, _ *neutron.Network) { w.Null() }}
	}
	many := wire.View[neutron.Network]{}
	for range 65 {
		many = append(many, field("name"))
	}
	for _, c := range []struct {
		collection string
		view       wire.View[neutron.Network]
		want       string
	}{
		{"bogus", apitest.View(), "register bogus: no attribute table"},
		{"networks", wire.View[neutron.Network]{field("name")}, `register networks: view: no attribute "id"`},
		{"networks", wire.View[neutron.Network]{field("id"), field("bogus")}, `register networks: view: attribute "bogus" is not a visible one of the table`},
		{"networks", wire.View[neutron.Network]{field("id"), field("ha")}, `register networks: view: attribute "ha" is not a visible one of the table`},
		{"networks", wire.View[neutron.Network]{field("id"), field("id")}, `register networks: view: attribute "id" is there twice`},
		{"networks", many, "register networks: view: 65 attributes, at most 64 are possible"},
	} {
		err := api.Register(api.New(api.DefaultOptions()), "x", c.collection, &apitest.Networks{}, c.view)
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	e := newEngine(t, api.DefaultOptions(), &apitest.Networks{})
	if err := api.Register(e, "network", "networks", &apitest.Networks{}, apitest.View()); err == nil {
		t.Error("registered networks twice")
	}
}

func post(e *api.Engine, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	rc := &neutron.Context{Known: true, Admin: true, ProjectID: "own"}
	r = r.WithContext(neutron.NewContext(r.Context(), rc))
	api.NewFront(e, manners, api.FrontOptions{}).ServeHTTP(w, r)
	return w
}

func TestCreateFillsDefaultsAndFoldsTheProject(t *testing.T) {
	t.Parallel()
	defaults := neutron.Attrs{
		"name": "", "description": "", "admin_state_up": true, "shared": false, "router:external": false, "mtu": int64(0), "ha": false,
		"availability_zone_hints": []any{}, "port_security_enabled": true, "qos_policy_id": nil, "is_default": false, "dns_domain": "",
	}
	for body, changes := range map[string]neutron.Attrs{
		`{}`:                 {"project_id": "own"},
		`{"tenant_id":"t"}`:  {"project_id": "t"},
		`{"project_id":"t"}`: {"project_id": "t"},
		`{"project_id":"t","tenant_id":"t","mtu":"1400","shared":"on","dns_domain":"A.B."}`: {"project_id": "t", "mtu": int64(1400), "shared": true, "dns_domain": "a.b."},
		`{"provider:segmentation_id":"5","segments":[{"provider:segmentation_id":"6"},{"provider:segmentation_id":""}]}`: {
			"project_id": "own", "provider:segmentation_id": int64(5),
			"segments": []any{map[string]any{"provider:segmentation_id": int64(6)}, map[string]any{}},
		},
	} {
		domain := &apitest.Networks{}
		e := newEngine(t, api.DefaultOptions(), domain)
		if w := post(e, "/networks", `{"network":`+body+`}`); w.Code != 201 {
			t.Errorf("%s: got %d %s", body, w.Code, w.Body)
			continue
		}
		want := neutron.Attrs{}
		for k, v := range defaults {
			want[k] = v
		}
		for k, v := range changes {
			want[k] = v
		}
		if diff := cmp.Diff(want, domain.Created[0]); diff != "" {
			t.Errorf("%s: -want +got\n%s", body, diff)
		}
	}
}

func TestBulkAnswersInTheFormAskedFor(t *testing.T) {
	t.Parallel()
	domain := &apitest.Networks{}
	e := newEngine(t, api.DefaultOptions(), domain)
	row := func(i int, name string) string {
		return fmt.Sprintf(`{"id":"%s","name":"%s","tenant_id":"own","project_id":"own","admin_state_up":true,"mtu":0,"subnets":[]}`, apitest.ID(i), name)
	}
	w := post(e, "/networks", `{"networks":[{"name":"a"},{"network":{"name":"b"}}]}`)
	if want := `{"networks":[` + row(1, "a") + "," + row(2, "b") + `]}`; w.Code != 201 || w.Body.String() != want {
		t.Errorf("got %d %s\nwant %s", w.Code, w.Body, want)
	}
	w = post(e, "/networks", `{"network":{"name":"d"},"networks":[{"name":"c"}]}`)
	if want := `{"networks":[` + row(3, "c") + `]}`; w.Code != 201 || w.Body.String() != want {
		t.Errorf("got %d %s\nwant %s", w.Code, w.Body, want)
	}
	o := api.DefaultOptions()
	o.RefuseBulk = true
	if w := post(newEngine(t, o, domain), "/networks", `{"networks":[{}]}`); w.Code != 400 || !strings.Contains(w.Body.String(), "Bulk operation not supported") {
		t.Errorf("got %d %s with bulk switched off", w.Code, w.Body)
	}
}

func TestForeignProjectsAreForAdministrators(t *testing.T) {
	t.Parallel()
	e := newEngine(t, api.DefaultOptions(), &apitest.Networks{})
	r := httptest.NewRequest("POST", "/networks", strings.NewReader(`{"network":{"tenant_id":"other"}}`))
	r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{Known: true, ProjectID: "own"}))
	w := httptest.NewRecorder()
	api.NewFront(e, manners, api.FrontOptions{}).ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "other than the authenticated project") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// Whatever fields a client asks for, the answer has exactly those, and only those, and is JSON. The cache of plans is
// smaller than the number of sets, so that both ways through it are taken.
func TestAnswersShowTheFieldsAskedFor(t *testing.T) {
	t.Parallel()
	o := api.DefaultOptions()
	o.MaxPlans = 3
	e := newEngine(t, o, &apitest.Networks{})
	post(e, "/networks", `{"network":{"name":"a\"\u00e9\ud83d\ude00"}}`)
	var all map[string]map[string]any
	if err := json.Unmarshal(get(e, "/networks/"+apitest.ID(1)).Body.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	names := []string{"id", "name", "tenant_id", "project_id", "admin_state_up", "mtu", "subnets", "is_default", "bogus"}
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, len(names), rapid.ID).Draw(t, "fields")
		want := map[string]any{}
		for _, f := range fields {
			if v, ok := all["network"][f]; ok {
				want[f] = v
			}
		}
		var got map[string]map[string]any
		body := get(e, "/networks/"+apitest.ID(1)+"?fields="+strings.Join(fields, "&fields=")).Body.Bytes()
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if diff := cmp.Diff(want, got["network"]); diff != "" {
			t.Fatalf("%v: -want +got\n%s", fields, diff)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, s := range []string{`{"network":{"name":"a"}}`, `{"networks":[{"segments":[{}]}]}`, `{"network":{"mtu":1e999,"shared":[1]}}`,
		`{"port":{"fixed_ips":[{"ip_address":"::1"}],"allowed_address_pairs":[{"ip_address":"1.2.3.4/5","mac_address":"1-1-1-1-1-1"}]}}`,
		`{"network":{"availability_zone_hints":["a"],"dns_domain":"a.","qos_policy_id":"urn:uuid:"}}`, `[`, "\xff", `{"network":{"mtu":99999999999999999999}}`} {
		f.Add(s)
	}
	networks := &apitest.Networks{}
	e := newEngine(f, api.DefaultOptions(), networks)
	routes := manners
	routes.RoutesBodies = true
	f.Fuzz(func(t *testing.T, body string) {
		for _, m := range []api.Manners{manners, routes} {
			front := api.NewFront(e, m, api.FrontOptions{})
			for _, c := range [][2]string{{"POST", "/networks"}, {"PUT", "/networks/" + apitest.ID(1)}} {
				w := httptest.NewRecorder()
				front.ServeHTTP(w, httptest.NewRequest(c[0], c[1], strings.NewReader(body)))
				if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
					t.Errorf("%s %s %q: got %d %s", c[0], c[1], body, w.Code, w.Body)
				}
			}
		}
	})
}

// ports is a domain of canned ports.
type ports struct {
	api.Service[neutron.Port]
	rows []neutron.Port
}

func (p ports) List(context.Context, *neutron.Context, *neutron.Query) ([]neutron.Port, error) {
	return p.rows, nil
}

func BenchmarkEncode1000Ports(b *testing.B) {
	view := wire.View[neutron.Port]{
		{Name: "id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.ID) }},
		{Name: "name", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Name) }},
		{Name: "network_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.NetworkID) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.ProjectID) }},
		{Name: "mac_address", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.MACAddress) }},
		{Name: "admin_state_up", Append: func(w *wire.Buffer, p *neutron.Port) { w.Bool(p.AdminStateUp) }},
		{Name: "status", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Status) }},
		{Name: "device_id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.DeviceID) }},
		{Name: "device_owner", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.DeviceOwner) }},
		{Name: "fixed_ips", Append: func(w *wire.Buffer, p *neutron.Port) {
			w.Open('[')
			for i, ip := range p.FixedIPs {
				w.Comma(i)
				w.Open('{')
				w.Key(0, "subnet_id")
				w.Str(ip.SubnetID)
				w.Key(1, "ip_address")
				w.Str(ip.IPAddress)
				w.Close('}')
			}
			w.Close(']')
		}},
		{Name: "created_at", Append: func(w *wire.Buffer, p *neutron.Port) { w.Time(p.CreatedAt) }},
		{Name: "revision_number", Append: func(w *wire.Buffer, p *neutron.Port) { w.Int(p.Revision) }},
		{Name: "tags", Append: func(w *wire.Buffer, p *neutron.Port) { w.Strings(p.Tags) }},
		{Name: "description", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.Description) }},
	}
	svc := ports{rows: make([]neutron.Port, 1000)}
	for i := range svc.rows {
		svc.rows[i] = neutron.Port{ID: apitest.ID(i), Name: "port", NetworkID: apitest.ID(0), MACAddress: "fa:16:3e:00:00:01",
			FixedIPs: []neutron.FixedIP{{SubnetID: apitest.ID(1), IPAddress: fmt.Sprintf("10.0.%d.%d", i/250, rand.IntN(250))}}}
	}
	e := api.New(api.DefaultOptions())
	if err := api.Register(e, "port", "ports", svc, view); err != nil {
		b.Fatal(err)
	}
	front := api.NewFront(e, manners, api.FrontOptions{})
	r := httptest.NewRequest("GET", "/ports", nil)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		w.Body.Reset()
		front.ServeHTTP(w, r)
	}
	b.SetBytes(int64(w.Body.Len()))
}
