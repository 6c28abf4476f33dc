package api_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/api/apitest"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// manners are those of pecan, which this package cannot import.
var manners = api.Manners{ShowChecksQuery: true, LooseSlashes: true, RefusesMethods: true, OptionsReads: true}

func newEngine(t testing.TB, o api.Options, domain *apitest.Networks) *api.Engine {
	t.Helper()
	e := api.New(o)
	if err := api.Register(e, "network", "networks", domain, apitest.View()); err != nil {
		t.Fatal(err)
	}
	return e
}

func get(e *api.Engine, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	api.NewFront(e, manners, api.FrontOptions{}).ServeHTTP(w, httptest.NewRequest("GET", "http://host"+target, nil))
	return w
}

func TestListQueriesAsTheDomainGetsThem(t *testing.T) {
	t.Parallel()
	byID := []neutron.SortKey{{Name: "id"}}
	for query, want := range map[string]neutron.Query{
		"":                                 {Sort: byID},
		"name=a&name=&status=b+c%26":       {Sort: byID, Filters: []neutron.Filter{{Name: "name", Values: []string{"a", ""}}, {Name: "status", Values: []string{"b c&"}}}},
		"name=a;name=b":                    {Sort: byID, Filters: []neutron.Filter{{Name: "name", Values: []string{"a", "b"}}}},
		"name&&name=%zz":                   {Sort: byID, Filters: []neutron.Filter{{Name: "name", Values: []string{"", "%zz"}}}},
		"admin_state_up=0&shared=TRUE":     {Sort: byID, Filters: []neutron.Filter{{Name: "admin_state_up", Values: []string{"False"}}, {Name: "shared", Values: []string{"True"}}}},
		"mtu=%201_450":                     {Sort: byID, Filters: []neutron.Filter{{Name: "mtu", Values: []string{"1450"}}}},
		"project_id=a&tenant_id=b":         {Sort: byID, Filters: []neutron.Filter{{Name: "project_id", Values: []string{"a"}}, {Name: "project_id", Values: []string{"b"}}}},
		"tags=a,b&not-tags-any=c":          {Sort: byID, Filters: []neutron.Filter{{Name: "tags", Values: []string{"a,b"}}, {Name: "not-tags-any", Values: []string{"c"}}}},
		"limit=0&marker=x":                 {Sort: byID},
		"limit=3&limit=%202&marker=x":      {Sort: byID, Limit: 2, Marker: "x"},
		"limit=100000000000000":            {Sort: byID, Limit: 1<<31 - 1},
		"limit=2&page_reverse=true":        {Sort: byID, Limit: 2, Reverse: true},
		"limit=2&page_reverse=1":           {Sort: byID, Limit: 2},
		"page_reverse=True":                {Sort: []neutron.SortKey{{Name: "id", Desc: true}}},
		"sort_key=&sort_dir=":              {Sort: byID},
		"sort_key=tenant_id&sort_dir=desc": {Sort: []neutron.SortKey{{Name: "project_id", Desc: true}, {Name: "id"}}},
		"sort_key=id&sort_dir=desc&sort_key=name&sort_dir=asc":                    {Sort: []neutron.SortKey{{Name: "id", Desc: true}, {Name: "name"}}},
		"sort_key=name&sort_dir=asc&sort_key=name&sort_dir=desc":                  {Sort: []neutron.SortKey{{Name: "name"}, {Name: "id"}}},
		"page_reverse=true&sort_key=name&sort_dir=desc&sort_key=mtu&sort_dir=asc": {Sort: []neutron.SortKey{{Name: "name"}, {Name: "mtu", Desc: true}, {Name: "id", Desc: true}}},
		"fields=name&fields=&fields=bogus&fields=name":                            {Sort: byID, Fields: neutron.Fields{Names: []string{"name"}}},
		"fields=":             {Sort: byID, Fields: neutron.Fields{Names: []string{}}},
		"fields=ha":           {Sort: byID, Fields: neutron.Fields{Names: []string{}}},
		"fields=name&limit=1": {Sort: byID, Limit: 1, Fields: neutron.Fields{Names: []string{"name", "id"}}},
	} {
		domain := &apitest.Networks{}
		if w := get(newEngine(t, api.DefaultOptions(), domain), "/networks?"+query); w.Code != 200 {
			if !strings.Contains(query, "marker=x") || w.Code != 404 {
				t.Errorf("%s: got %d %s", query, w.Code, w.Body)
				continue
			}
		}
		if diff := cmp.Diff(want, domain.Queries[0]); diff != "" {
			t.Errorf("%s: -want +got\n%s", query, diff)
		}
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	limit := func(v string) [2]string {
		return [2]string{"BadRequest", "Bad limit request: Limit must be an integer 0 or greater and not '" + v + "'."}
	}
	pairs := [2]string{"HTTPBadRequest", "The number of sort_keys and sort_dirs must be same"}
	bad := func(text string) [2]string { return [2]string{"HTTPBadRequest", text} }
	input := func(text string) [2]string {
		return [2]string{"InvalidInput", "Invalid input for operation: " + text + "."}
	}
	for query, want := range map[string][2]string{
		"limit=x":                               limit("x"),
		"limit=-1":                              limit("-1"),
		"limit=":                                limit(""),
		"limit=1.5":                             limit("1.5"),
		"limit=1&limit=x":                       limit("x"),
		"limit=99999999999999999999":            limit("99999999999999999999"), // 500 in Neutron
		"sort_key=x&limit=z":                    limit("z"),
		"sort_key=name":                         pairs,
		"sort_dir=asc":                          pairs,
		"sort_key=bogus":                        pairs,
		"sort_key=name&sort_dir=":               pairs,
		"sort_key=name&sort_key=id&sort_dir=up": pairs,
		"sort_key=bogus&sort_dir=asc&sort_key=mtux&sort_dir=desc": bad("['bogus', 'mtux'] is invalid attribute for sort_keys"),
		"sort_key=description&sort_dir=asc":                       bad("['description'] is invalid attribute for sort_keys"),
		"sort_key=name&sort_dir=DESC":                             bad("['DESC'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'"),
		"bogus=1&foo=2&bogus=2":                                   bad("['bogus', 'foo'] is invalid attribute for filtering"),
		"=x":                                                      bad("[''] is invalid attribute for filtering"),
		"%zz=1":                                                   bad("['%zz'] is invalid attribute for filtering"),
		"port_security_enabled=True":                              bad("['port_security_enabled'] is invalid attribute for filtering"),
		"limit=x&bogus=1&sort_key=x":                              bad("['bogus'] is invalid attribute for filtering"),
		"bogus=1&sort_key=x&mtu=z":                                input("'z' is not an integer"),
		"mtu=1450.0":                                              input("'1450.0' is not an integer"),
		"mtu=":                                                    input("'' is not an integer"),
		"admin_state_up=x":                                        input("'x' cannot be converted to boolean"),
		"shared=":                                                 input("'' cannot be converted to boolean"),
		"name=%ff":                                                bad("The server could not comply with the request since it is either malformed or otherwise incorrect."),
	} {
		w := get(newEngine(t, api.DefaultOptions(), &apitest.Networks{}), "/networks?"+query)
		body := `{"NeutronError": {"type": "` + want[0] + `", "message": "` + want[1] + `", "detail": ""}}`
		if w.Code != 400 || w.Body.String() != body {
			t.Errorf("%s:\n got %d %s\nwant 400 %s", query, w.Code, w.Body, body)
		}
	}
}

func TestUnknownFiltersCanBeIgnored(t *testing.T) {
	t.Parallel()
	o := api.DefaultOptions()
	o.IgnoreUnknownFilters = true
	if w := get(newEngine(t, o, &apitest.Networks{}), "/networks?bogus=1"); w.Code != 200 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestPairFilters(t *testing.T) {
	t.Parallel()
	ports := &spy{}
	e := api.New(api.DefaultOptions())
	view := wire.View[neutron.Port]{{Name: "id", Append: func(w *wire.Buffer, p *neutron.Port) { w.Str(p.ID) }}}
	if err := api.Register(e, "port", "ports", ports, view); err != nil {
		t.Fatal(err)
	}
	get(e, "/ports?fixed_ips=ip_address%3D10.0.0.1&fixed_ips=subnet_id=s&fixed_ips=ip_address=10.0.0.2&fixed_ips=a=")
	want := []neutron.Filter{{Name: "fixed_ips", Dict: map[string][]string{
		"ip_address": {"10.0.0.1", "10.0.0.2"}, "subnet_id": {"s"}, "a": {""},
	}}}
	if diff := cmp.Diff(want, ports.query.Filters); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	get(e, "/ports?fixed_ips=True")
	if ports.query.Filters != nil {
		t.Errorf("got %v for a filter without values, want none", ports.query.Filters)
	}
	const refused = `{"NeutronError": {"type": "InvalidInput", "message": "Invalid input for operation: 'x' is not of the form <key>=[value].", "detail": ""}}`
	if w := get(e, "/ports?fixed_ips=x"); w.Code != 400 || w.Body.String() != refused {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// spy keeps the last query of a port list.
type spy struct {
	api.Service[neutron.Port]
	query neutron.Query
}

func (s *spy) List(_ context.Context, _ *neutron.Context, q *neutron.Query) ([]neutron.Port, error) {
	s.query = *q
	return nil, nil
}

func TestLinks(t *testing.T) {
	t.Parallel()
	names := func(list string) string { return `"networks":[` + list + `]` }
	a, b, c := `{"name":"a"}`, `{"name":"b"}`, `{"name":"c"}`
	const base = "http://host/v2.0/networks?"
	next := func(q string) string { return `{"rel":"next","href":"` + base + q + `"}` }
	previous := func(q string) string { return `{"rel":"previous","href":"` + base + q + `&page_reverse=True"}` }
	for _, tc := range []struct{ query, items, links string }{
		{"fields=name", a + "," + b + "," + c, ""},
		{"fields=name&page_reverse=True", c + "," + b + "," + a, ""},
		{"limit=2&fields=name", a + "," + b, next("limit=2&fields=name&marker="+apitest.ID(2)) + "," + previous("limit=2&fields=name&marker="+apitest.ID(1))},
		{"limit=2&fields=name&marker=" + apitest.ID(2), c, previous("limit=2&fields=name&marker=" + apitest.ID(3))},
		{"limit=3&fields=name&marker=" + apitest.ID(3), "", previous("limit=3&fields=name")},
		{"limit=2&fields=name&page_reverse=true", b + "," + c, next("limit=2&fields=name&marker="+apitest.ID(3)) + "," + previous("limit=2&fields=name&marker="+apitest.ID(2))},
		{"limit=2&fields=name&page_reverse=true&marker=" + apitest.ID(2), a, next("limit=2&fields=name&marker=" + apitest.ID(1))},
		{"limit=1&name=%C3%A9~a.b-c_d/e*(x)!+%3A&name=a&fields=name", a,
			next("limit=1&name=%C3%A9~a.b-c_d%2Fe%2A%28x%29%21+%3A&name=a&fields=name&marker="+apitest.ID(1)) + "," +
				previous("limit=1&name=%C3%A9~a.b-c_d%2Fe%2A%28x%29%21+%3A&name=a&fields=name&marker="+apitest.ID(1))},
		{"limit=1&page_reverse=false&page_reverse=x&fields=name&marker=" + apitest.ID(1), b,
			next("limit=1&page_reverse=x&fields=name&marker="+apitest.ID(2)) + "," + previous("limit=1&fields=name&marker="+apitest.ID(2))},
	} {
		domain := &apitest.Networks{}
		rc := &neutron.Context{Admin: true}
		if _, err := domain.Create(t.Context(), rc, []neutron.Attrs{{"name": "a"}, {"name": "b"}, {"name": "c"}}); err != nil {
			t.Fatal(err)
		}
		want := "{" + names(tc.items)
		if tc.links != "" {
			want += `,"networks_links":[` + tc.links + `]`
		}
		if got := get(newEngine(t, api.DefaultOptions(), domain), "/networks?"+tc.query).Body.String(); got != want+"}" {
			t.Errorf("%s:\n got %s\nwant %s}", tc.query, got, want)
		}
	}
}

func TestLinksFollowProxiesAndOptions(t *testing.T) {
	t.Parallel()
	domain := &apitest.Networks{}
	if _, err := domain.Create(t.Context(), nil, []neutron.Attrs{{"name": "a"}, {"name": "b"}}); err != nil {
		t.Fatal(err)
	}
	o := api.DefaultOptions()
	o.PaginationMaxLimit = 1
	e := newEngine(t, o, domain)
	r := httptest.NewRequest("GET", "http://host:9696/networks/?limit=5&fields=name", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{ScriptName: "/net/v2.0"}))
	w := httptest.NewRecorder()
	api.NewFront(e, manners, api.FrontOptions{}).ServeHTTP(w, r)
	if want := `"https://host:9696/net/v2.0/networks/?limit=5&fields=name&marker=` + apitest.ID(1) + `"`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("got %s, want a link %s", w.Body, want)
	}
	o.LinkPrefix = "https://public/net"
	w = get(newEngine(t, o, domain), "/networks?fields=name")
	if want := `"https://public/net/v2.0/networks?fields=name&marker=` + apitest.ID(1) + `"`; !strings.Contains(w.Body.String(), want) {
		t.Errorf("got %s, want a link %s", w.Body, want)
	}
}

// A query of a megabyte, the most that net/http lets through, and a long list with duplicates must not occupy a
// processor: looking for duplicates in either would take the square of their length if done in the obvious way.
func TestLongInputsTakeLinearTime(t *testing.T) {
	t.Parallel()
	const n = 15_000
	var small, large time.Duration
	// Ten times the input takes ten times the time, or a hundred times if it goes with the square. A busy machine may
	// spoil a measurement, but makes none look better.
	for range 5 {
		small, large = longInput(t, n), longInput(t, 10*n)
		if large < 40*small {
			return
		}
	}
	t.Errorf("ten times the input took %v where once took %v", large, small)
}

func longInput(t *testing.T, n int) time.Duration {
	t.Helper()
	e := newEngine(t, api.DefaultOptions(), &apitest.Networks{})
	var query, list strings.Builder
	for i := range n {
		fmt.Fprintf(&query, "a%d&", i)
		fmt.Fprintf(&list, `"a%d",`, i)
	}
	start := time.Now()
	if w := get(e, "/networks?"+query.String()); w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
	if w := get(e, "/networks?"+strings.Repeat("sort_key=a&sort_dir=b&", n/3)); w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
	if w := post(e, "/networks", `{"network":{"availability_zone_hints":[`+list.String()+`"a0"]}}`); w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
	return time.Since(start)
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"name=a&limit=1&page_reverse=true", "sort_key=id&sort_dir=asc;fields=x", "%zz=%ff&&;=;a", "limit=+_1&mtu=1_0&marker=%00"} {
		f.Add(s)
	}
	e := newEngine(f, api.DefaultOptions(), &apitest.Networks{})
	front := api.NewFront(e, manners, api.FrontOptions{})
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/networks", "/networks/" + apitest.ID(1)} {
			r := httptest.NewRequest("GET", path, nil)
			r.URL.RawQuery = query
			w := httptest.NewRecorder()
			front.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s?%q: got %d", path, query, w.Code)
			}
		}
	})
}
