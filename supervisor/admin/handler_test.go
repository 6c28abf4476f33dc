package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// decodeTree is the tree as GET /tree answers it.
func decodeTree(t *testing.T, s admin.Subject) admin.Node {
	t.Helper()
	w := ask(t, s, http.MethodGet, "/tree", "")
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	var top admin.Node
	if err := json.Unmarshal(w.Body.Bytes(), &top); err != nil {
		t.Fatal(err)
	}
	return top
}

// TestTheTreeOfARealSupervisorIsShown checks that nothing of a running tree's snapshot is lost on the way.
func TestTheTreeOfARealSupervisorIsShown(t *testing.T) {
	t.Parallel()
	root := startTree(t, otp.Spec{Children: []otp.ChildSpec{
		{ID: "a", Kind: "bomb", New: func(otp.Incarnation) otp.Child { return bomb{} }},
		{ID: "b", Sup: &otp.Spec{Strategy: otp.OneForAll}},
	}}, func(otp.Event) {})
	s := newServer()
	subject := subject(s)
	subject.Tree = root
	want, err := json.Marshal(root.Tree())
	if err != nil {
		t.Fatal(err)
	}
	var fields admin.Node
	if err := json.Unmarshal(want, &fields); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fields, decodeTree(t, subject)); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
}

// TestAnswers asks every path for its answer, in a fixed order of the object's members.
func TestAnswers(t *testing.T) {
	t.Parallel()
	broken := errors.New("/etc/neutron/neutron.conf:3: debug: \"maybe\" is no boolean")
	for _, test := range []struct {
		name, method, target, body string
		change                     func(*server)
		status                     int
		want                       string // as compact JSON
	}{
		{name: "alive", target: "/healthz", status: 200, want: `{"status":"alive"}`},
		{name: "dead", target: "/healthz", change: func(s *server) { s.tree.State = otp.StateStopped }, status: 503,
			want: `{"error":"the supervision tree has ended"}`},
		{name: "ready", target: "/readyz", change: func(s *server) { s.tree = wellTree() }, status: 200, want: `{"status":"ok","ready":true}`},
		{name: "ready although degraded", target: "/readyz", status: 200,
			want: `{"status":"degraded","ready":true,"reasons":["neutron-server/api/worker-1/server is backing_off"]}`},
		{name: "not ready while starting", target: "/readyz", change: func(s *server) {
			s.vital = admin.Vital{Phase: admin.PhaseStarting, Waiting: []string{"the database"}}
		}, status: 503, want: `{"status":"starting","ready":false,"reasons":["the database"]}`},
		{name: "not ready while stopping", target: "/readyz", change: func(s *server) {
			s.vital.Phase, s.vital.Waiting = admin.PhaseStopping, []string{"3 requests"}
		}, status: 503, want: `{"status":"stopping","ready":false,"reasons":["3 requests"]}`},
		{name: "health", target: "/health", change: func(s *server) { s.tree = wellTree() }, status: 200,
			want: `{"status":"ok","ready":true,"framework":{"preferred":"legacy","current":"legacy"},"generation":3}`},
		{name: "health of the fallback", target: "/health", change: func(s *server) {
			s.tree = wellTree()
			s.tree.Children[0].State, s.tree.Children[0].Alternative = otp.StateDegraded, "pecan"
			s.tree.Children[0].LastFailure = "cannot\n start"
			s.vital.Framework.Current = "pecan"
		}, status: 200, want: `{"status":"degraded","ready":true,"reasons":["neutron-server/config runs pecan: cannot start"],` +
			`"framework":{"preferred":"legacy","current":"pecan"},"generation":3}`},
		{name: "health of a fallback the tree does not show", target: "/health", change: func(s *server) {
			s.tree = wellTree()
			s.vital.Framework.Current = "pecan"
		}, status: 200, want: `{"status":"degraded","ready":true,"reasons":["web_framework legacy is served by pecan"],` +
			`"framework":{"preferred":"legacy","current":"pecan"},"generation":3}`},
		{name: "health with own reasons", target: "/health", change: func(s *server) {
			s.tree, s.vital = wellTree(), admin.Vital{Phase: admin.PhaseRunning, Degraded: []string{"the broker is away"}}
		}, status: 200, want: `{"status":"degraded","ready":true,"reasons":["the broker is away"],"generation":0}`},
		{name: "reload", method: "POST", target: "/reload", change: func(s *server) { s.tree = wellTree() }, status: 200,
			want: `{"status":"ok","ready":true,"framework":{"preferred":"legacy","current":"legacy"},"generation":3}`},
		{name: "reload of a broken file", method: "POST", target: "/reload", change: func(s *server) { s.reloadErr = broken }, status: 422,
			want: `{"error":"/etc/neutron/neutron.conf:3: debug: \"maybe\" is no boolean"}`},
		{name: "levels", target: "/log-level", status: 200, want: `{"level":"INFO"}`},
		{name: "level of the log", method: "PUT", target: "/log-level", body: `{"level":"DEBUG"}`, status: 200, want: `{"level":"DEBUG"}`},
		{name: "level of a logger", method: "PUT", target: "/log-level", body: `{"logger":"neutron.wsgi","level":"DEBUG"}`, status: 200,
			want: `{"level":"INFO","loggers":{"neutron.wsgi":"DEBUG"}}`},
		{name: "unknown level", method: "PUT", target: "/log-level", body: `{"level":"LOUD"}`, status: 422, want: `{"error":"unknown level \"LOUD\""}`},
		{name: "no level", method: "PUT", target: "/log-level", body: `{}`, status: 400, want: `{"error":"level is missing"}`},
		{name: "workers", target: "/workers", status: 200, want: `[{"name":"worker-1","state":"running","pool_size":5,"waiting":2,"served":17,` +
			`"panics":1,"busy":[{"handler":"handler-2","request_id":"req-1","method":"GET","path":"/v2.0/networks","seconds":12.34}]}]`},
		{name: "idle worker", target: "/workers", change: func(s *server) { s.workers = []admin.Worker{{Name: "w"}} }, status: 200,
			want: `[{"name":"w","state":"","pool_size":0,"waiting":0,"served":0,"panics":0,"busy":[]}]`},
		{name: "no workers", target: "/workers", change: func(s *server) { s.workers = nil }, status: 200, want: `[]`},
		{name: "too many workers for the server", method: "PUT", target: "/workers", body: `{"count":9}`, status: 422,
			want: `{"error":"there is memory for 8 workers"}`},
		{name: "no worker at all", method: "PUT", target: "/workers", body: `{"count":0}`, status: 400, want: `{"error":"count 0 is not within 1 and 1024"}`},
		{name: "a huge pool", method: "PUT", target: "/workers", body: `{"pool_size":1000000}`, status: 400,
			want: `{"error":"pool_size 1000000 is not within 1 and 100000"}`},
		{name: "no size", method: "PUT", target: "/workers", body: `{}`, status: 400, want: `{"error":"neither count nor pool_size is given"}`},
		{name: "misspelt", method: "PUT", target: "/workers", body: `{"cuont":2}`, status: 400, want: `{"error":"body: json: unknown field \"cuont\""}`},
		{name: "two objects", method: "PUT", target: "/workers", body: `{"count":2}{"count":3}`, status: 400,
			want: `{"error":"body: there is more after the object"}`},
		{name: "a long body", method: "PUT", target: "/workers", body: strings.Repeat(" ", 5000) + `{"count":2}`, status: 400,
			want: `{"error":"body: http: request body too large"}`},
		{name: "worker processes", target: "/workers", change: func(s *server) {
			s.workers = []admin.Worker{{Name: "w", PID: 12, Since: epoch(), Leaving: []int{9, 10}}}
		}, status: 200, want: `[{"name":"w","state":"","pid":12,"since":"2026-11-22T10:00:00Z","leaving":[9,10],"pool_size":0,"waiting":0,` +
			`"served":0,"panics":0,"busy":[]}]`},
		{name: "replace", method: "POST", target: "/workers/replace", status: 200,
			want: `{"replaced":[{"name":"worker-1","old":12,"new":15}]}`},
		{name: "replace no worker", method: "POST", target: "/workers/replace", change: func(s *server) { s.replaced = nil }, status: 200,
			want: `{"replaced":[]}`},
		{name: "replace in part", method: "POST", target: "/workers/replace", change: func(s *server) { s.broken = broken }, status: 500,
			want: `{"replaced":[{"name":"worker-1","old":12,"new":15}],"error":"/etc/neutron/neutron.conf:3: debug: \"maybe\" is no boolean"}`},
		{name: "replace twice", method: "POST", target: "/workers/replace", change: func(s *server) {
			s.replaced, s.broken = nil, fmt.Errorf("a replacement %w", admin.ErrUnderWay)
		}, status: 409, want: `{"replaced":[],"error":"a replacement is under way already"}`},
		{name: "upgrade", method: "POST", target: "/upgrade", status: 200, want: `{"pid":4711}`},
		{name: "upgrade that is rolled back", method: "POST", target: "/upgrade", change: func(s *server) {
			s.upgrade = func(context.Context) (int, error) { return 0, errors.New("child 7 could not start: no database") }
		}, status: 500, want: `{"error":"child 7 could not start: no database"}`},
		{name: "upgrade twice", method: "POST", target: "/upgrade", change: func(s *server) {
			s.upgrade = func(context.Context) (int, error) { return 0, fmt.Errorf("an upgrade %w", admin.ErrUnderWay) }
		}, status: 409, want: `{"error":"an upgrade is under way already"}`},
		{name: "upgrade by GET", target: "/upgrade", status: 405, want: `{"error":"/upgrade takes POST, not GET"}`},
		{name: "config", target: "/config", change: func(s *server) { s.options = s.options[2:] }, status: 200, want: `[{"group":"database",` +
			`"name":"connection","value":"mysql://neutron:****@db/neutron","origin":"/etc/neutron/neutron.conf:9"}]`},
		{name: "failures", target: "/failures", status: 200, want: `[]`},
		{name: "tree in another format", target: "/tree?format=xml", status: 400, want: `{"error":"format is neither json nor text: xml"}`},
		{name: "tree, all of what", target: "/tree?format=text&all=perhaps", status: 400, want: `{"error":"all is neither true nor false: perhaps"}`},
		{name: "unknown path", target: "/trees", status: 404, want: `{"error":"there is nothing at /trees"}`},
		{name: "the root", target: "/", status: 404, want: `{"error":"there is nothing at /"}`},
		{name: "unknown profile", target: "/debug/pprof/cake", status: 404, want: `{"error":"there is nothing at /debug/pprof/cake"}`},
		{name: "wrong method", method: "DELETE", target: "/workers", status: 405, want: `{"error":"/workers takes GET, PUT, not DELETE"}`},
		{name: "reload by GET", target: "/reload", status: 405, want: `{"error":"/reload takes POST, not GET"}`},
		{name: "metrics by PUT", method: "PUT", target: "/metrics", status: 405, want: `{"error":"/metrics takes GET, not PUT"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newServer()
			if test.change != nil {
				test.change(s)
			}
			method := test.method
			if method == "" {
				method = http.MethodGet
			}
			w := ask(t, subject(s), method, test.target, test.body)
			if w.Code != test.status {
				t.Errorf("status %d, want %d", w.Code, test.status)
			}
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %q", got)
			}
			if diff := cmp.Diff(test.want, compact(t, w.Body.Bytes())); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func compact(t *testing.T, body []byte) string {
	t.Helper()
	var v json.RawMessage
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestAResizeReachesTheServer(t *testing.T) {
	t.Parallel()
	s := newServer()
	ask(t, subject(s), http.MethodPut, "/workers", `{"count":2}`)
	ask(t, subject(s), http.MethodPut, "/workers", `{"pool_size":50}`)
	ask(t, subject(s), http.MethodPut, "/workers", `{"count":3,"pool_size":60}`)
	if diff := cmp.Diff([]admin.Resize{{Count: 2}, {PoolSize: 50}, {Count: 3, PoolSize: 60}}, s.resized); diff != "" {
		t.Errorf("resizes (-want +got):\n%s", diff)
	}
}

func TestHealthRemembersTheLastReload(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.tree = wellTree()
	subject := subject(s)
	for _, test := range []struct {
		err  error
		want string
	}{
		{want: `{"at":"2026-11-22T10:00:00Z","ok":true}`},
		{err: errors.New("neutron.conf:3: no"), want: `{"at":"2026-11-22T10:00:00Z","ok":false,"error":"neutron.conf:3: no"}`},
		{err: &admin.IncompleteError{Err: errors.New("worker-2")}, want: `{"at":"2026-11-22T10:00:00Z","ok":false,"incomplete":true,` +
			`"error":"the new configuration is in force, but not everywhere: worker-2"}`},
		{want: `{"at":"2026-11-22T10:00:00Z","ok":true}`},
	} {
		subject.Reloads.Record(epoch(), test.err)
		body := compact(t, ask(t, subject, http.MethodGet, "/health", "").Body.Bytes())
		if !strings.HasSuffix(body, `"last_reload":`+test.want+`}`) {
			t.Errorf("health is %s, want the last reload %s", body, test.want)
		}
	}
}

// TestWhatIsNotThereIsNotOffered runs a server with the required parts only.
func TestWhatIsNotThereIsNotOffered(t *testing.T) {
	t.Parallel()
	s := newServer()
	bare := admin.Subject{Tree: s, Vitals: s}
	for path, method := range map[string]string{
		"/reload": "POST", "/log-level": "GET", "/workers": "PUT", "/config": "GET", "/failures": "GET",
		"/workers/replace": "POST", "/upgrade": "POST",
	} {
		if w := ask(t, bare, method, path, "{}"); w.Code != http.StatusNotImplemented {
			t.Errorf("%s %s: status %d, want 501", method, path, w.Code)
		}
	}
	for _, path := range []string{"/tree", "/health", "/readyz", "/report", "/metrics", "/tree?format=text"} {
		if w := ask(t, bare, "GET", path, ""); w.Code != http.StatusOK {
			t.Errorf("GET %s: status %d: %s", path, w.Code, w.Body)
		}
	}
}

func TestAHandlerNeedsATreeAndVitals(t *testing.T) {
	t.Parallel()
	s := newServer()
	for _, incomplete := range []admin.Subject{{}, {Tree: s}, {Vitals: s}} {
		if _, err := admin.Handler(incomplete); err == nil {
			t.Errorf("no error for %+v", incomplete)
		}
	}
}

func TestHeadIsAnsweredAsGet(t *testing.T) {
	t.Parallel()
	if w := ask(t, subject(newServer()), http.MethodHead, "/healthz", ""); w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
}

func TestPagesOfOtherOriginsAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer()
	h, err := admin.Handler(subject(s))
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t, "127.0.0.1:0")
	serveOn(t, h, l)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	for _, test := range []struct {
		name, method, path, host, origin string
		status                           int
	}{
		{name: "curl", method: "POST", path: "/reload", status: 200},
		{name: "localhost", method: "POST", path: "/reload", host: "localhost:1", status: 200},
		{name: "IPv6", method: "GET", path: "/health", host: "[::1]:80", status: 200},
		{name: "no port", method: "GET", path: "/health", host: "127.0.0.1", status: 200},
		{name: "a name that resolves to loopback", method: "GET", path: "/config", host: "evil.example", status: 403},
		{name: "a page", method: "POST", path: "/reload", origin: "http://evil.example", status: 403},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, "http://"+l.Addr().String()+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != test.status {
			t.Errorf("%s: status %d, want %d", test.name, response.StatusCode, test.status)
		}
	}
	if s.reloads != 2 {
		t.Errorf("%d reloads, want 2", s.reloads)
	}
}
