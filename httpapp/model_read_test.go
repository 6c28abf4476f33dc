package httpapp_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func (s *session) showNetwork() {
	c := s.caller()
	if n := pick(s, s.world.networks); n != nil {
		s.show(c, "network", n.id, n.visible(c), n.row(c))
	}
}

func (s *session) showSubnet() {
	c := s.caller()
	if sub := pick(s, s.world.subnets); sub != nil {
		s.show(c, "subnet", sub.id, sub.visible(c), sub.row())
	}
}

func (s *session) showPort() {
	c := s.caller()
	if p := pick(s, s.world.ports); p != nil {
		s.show(c, "port", p.id, p.visible(c), p.row())
	}
}

func (s *session) show(c caller, name, id string, visible bool, want row) {
	a, ok := s.want(refusal(visible, true, http.StatusOK), c, "GET", "/"+name+"s/"+id, nil)
	if !ok {
		return
	}
	if d := cmp.Diff(want, texts(a.body[name], want)); d != "" {
		s.Fatalf("%s %s for %s: -want +got\n%s", name, id, c.name, d)
	}
}

// texts are the attributes of an object that want has, too, as texts.
func texts(v any, want row) row {
	o, _ := v.(object)
	got := row{}
	for name := range want {
		got[name] = fmt.Sprint(o[name])
	}
	return got
}

// query is what a list is asked for.
type query struct {
	filters map[string][]string
	sort    []sortKey
	limit   int
	marker  string
	reverse bool
}

type sortKey struct {
	name string
	desc bool
}

func (q query) encode() string {
	v := url.Values{}
	for name, values := range q.filters {
		v[name] = values
	}
	for _, k := range q.sort {
		v.Add("sort_key", k.name)
		v.Add("sort_dir", map[bool]string{false: "asc", true: "desc"}[k.desc])
	}
	if q.limit > 0 {
		v.Set("limit", strconv.Itoa(q.limit))
	}
	if q.marker != "" {
		v.Set("marker", q.marker)
	}
	if q.reverse {
		v.Set("page_reverse", "True")
	}
	return v.Encode()
}

// apply is what the query makes of the rows that its caller sees; ok is false for a marker that is none of them.
func (q query) apply(all []row) (out []row, ok bool) {
	order := slices.Clone(all)
	slices.SortFunc(order, q.compare)
	at := -1
	if q.marker != "" {
		if at = slices.IndexFunc(order, func(r row) bool { return r["id"] == q.marker }); at < 0 {
			return nil, false
		}
	}
	if q.marker != "" && q.reverse {
		order = order[:at]
	} else if q.marker != "" {
		order = order[at+1:]
	}
	for _, r := range order {
		if q.fits(r) {
			out = append(out, r)
		}
	}
	if q.limit > 0 && len(out) > q.limit {
		if q.reverse {
			return out[len(out)-q.limit:], true
		}
		return out[:q.limit], true
	}
	return out, true
}

func (q query) compare(a, b row) int {
	for _, k := range q.sort {
		c := strings.Compare(a[k.name], b[k.name])
		if k.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return strings.Compare(a["id"], b["id"])
}

func (q query) fits(r row) bool {
	for name, values := range q.filters {
		if name == "shared" {
			values = values[:1] // the only one that Neutron looks at
		}
		if !slices.Contains(values, r[name]) {
			return false
		}
	}
	return true
}

// list asks for a list and holds it against the rows the model has for the caller.
func (s *session) list(c caller, collection string, q query, rows []row) {
	want, ok := q.apply(rows)
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
	}
	if q.filters == nil { // other conversations with the same server are not ours to count
		q.filters = map[string][]string{"network_id": s.networkIDs()}
		if collection == "networks" {
			q.filters = map[string][]string{"id": s.networkIDs()}
		}
	}
	a, ok := s.want(status, c, "GET", "/"+collection+"?"+q.encode(), nil)
	if !ok {
		return
	}
	var got []row
	items, _ := a.body[collection].([]any)
	for i, item := range items {
		if i >= len(want) {
			got = append(got, row{"id": fmt.Sprint(item)})
			continue
		}
		got = append(got, texts(item, want[i]))
	}
	if d := cmp.Diff(want, got); d != "" {
		s.Fatalf("%s %s for %s: -want +got\n%s", collection, q.encode(), c.name, d)
	}
}

// networkIDs are those of this conversation's networks, and one that nobody has.
func (s *session) networkIDs() []string {
	ids := []string{absent}
	for _, n := range s.world.networks {
		ids = append(ids, n.id)
	}
	return ids
}

// draw makes a query up. names are attributes to filter and sort by.
func (s *session) draw(collection string, rows []row, names ...string) query {
	var q query
	if len(rows) > 0 {
		some := rapid.SampledFrom(rows)
		for range rapid.IntRange(0, 2).Draw(s.T, "filters") {
			name := rapid.SampledFrom(names).Draw(s.T, "filter")
			if q.filters == nil {
				q.filters = map[string][]string{}
			}
			q.filters[name] = []string{some.Draw(s.T, "value")[name], some.Draw(s.T, "value")[name]}
		}
		if s.flip() {
			q.limit = rapid.IntRange(1, 4).Draw(s.T, "limit")
			if s.flip() {
				q.marker = some.Draw(s.T, "marker")["id"]
				q.reverse = s.flip()
			}
		}
	}
	if q.filters != nil { // the server may know more objects than this conversation
		key := map[bool]string{true: "id", false: "network_id"}[collection == "networks"]
		if _, filtered := q.filters[key]; !filtered {
			q.filters[key] = s.networkIDs()
		}
	}
	for _, name := range names {
		if s.rarely() && name != "shared" {
			q.sort = append(q.sort, sortKey{name, s.flip()})
		}
	}
	return q
}

func (s *session) listNetworks() {
	c := s.caller()
	s.list(c, "networks", s.draw("networks", s.world.networkRows(c), "name", "project_id", "admin_state_up", "shared"), s.world.networkRows(c))
}

func (s *session) listSubnets() {
	c := s.caller()
	s.list(c, "subnets", s.draw("subnets", s.world.subnetRows(c), "name", "project_id", "cidr", "network_id"), s.world.subnetRows(c))
}

func (s *session) listPorts() {
	c := s.caller()
	s.list(c, "ports", s.draw("ports", s.world.portRows(c), "name", "project_id", "device_id", "network_id"), s.world.portRows(c))
}
