package filters

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// through sends one request through h, with a Context as the application makes it, and returns the answer and the Context.
func through(h http.Handler, method, path string, header map[string]string) (*http.Response, *neutron.Context) {
	r := httptest.NewRequest(method, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	rc := &neutron.Context{}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(neutron.NewContext(r.Context(), rc)))
	return w.Result(), rc
}

func ok(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Scheme+"://"+r.Host) }

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	const mine = "req-3a0bbdfe-933d-4243-ac0d-3170f8d85ba7"
	h := RequestID()(http.HandlerFunc(ok))
	for header, global := range map[string]string{mine: mine, "": "", "req-x": "", "3a0bbdfe": "", mine + "\n": ""} {
		r, rc := through(h, "GET", "/", map[string]string{"X-OpenStack-Request-ID": header})
		id := r.Header.Get("X-Openstack-Request-Id")
		if !isRequestID(id) || id != rc.RequestID || id == mine {
			t.Errorf("header %q: the request's id is %q in the answer, %q in the context", header, id, rc.RequestID)
		}
		if rc.GlobalRequestID != global {
			t.Errorf("header %q: global id %q, want %q", header, rc.GlobalRequestID, global)
		}
	}
}

func TestCatchErrors(t *testing.T) {
	t.Parallel()
	var told any
	catch := CatchErrors(func(_ *http.Request, reason any) { told = reason })
	cause := errors.New("boom")
	cases := []struct {
		name   string
		app    http.HandlerFunc
		status int
		body   string
		leaves any
		tells  any
	}{
		{"no panic", ok, 200, "://example.com", nil, nil},
		{"before the answer", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Secret", "1"); panic(cause) },
			500, Internal, Answered{cause}, cause},
		{"within the answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "half"); panic(cause) },
			200, "half", cause, cause},
		{"abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 200, "", http.ErrAbortHandler, nil},
		{"answered inside", func(w http.ResponseWriter, _ *http.Request) { panic(Answered{cause}) }, 200, "", Answered{cause}, nil},
	}
	for _, c := range cases {
		told = nil
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		r = r.WithContext(neutron.NewContext(r.Context(), &neutron.Context{RequestID: "req-1"}))
		var left any
		func() {
			defer func() { left = recover() }()
			catch(c.app).ServeHTTP(w, r)
		}()
		if w.Code != c.status || w.Body.String() != c.body || left != c.leaves || told != c.tells {
			t.Errorf("%s: got %d %q, left %v, told %v", c.name, w.Code, w.Body, left, told)
		}
		if c.status == 500 && (w.Header().Get("X-Openstack-Request-Id") != "req-1" || w.Header().Get("X-Secret") != "") {
			t.Errorf("%s: headers %v", c.name, w.Header())
		}
	}
}

func TestFakeProjectID(t *testing.T) {
	t.Parallel()
	admin := neutron.AdminRoles()
	h := FakeProjectID()(http.HandlerFunc(ok))
	for _, c := range []struct {
		header map[string]string
		want   neutron.Context
	}{
		{nil, neutron.Context{Known: true, Admin: true, Service: true, ProjectID: "fake_project_id", Roles: admin}},
		{map[string]string{"X-User-Id": "u", "X-Roles": "auditor, reader"},
			neutron.Context{Known: true, Admin: true, Service: true, ProjectID: "fake_project_id", UserID: "u",
				Roles: []string{"auditor", "reader", "admin", "member", "reader"}}},
		{map[string]string{"X-Project-Id": "p"}, neutron.Context{Known: true, Admin: true, Service: true, Roles: admin}},
		{map[string]string{"X-Tenant-Id": "p", "X-Roles": "auditor"}, neutron.Context{Known: true, Admin: true, Service: true, Roles: admin}},
	} {
		_, rc := through(h, "GET", "/", c.header)
		if diff := cmp.Diff(c.want, *rc); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.header, diff)
		}
	}
}

// identify makes an administrator of whoever has that role.
func identify(rc *neutron.Context) error {
	for _, role := range rc.Roles {
		rc.Admin = rc.Admin || strings.EqualFold(role, "admin")
	}
	return nil
}

func TestKeystoneContext(t *testing.T) {
	t.Parallel()
	h := KeystoneContext(identify)(http.HandlerFunc(ok))
	if r, rc := through(h, "GET", "/", map[string]string{"X-Project-Id": "p", "X-Roles": "admin"}); r.StatusCode != 401 || rc.Known {
		t.Errorf("without a user: got status %d", r.StatusCode)
	}
	broken := KeystoneContext(func(*neutron.Context) error { return io.EOF })(http.HandlerFunc(ok))
	if r, _ := through(broken, "GET", "/", map[string]string{"X-User-Id": "u"}); r.StatusCode != 500 {
		t.Errorf("with rules that cannot be evaluated: got status %d", r.StatusCode)
	}
	_, rc := through(h, "GET", "/", map[string]string{"X-User-Id": "u", "X-User-Name": "n", "X-Tenant-Id": "p",
		"X-Project-Name": "pn", "X-Roles": "member, AdMiN", "X-User-Domain-Id": "ud"})
	want := neutron.Context{Known: true, Admin: true, UserID: "u", UserName: "n", ProjectID: "p", ProjectName: "pn",
		UserDomainID: "ud", Roles: []string{"member", "AdMiN"}}
	if diff := cmp.Diff(want, *rc); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHTTPProxy(t *testing.T) {
	t.Parallel()
	type seen struct{ Origin, Remote, Script string }
	for _, c := range []struct {
		header map[string]string
		want   seen
	}{
		{nil, seen{"://example.com", "192.0.2.1:1234", ""}},
		{map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "api", "X-Forwarded-For": "10.0.0.1, 10.0.0.2",
			"X-Forwarded-Prefix": "/network/"}, seen{"https://api", "10.0.0.1:1234", "/network"}},
		{map[string]string{"Forwarded": `for="[2001:db8::1]";proto=https;host=api, for=9.9.9.9`, "X-Forwarded-Proto": "ftp"},
			seen{"https://api", "[2001:db8::1]:1234", ""}},
	} {
		var got seen
		app := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = seen{r.URL.Scheme + "://" + r.Host, r.RemoteAddr, neutron.FromContext(r.Context()).ScriptName}
		})
		through(HTTPProxy(true)(app), "GET", "/", c.header)
		if got != c.want {
			t.Errorf("%v: got %v, want %v", c.header, got, c.want)
		}
		through(HTTPProxy(false)(app), "GET", "/", c.header)
		if want := (seen{"://example.com", "192.0.2.1:1234", ""}); got != want {
			t.Errorf("%v, not enabled: got %v, want %v", c.header, got, want)
		}
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	filter := CORS(CORSOptions{AllowedOrigin: []string{"https://good"}, AllowCredentials: true, MaxAge: 60,
		ExposeHeaders: []string{"X-A", "X-B"}, AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"X-Auth-Token"}})
	app := filter(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "OPTIONS" && r.URL.Path == "/404" {
			http.Error(w, "no", 404)
			return
		}
		_, _ = io.WriteString(w, "body")
	}))
	allow := "Access-Control-Allow-"
	cases := []struct {
		name, method, path string
		header             map[string]string
		body               string
		want               map[string]string
	}{
		{"no origin", "GET", "/", nil, "body", map[string]string{allow + "Origin": ""}},
		{"stranger", "GET", "/", map[string]string{"Origin": "https://bad"}, "body", map[string]string{allow + "Origin": ""}},
		{"friend", "GET", "/", map[string]string{"Origin": "https://good"}, "body",
			map[string]string{allow + "Origin": "https://good", allow + "Credentials": "true", "Access-Control-Expose-Headers": "X-A,X-B", "Vary": "Origin"}},
		{"options that the application answers", "OPTIONS", "/", nil, "body", nil},
		{"options without origin", "OPTIONS", "/404", nil, "", map[string]string{allow + "Origin": "", "Content-Type": ""}},
		{"preflight", "OPTIONS", "/404",
			map[string]string{"Origin": "https://good", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-auth-token, Content-Type"}, "",
			map[string]string{allow + "Origin": "https://good", allow + "Methods": "PUT", allow + "Headers": "x-auth-token,Content-Type", "Access-Control-Max-Age": "60"}},
		{"preflight, method", "OPTIONS", "/404", map[string]string{"Origin": "https://good", "Access-Control-Request-Method": "FOO"}, "",
			map[string]string{allow + "Origin": ""}},
		{"preflight, header", "OPTIONS", "/404",
			map[string]string{"Origin": "https://good", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "X-No"}, "",
			map[string]string{allow + "Origin": ""}},
	}
	for _, c := range cases {
		r, _ := through(app, c.method, c.path, c.header)
		if got := body(t, r); r.StatusCode != 200 || got != c.body {
			t.Errorf("%s: got %d %q", c.name, r.StatusCode, got)
		}
		for name, want := range c.want {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", c.name, name, got, want)
			}
		}
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	drain := filepath.Join(t.TempDir(), "disable")
	ready := error(nil)
	backends, err := HealthcheckBackends([]string{"disable_by_file"}, HealthcheckFiles{Disable: drain})
	if err != nil {
		t.Fatal(err)
	}
	h := Healthcheck(HealthcheckOptions{Backends: backends, Ready: func() error { return ready }})
	check := func(name, method, accept string, status int, want string) {
		t.Helper()
		r, _ := through(h, method, "/", map[string]string{"Accept": accept})
		if got := body(t, r); r.StatusCode != status || got != want {
			t.Errorf("%s: got %d %q, want %d %q", name, r.StatusCode, got, status, want)
		}
	}
	check("text", "GET", "", 200, "OK")
	check("json", "GET", "application/json", 200, "{\n    \"detailed\": false,\n    \"reasons\": [\n        \"OK\"\n    ]\n}")
	check("head", "HEAD", "", 204, "")
	check("post", "POST", "", 405, "")
	ready = errors.New("DEGRADED")
	check("not ready", "GET", "text/plain;q=1", 503, "OK\nDEGRADED")
	ready = nil
	if err := os.WriteFile(drain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check("drained", "GET", "text/plain", 503, "DISABLED BY FILE")
	check("drained, head", "HEAD", "", 503, "")
	r, _ := through(h, "GET", "/", map[string]string{"Accept": "text/html"})
	if got := body(t, r); !strings.Contains(got, "DISABLED BY FILE") || r.Header.Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Errorf("html: got %q as %s", got, r.Header.Get("Content-Type"))
	}
}

func TestHealthcheckForWhom(t *testing.T) {
	t.Parallel()
	far := Healthcheck(HealthcheckOptions{AllowedSources: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	near := Healthcheck(HealthcheckOptions{AllowedSources: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, IgnoreProxied: true})
	for _, c := range []struct {
		h      http.Handler
		header map[string]string
		status int
	}{{far, nil, 404}, {near, nil, 200}, {near, map[string]string{"X-Forwarded-For": "192.0.2.9"}, 404}} {
		if r, _ := through(c.h, "GET", "/", c.header); r.StatusCode != c.status {
			t.Errorf("%v: got %d, want %d", c.header, r.StatusCode, c.status)
		}
	}
	filter := HealthcheckFilter(HealthcheckOptions{Path: "/healthcheck"})(http.NotFoundHandler())
	for path, status := range map[string]int{"/healthcheck": 200, "/x": 404} {
		if r, _ := through(filter, "GET", path, nil); r.StatusCode != status {
			t.Errorf("%s: got %d, want %d", path, r.StatusCode, status)
		}
	}
}

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	h := SizeLimit(4)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	for _, c := range []struct {
		text   string
		known  bool
		status int
	}{{"1234", true, 200}, {"12345", true, 413}, {"1234", false, 200}, {"12345", false, http.StatusTeapot}} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.text))
		if !c.known {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%q, length known %t: got %d, want %d", c.text, c.known, w.Code, c.status)
		}
	}
}
