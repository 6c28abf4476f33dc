package goldentest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnswersAreComparedByTheirShape(t *testing.T) {
	t.Parallel()
	const id, other = "0b2f4f4e-8a3e-4d7c-9d3b-111111111111", "0b2f4f4e-8a3e-4d7c-9d3b-222222222222"
	v := variables{"net.id": id, "n": float64(5)}
	object := func(k string, v any) any { return map[string]any{k: v} }
	list := func(items ...any) any { return items }
	for _, c := range []struct {
		name      string
		want, got any
		volatile  []string
		ordered   bool
		equal     bool
	}{
		{"equal texts", "a", "a", nil, false, true},
		{"other texts", "a", "b", nil, false, false},
		{"any UUID", id, other, nil, false, true},
		{"no UUID", id, "x", nil, false, false},
		{"any time", "2026-01-01T00:00:00Z", "2027-02-02T01:02:03Z", nil, false, true},
		{"any generated MAC", "fa:16:3e:00:00:01", "fa:16:3e:aa:bb:cc", nil, false, true},
		{"another MAC", "fa:16:3e:00:00:01", "fa:16:3f:aa:bb:cc", nil, false, false},
		{"any order of a set", "{'a', 'b'}", "{'b', 'a'}", nil, false, true},
		{"a saved UUID", "${net.id}", id, nil, false, true},
		{"not the saved UUID", "${net.id}", other, nil, false, false},
		{"a saved UUID in a text", "Network ${net.id} and " + other, "Network " + id + " and 0b2f4f4e-8a3e-4d7c-9d3b-333333333333", nil, false, true},
		{"another UUID for a saved one", "Network ${net.id} and a", "Network " + other + " and a", nil, false, false},
		{"a saved number", "${n}", float64(5), nil, false, true},
		{"a saved number as text", "${n}", "5", nil, false, true},
		{"equal numbers", float64(1), float64(1), nil, false, true},
		{"other numbers", float64(1), float64(2), nil, false, false},
		{"number and text", float64(1), "1", nil, false, false},
		{"null and text", nil, "", nil, false, false},
		{"equal objects", object("a", true), object("a", true), nil, false, true},
		{"an extra key", object("a", true), map[string]any{"a": true, "b": true}, nil, false, false},
		{"a volatile extra key", object("a", true), map[string]any{"a": true, "b": true}, []string{"$.b"}, false, true},
		{"a missing key", map[string]any{"a": true, "b": true}, object("a", true), nil, false, false},
		{"a volatile value", object("a", "x"), object("a", "y"), []string{"$.a"}, false, true},
		{"a volatile value of another type", object("a", "x"), object("a", true), []string{"$.a"}, false, false},
		{"any order of a list", list("a", "b"), list("b", "a"), nil, false, true},
		{"the same order of a list", list("a", "b"), list("b", "a"), nil, true, false},
		{"as often in a list", list("a", "a", "b"), list("a", "b", "b"), nil, false, false},
		{"a shorter list", list("a", "b"), list("a"), nil, false, false},
		{"a volatile item", list(object("a", "x")), list(object("a", "y")), []string{"$[*].a"}, false, true},
	} {
		comparison := comparison{vars: v, volatile: c.volatile, ordered: c.ordered}
		if why := comparison.diff("$", c.want, c.got); (why == "") != c.equal {
			t.Errorf("%s: got %q", c.name, why)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	v := newVariables("http://host:1")
	if v["host"] != "host:1" || len(v["project"].(string)) != 32 || v["uuid1"] == v["uuid2"] {
		t.Errorf("got %v", v)
	}
	v.save(map[string]string{"net.id": "$.network.id", "second": "$.list[1].x", "gone": "$.list[7].x"},
		map[string]any{"network": map[string]any{"id": "i"}, "list": []any{nil, map[string]any{"x": float64(7)}}})
	got := v.expand(map[string]any{"a${net.id}": []any{"${second}", "v${second}", "${gone}", "${base}/"}}).(map[string]any)
	if l, ok := got["ai"].([]any); !ok || l[0] != float64(7) || l[1] != "v7" || l[2] != "${gone}" || l[3] != "http://host:1/" {
		t.Errorf("got %v", got)
	}
}

// server is a Neutron that knows one network.
func server(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Method == "POST" && strings.Contains(string(body), "net-"):
		w.WriteHeader(201)
		fmt.Fprintf(w, `{"network":{"id":"0b2f4f4e-8a3e-4d7c-9d3b-111111111111","query":%q}}`, r.URL.RawQuery)
	case r.URL.Path == "/v2.0/networks/0b2f4f4e-8a3e-4d7c-9d3b-111111111111":
		w.WriteHeader(204)
	default:
		http.Error(w, "plain text", 404)
	}
}

func writeTopic(t *testing.T, lines ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "topic.jsonl"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

const (
	create = `{"id":"topic/a/00","topic":"topic","scenario":"a","step":0,"request":{"method":"POST","path":"/v2.0/networks?a=${rand} x","body":{"network":{"name":"net-${rand}"}}},"response":{"status":201,"body":{"network":{"id":"${net.id}","query":"a=${rand}%20x"}}},"save":{"net.id":"$.network.id"}}`
	remove = `{"id":"topic/a/01","topic":"topic","scenario":"a","step":1,"request":{"method":"DELETE","path":"/v2.0/networks/${net.id}"},"response":{"status":204,"body":null}}`
	page   = `{"id":"topic/b/00","topic":"topic","scenario":"b","step":0,"request":{"method":"GET","path":"/nope"},"response":{"status":404,"body":{"code":404}}}`
	needy  = `{"id":"topic/c/00","topic":"topic","scenario":"c","step":0,"request":{"method":"GET","path":"/nope"},"response":{"status":200,"body":null},"requires":["fake-agents"]}`
)

func TestConversationsAreReplayed(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(server))
	defer s.Close()
	counts := Run(t, Options{
		Dir: writeTopic(t, remove, create, page, needy), URL: s.URL,
		Differences: map[string]Difference{"topic/b/00": {Why: "a text page", Status: 404, Check: func(body any) error {
			if compact(body) != `{"$text":"plain text\n"}` {
				return fmt.Errorf("got %v", body)
			}
			return nil
		}}},
	})
	want := Count{Recorded: 4, Equal: 2, Announced: 1, Missing: []Missing{{"topic/c/00", "fake-agents"}}}
	if d := cmp.Diff(want, counts["topic"]); d != "" {
		t.Error(d)
	}
	kept := Run(t, Options{Dir: writeTopic(t, create, remove, page), URL: s.URL, Unbuilt: func(e Exchange) string {
		if e.Request.Path == "/nope" {
			return "nope"
		}
		return ""
	}})
	want = Count{Recorded: 3, Equal: 2, Missing: []Missing{{"topic/b/00", "nope"}}}
	if d := cmp.Diff(want, kept["topic"]); d != "" {
		t.Error(d)
	}
}

func TestWhatFollowsAnOpenChangeIsOpen(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	counts := Run(t, Options{Dir: writeTopic(t, create, remove), URL: s.URL, Unbuilt: func(e Exchange) string {
		if e.Request.Method == "POST" {
			return "networks"
		}
		return ""
	}})
	want := Count{Recorded: 2, Missing: []Missing{{"topic/a/00", "networks"}, {"topic/a/01", "behind networks"}}}
	if d := cmp.Diff(want, counts["topic"]); d != "" {
		t.Error(d)
	}
}

func TestDifferencesMustHappenAsAnnounced(t *testing.T) {
	t.Parallel()
	d := Difference{Why: "reason", Status: 404, Check: func(body any) error {
		if body == nil {
			return errors.New("no body")
		}
		return nil
	}}
	for _, c := range []struct {
		why    string
		status int
		body   any
		ok     bool
	}{
		{"", 404, "x", false},
		{"status 404, want 200", 404, "x", true},
		{"status 404, want 200", 404, nil, false},
		{"status 500, want 200", 500, "x", false},
	} {
		if got := d.judge(c.why, c.status, c.body); (got == "") != c.ok {
			t.Errorf("%v: got %q", c, got)
		}
	}
}

func TestBrokenRecordingsAreNamed(t *testing.T) {
	t.Parallel()
	dir := writeTopic(t, create, "{")
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "topic.jsonl:2:") {
		t.Errorf("got %v, want file and line", err)
	}
	if _, err := Load(dir, "bogus"); err == nil {
		t.Error("loaded nothing without an error")
	}
}
