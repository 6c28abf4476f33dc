package httpapp_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The addresses of one empty Neutron, at its /v2.0, to record what is not in testdata/sweep from: without authentication, and with
// callers as the headers of requests say. Its service plugins are those of the constant recorded, its agents those of fakeAgents.
var (
	sweepFrom       = flag.String("record-sweep", "", "record what is missing in testdata/sweep from this address of an empty Neutron's API v2.0")
	sweepFromMember = flag.String("record-sweep-member", "", "the address of the same Neutron with identities in headers, for what a member sees")
)

const sweepFolder = "testdata/sweep"

// swept is a request for a list, or for one object, as it was answered. Objects have the names of the steps that made them.
type swept struct {
	Path   string `json:"path"` // with the method in front where it is not GET
	Answer string `json:"answer"`
	// Hadron is what hadron answers instead, on purpose: docs/differences.md says why. Nil where it answers the same.
	Hadron *string `json:"hadron,omitempty"`
}

// sweeper asks one server.
type sweeper struct {
	base   string
	member bool              // of the project pb, with its identity in headers
	ids    map[string]string // by name
	names  map[string]string // by id
	client http.Client
}

// newSweeper makes the world.
func newSweeper(t *testing.T, base string) *sweeper {
	t.Helper()
	w := &sweeper{base: base, ids: map[string]string{}, names: map[string]string{}}
	for _, s := range sweepSteps() {
		status, body := w.send(t, s.method, s.path, s.body)
		if status >= 300 {
			t.Fatalf("%s %s %s: got %d %s", s.method, s.path, s.body, status, body)
		}
		if m := idText.FindSubmatch(body); s.name != "" && m != nil {
			w.ids[s.name], w.names[string(m[1])] = string(m[1]), s.name
		}
	}
	return w
}

// memberOf asks another server of the same objects, as a member of pb.
func (w *sweeper) memberOf(base string) *sweeper {
	return &sweeper{base: base, member: true, ids: w.ids, names: w.names}
}

func (w *sweeper) expand(s string) string {
	return os.Expand(s, func(name string) string { return w.ids[name] })
}

func (w *sweeper) send(t *testing.T, method, path, body string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequest(method, w.base+"/"+w.expand(path), strings.NewReader(w.expand(body)))
	if err != nil {
		t.Fatal(err)
	}
	if w.member {
		r.Header.Set("X-Project-Id", "pb")
		r.Header.Set("X-User-Id", "user-of-pb")
		r.Header.Set("X-Roles", "member,reader")
	}
	resp, err := w.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodHead {
		data = []byte(resp.Header.Get("Content-Type"))
	}
	return resp.StatusCode, data
}

// ask asks for a list or an object, and tells of the answer what two servers must have in common.
func (w *sweeper) ask(t *testing.T, path string) string {
	t.Helper()
	if at, ok := strings.CutPrefix(path, "HEAD "); ok {
		status, kind := w.send(t, http.MethodHead, at, "")
		return fmt.Sprint(status, " ", string(kind))
	}
	status, body := w.send(t, http.MethodGet, path, "")
	if status != http.StatusOK {
		return fmt.Sprintf("%d %s", status, w.message(body))
	}
	_, query, _ := strings.Cut(path, "?")
	asked, _ := url.ParseQuery(query)
	objects, links := listIn(body)
	if object := objectIn(body); object != nil {
		return w.whole([]map[string]any{object})
	}
	switch {
	case asked.Has("limit"):
		return w.paged(objects, links, asked["sort_key"])
	case asked.Has("fields") && len(objects) > 0:
		return fmt.Sprintf("%d with %s", len(objects), strings.Join(keysOf(objects), " "))
	case query == "":
		return w.whole(objects)
	}
	return w.ordered(objects, asked["sort_key"])
}

func (w *sweeper) message(body []byte) string {
	var e struct {
		NeutronError struct{ Type, Message string }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.NeutronError.Message == "" {
		return string(body)
	}
	return e.NeutronError.Type + ": " + w.named(e.NeutronError.Message)
}

// objectIn is the one object of an answer that is no list.
func objectIn(body []byte) map[string]any {
	var one map[string]map[string]any
	if err := json.Unmarshal(body, &one); err != nil {
		return nil
	}
	for _, object := range one {
		return object
	}
	return nil
}

// listIn takes a list's answer apart.
func listIn(body []byte) (objects []map[string]any, links []any) {
	var lists map[string][]any
	if err := json.Unmarshal(body, &lists); err != nil {
		return nil, nil
	}
	for key, list := range lists {
		if strings.HasSuffix(key, "_links") {
			links = list
			continue
		}
		for _, item := range list {
			object, _ := item.(map[string]any)
			objects = append(objects, object)
		}
	}
	return objects, links
}

// ordered names objects in their order; those that the order has nothing to say about are in the order of their names.
func (w *sweeper) ordered(objects []map[string]any, keys []string) string {
	type placed struct {
		name string
		rank int
	}
	all := make([]placed, len(objects))
	for i, o := range objects {
		all[i].name = w.label(o)
		if i > 0 {
			all[i].rank = all[i-1].rank
			if rankOf(o, keys) != rankOf(objects[i-1], keys) {
				all[i].rank++
			}
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.name, b.name)) })
	var names []string
	for _, p := range all {
		names = append(names, p.name)
	}
	return strings.Join(names, " ")
}

func rankOf(o map[string]any, keys []string) string {
	var values []any
	for _, key := range keys {
		values = append(values, o[key])
	}
	return strings.ToLower(fmt.Sprint(values...))
}

func (w *sweeper) paged(objects []map[string]any, links []any, keys []string) string {
	var rels []string
	for _, l := range links {
		m, _ := l.(map[string]any)
		href, _ := m["href"].(string)
		_, query, _ := strings.Cut(href, "?")
		rels = append(rels, fmt.Sprint(m["rel"], " ", w.named(query)))
	}
	if len(keys) > 0 && keys[0] != "id" {
		return w.ordered(objects, nil) + "; " + strings.Join(rels, "; ")
	}
	return fmt.Sprintf("%d; %d links", len(objects), len(rels))
}

// whole is every object with all that it has.
func (w *sweeper) whole(objects []map[string]any) string {
	var all []string
	for _, o := range objects {
		for key := range o {
			if _, ok := o[key].(string); ok && (strings.HasSuffix(key, "_at") || strings.HasSuffix(key, "_timestamp")) {
				o[key] = "time"
			}
			switch key {
			case "availability_zones": // no agent took a network from the recorded server
				o[key] = []any{}
			case "port_forwardings", "enable_ndp_proxy": // the recorded server had neither plugin
				delete(o, key)
			}
		}
		text, _ := json.Marshal(o)
		var named any
		_ = json.Unmarshal([]byte(w.named(string(text))), &named) // it was JSON, and names are no more than letters
		text, _ = json.Marshal(sortedLists(named))
		all = append(all, string(text))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// sortedLists puts every list in v in an order that does not depend on ids, which are of no meaning.
func sortedLists(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = sortedLists(inner)
		}
	case []any:
		for i := range v {
			v[i] = sortedLists(v[i])
		}
		slices.SortFunc(v, func(a, b any) int { return cmp.Compare(masked(a), masked(b)) })
	}
	return v
}

func masked(v any) string {
	text, _ := json.Marshal(v)
	return anyUUID.ReplaceAllString(string(text), "ID")
}

var anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// named puts names in the place of ids.
func (w *sweeper) named(s string) string {
	s = anyUUID.ReplaceAllStringFunc(s, func(id string) string {
		if name, ok := w.names[id]; ok {
			return "$" + name
		}
		if strings.HasPrefix(id, "00000000-0000-4000") {
			return id
		}
		return "ID"
	})
	return anyTime.ReplaceAllString(s, "TIME")
}

// label names an object: as its step does, or, if none made it, by what it is.
func (w *sweeper) label(o map[string]any) string {
	if id, _ := o["id"].(string); w.names[id] != "" {
		return w.names[id]
	}
	var parts []string
	for _, key := range []string{"name", "resource", "network_id", "device_owner", "host", "agent_type", "type", "direction", "ethertype", "security_group_id",
		"project_id", "network_type", "physical_network", "service_type", "cidr", "subnet_name"} {
		if v, ok := o[key].(string); ok && v != "" {
			parts = append(parts, strings.ReplaceAll(w.named(v), " ", "_"))
		}
	}
	return strings.Join(parts, "/")
}

// keysOf are the keys of any of the objects.
func keysOf(objects []map[string]any) []string {
	all := map[string]any{}
	for _, o := range objects {
		maps.Copy(all, o)
	}
	delete(all, "port_forwardings") // see whole
	delete(all, "enable_ndp_proxy")
	return sortedKeys(all)
}

func sortedKeys(o map[string]any) []string {
	var keys []string
	for key := range o {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// MACs are random where the server gives them.
var anyMAC = regexp.MustCompile(`fa:16:3e(:[0-9a-f]{2}){3}`)

var (
	sortedByID   = regexp.MustCompile(`sort_key=((\w+_)?id|mac_address|\w+_at)&`)
	sortedByName = regexp.MustCompile(`sort_key=(name|direction)&`)
	noNumber     = regexp.MustCompile(`[?&](revision_number|mtu|ip_version|[\w%]*segmentation_id|[\w-]*prefixlen|default_quota|port_range_m..|dscp_mark|m\w+_kbps|m\w+_kpps|port)=(&|$|[^0-9&]|\d+(,|%2C))`)
	noMarker     = regexp.MustCompile(`limit=2&marker=nothing`)
	sameNames    = regexp.MustCompile(`sort_key=name&sort_dir=desc&marker=[^&]*`)
	standardID   = regexp.MustCompile(`"standard_attr_id":\d+`)
	anyZones     = regexp.MustCompile(`"availability_zones":(null|\[[^]]*\])`)
)

// agree reports whether an answer is the recorded one, but for what differs on purpose.
func agree(want swept, got string) bool {
	equal := func(normal func(string) string) bool { return normal(want.Answer) == normal(got) }
	switch {
	case got == want.Answer, strings.HasPrefix(want.Answer, "500 "):
		return true
	case noMarker.MatchString(want.Path):
		return strings.HasPrefix(got, "404 ")
	case noNumber.MatchString(want.Path): // MySQL takes any text for a number
		return !strings.HasPrefix(got, "4")
	case sortedByID.MatchString(want.Path), sortedByName.MatchString(want.Path): // ids are random, MACs, too; texts sort with regard to case, and not as MySQL's ENUM
		return equal(func(s string) string {
			words := strings.Fields(sameNames.ReplaceAllString(s, "by name")) // which comes last of those that differ in case
			slices.Sort(words)
			return strings.Join(words, " ")
		})
	}
	return equal(func(s string) string {
		return standardID.ReplaceAllString(anyMAC.ReplaceAllString(anyZones.ReplaceAllString(s, ""), "MAC"), "")
	})
}

// TestListsAreAskedAsNeutrons asks every list by every attribute, and for single objects, as an administrator and as a member of a
// project, and compares with what an equal Neutron 2026.1 answered.
func TestListsAreAskedAsNeutrons(t *testing.T) {
	if *sweepFrom != "" {
		recordSweep(t)
	}
	conf := load(t, recorded+sweptQuotas)
	db := open(t, conf)
	fakeAgents(t, db)
	server, others := httptest.NewServer(applicationOn(t, conf, db, "pecan")), httptest.NewServer(identifying(t, load(t, recorded), db, "pecan"))
	defer server.Close()
	defer others.Close()
	w := newSweeper(t, server.URL+"/v2.0")
	defer w.client.CloseIdleConnections()
	w.unserve(t)
	m := w.memberOf(others.URL + "/v2.0")
	defer m.client.CloseIdleConnections()
	defer http.DefaultClient.CloseIdleConnections()
	for _, path := range sweptCollections() {
		w.replay(t, sweepFile(path, ""))
		w.replay(t, sweepFile(path, ".objects"))
		m.replay(t, sweepFile(path, ".member"))
	}
}

// sweptQuotas are those of the recorded server without authentication; the other one had the defaults.
const sweptQuotas = `[quotas]
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_router = -1
quota_security_group = -1
quota_security_group_rule = -1
`

// unserve takes every network and router from its agents: the recorded server had nobody who gives them any.
func (w *sweeper) unserve(t *testing.T) {
	t.Helper()
	for n, what := range map[int]string{2: "dhcp-networks", 7: "dhcp-networks", 3: "l3-routers", 8: "l3-routers"} {
		agent := fmt.Sprintf("agents/00000000-0000-4000-8000-%012d/%s", n, what)
		_, body := w.send(t, http.MethodGet, agent, "")
		objects, _ := listIn(body)
		for _, o := range objects {
			id, _ := o["id"].(string)
			if status, body := w.send(t, http.MethodDelete, agent+"/"+id, ""); status != http.StatusNoContent {
				t.Fatalf("DELETE %s/%s: got %d %s", agent, id, status, body)
			}
		}
	}
}

// sweepFile is where what is asked of a collection is recorded.
func sweepFile(path, who string) string {
	return sweepFolder + "/" + strings.NewReplacer("/", ".", "$", "").Replace(path) + who + ".jsonl"
}

// replay compares what one file holds.
func (w *sweeper) replay(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	for line := range bytes.Lines(data) {
		var want swept
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		got := w.ask(t, want.Path)
		if want.Hadron != nil {
			want.Answer = *want.Hadron
		}
		if strings.HasPrefix(got, "500 ") || !agree(want, got) {
			t.Errorf("%s: %s\n got %s\nwant %s", file, want.Path, got, want.Answer)
		}
	}
}
