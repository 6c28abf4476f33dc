package authtoken

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/authtoken/keystonetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a filter in front of an application that shows what it got, and the Keystone behind it.
type bench struct {
	*keystonetest.Keystone
	handler http.Handler
	filter  *filter
	log     *bytes.Buffer
	got     http.Header // of the last request that got through, nil if it did not
	status  int         // of the application's answers
	mu      sync.Mutex  // guards got
}

func newBench(t testing.TB, change func(*Options)) *bench {
	t.Helper()
	b := &bench{Keystone: keystonetest.New(), log: &bytes.Buffer{}, status: http.StatusOK}
	o := Options{
		Account: Account{Type: "password", URL: "http://127.0.0.1:15000", Username: "neutron", Password: "neutron", UserDomainName: "Default",
			ProjectName: "service", ProjectDomainName: "Default"},
		WWWAuthenticateURI: "http://keystone:5000", Bind: "permissive", ServiceRoles: []string{"service"}, ServiceRolesRequired: true,
		Catalog: true, CacheTime: 300 * time.Second, Interface: "internal", Retries: 3,
		Log: zerolog.New(zerolog.SyncWriter(b.log)), Transport: b.Keystone,
	}
	if change != nil {
		change(&o)
	}
	f, err := newFilter(o)
	if err != nil {
		t.Fatal(err)
	}
	b.filter = f
	b.handler = f.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.got = r.Header.Clone()
		b.mu.Unlock()
		w.WriteHeader(b.status)
	}))
	return b
}

// ask makes a request with headers, as pairs of name and value.
func (b *bench) ask(pairs ...string) *httptest.ResponseRecorder {
	return b.askFor("GET", "/v2.0/networks", pairs...)
}

func (b *bench) askFor(method, path string, pairs ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(pairs); i += 2 {
		r.Header[pairs[i]] = []string{pairs[i+1]}
	}
	b.mu.Lock()
	b.got = nil
	b.mu.Unlock()
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

// expect fails the test unless the status and Keystone's calls are these.
func (b *bench) expect(t *testing.T, w *httptest.ResponseRecorder, status int, calls ...string) {
	t.Helper()
	if got := b.Calls(); w.Code != status || !slices.Equal(got, calls) {
		t.Errorf("got status %d and calls %q, want %d and %q\n%s%s", w.Code, got, status, calls, w.Body, b.log)
	}
}

func TestATokenBecomesHeaders(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.expect(t, b.ask("X-Auth-Token", "demo-token", "X-Service-Token", "service-token"), 200, "versions", "login", "service-token", "demo-token?allow_expired=1")
	want := http.Header{ // what the original leaves, asked with the tokens that were recorded
		"X-Auth-Token": {"demo-token"}, "X-Service-Token": {"service-token"},
		"X-Identity-Status": {"Confirmed"}, "X-Is-Admin-Project": {"True"},
		"X-Project-Domain-Id": {"default"}, "X-Project-Domain-Name": {"Default"},
		"X-Project-Id": {"b561a41ea11144e99e5f3385ed31becf"}, "X-Project-Name": {"demo"},
		"X-Role": {"member,reader"}, "X-Roles": {"member,reader"},
		"X-Service-Catalog":         {`[{"type": "network", "name": "neutron", "endpoints": [{"region": "RegionOne", "publicURL": "http://127.0.0.1:19696", "internalURL": "http://127.0.0.1:19696", "adminURL": "http://127.0.0.1:19696"}]}, {"type": "identity", "name": "keystone", "endpoints": [{"region": "RegionOne", "adminURL": "http://127.0.0.1:15000/v3", "publicURL": "http://127.0.0.1:15000/v3", "internalURL": "http://127.0.0.1:15000/v3"}]}]`},
		"X-Service-Identity-Status": {"Confirmed"}, "X-Service-Project-Domain-Id": {"default"}, "X-Service-Project-Domain-Name": {"Default"},
		"X-Service-Project-Id": {"80bc843e49104169a403166ca45bf33a"}, "X-Service-Project-Name": {"service"},
		"X-Service-Roles": {"manager,service,member,reader,admin"}, "X-Service-User-Domain-Id": {"default"}, "X-Service-User-Domain-Name": {"Default"},
		"X-Service-User-Id": {"3fd59195272f404f99dc40ee8f4959bd"}, "X-Service-User-Name": {"neutron"},
		"X-Tenant": {"demo"}, "X-Tenant-Id": {"b561a41ea11144e99e5f3385ed31becf"}, "X-Tenant-Name": {"demo"},
		"X-User": {"demo"}, "X-User-Domain-Id": {"default"}, "X-User-Domain-Name": {"Default"},
		"X-User-Id": {"346988c4e178466f9278747a2197dcac"}, "X-User-Name": {"demo"},
	}
	if diff := cmp.Diff(want, b.got, cmp.Transformer("sorted", sortedRoles)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	b.expect(t, b.ask("X-Storage-Token", "system-token"), 200, "system-token")
	if b.got.Get("Openstack-System-Scope") != "all" || b.got.Get("X-Project-Id") != "" {
		t.Errorf("system scope: got %v", b.got)
	}
	b.expect(t, b.ask("X-Auth-Token", "system-token", "X-Service-Token", "service-token"), 200)
	if b.got.Get("Openstack-System-Scope") != "all" {
		t.Error("the service's token has taken the user's system scope away")
	}
}

// sortedRoles makes the order of roles not matter: Keystone has none.
func sortedRoles(h http.Header) map[string]string {
	flat := map[string]string{}
	for name, values := range h {
		flat[name] = strings.Join(values, "|")
		if strings.HasSuffix(name, "-Roles") {
			roles := strings.Split(flat[name], ",")
			slices.Sort(roles)
			flat[name] = strings.Join(roles, ",")
		}
	}
	return flat
}

func TestWithoutAValidTokenIs401(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.End("alt-token", time.Now().Add(-time.Minute))
	b.Revoke("reader-token")
	for _, c := range []struct {
		name  string
		pairs []string
	}{
		{"none", nil}, {"empty", []string{"X-Auth-Token", "", "X-Storage-Token", "demo-token"}}, {"unknown", []string{"X-Auth-Token", "garbage"}},
		{"expired", []string{"X-Auth-Token", "alt-token"}}, {"revoked", []string{"X-Auth-Token", "reader-token"}},
		{"unsendable", []string{"X-Auth-Token", "a\rb"}}, {"service only", []string{"X-Service-Token", "service-token"}},
		{"bad service", []string{"X-Auth-Token", "demo-token", "X-Service-Token", "garbage"}},
		{"no service role", []string{"X-Auth-Token", "demo-token", "X-Service-Token", "demo-token"}},
	} {
		w := b.ask(c.pairs...)
		if w.Code != 401 || w.Body.String() != unauthorized || w.Header().Get("Www-Authenticate") != `Keystone uri="http://keystone:5000"` ||
			w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Content-Length") != "114" || b.got != nil {
			t.Errorf("%s: got %d %v %s", c.name, w.Code, w.Header(), w.Body)
		}
	}
}

func TestWhatAClientSaysAboutItselfIsRemoved(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.DelayDecision = true })
	names := []string{"X-Identity-Status", "X-Service-Identity-Status", "X-Is-Admin-Project", "X-Role", "X-User", "X-Tenant", "X-Tenant-Id", "X-Tenant-Name",
		"X-Service-Catalog", "Openstack-System-Scope"}
	for _, prefix := range []string{"X-", "X-Service-"} {
		for _, what := range []string{"Domain-Id", "Domain-Name", "Project-Id", "Project-Name", "Project-Domain-Id", "Project-Domain-Name", "User-Id",
			"User-Name", "User-Domain-Id", "User-Domain-Name", "Roles"} {
			names = append(names, prefix+what)
		}
	}
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, name, "admin", strings.ToLower(name), "admin", strings.ToUpper(name), "admin", strings.ReplaceAll(name, "-", "_"), "admin",
			strings.ToLower(strings.ReplaceAll(name, "-", "_")), "admin")
	}
	b.expect(t, b.ask(append(pairs, "X-Rolesy", "mine", "Accept", "a/b")...), 200)
	if diff := cmp.Diff(http.Header{"X-Identity-Status": {"Invalid"}, "X-Rolesy": {"mine"}, "Accept": {"a/b"}}, b.got); diff != "" {
		t.Errorf("without a token, want -, got +:\n%s", diff)
	}
	b.ask(append(pairs, "X-Auth-Token", "unscoped-token")...)
	for name, values := range b.got {
		if strings.Contains(strings.Join(values, ""), "admin") {
			t.Errorf("%s: %q has got through", name, values)
		}
	}
}

func TestOthersMayDecide(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.DelayDecision = true })
	b.status = http.StatusUnauthorized
	w := b.ask("X-Auth-Token", "garbage", "X-Service-Token", "garbage")
	b.expect(t, w, 401, "versions", "login", "garbage")
	if b.got.Get("X-Identity-Status") != "Invalid" || b.got.Get("X-Service-Identity-Status") != "Invalid" {
		t.Errorf("got %v", b.got)
	}
	if got := w.Header().Get("Www-Authenticate"); got != `Keystone uri="http://keystone:5000"` {
		t.Errorf("a 401 from inside: got WWW-Authenticate %q", got)
	}
	b.Before = refuse
	b.expect(t, b.ask("X-Auth-Token", "demo-token"), 401, "demo-token")
	if b.got.Get("X-Identity-Status") != "Invalid" {
		t.Errorf("Keystone away: got %v", b.got)
	}
}

// refuse answers what a proxy does in front of a Keystone that is away.
func refuse(w http.ResponseWriter, _ *http.Request) bool {
	w.WriteHeader(http.StatusBadGateway)
	return true
}

func TestAServiceMayUseAnExpiredToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.End("demo-token", time.Now().Add(-time.Minute))
	b.expect(t, b.ask("X-Auth-Token", "demo-token"), 401, "versions", "login", "demo-token")
	b.expect(t, b.ask("X-Auth-Token", "demo-token", "X-Service-Token", "service-token"), 200, "service-token", "demo-token?allow_expired=1")
	b.expect(t, b.ask("X-Auth-Token", "demo-token", "X-Service-Token", "service-token"), 200)
	b.expect(t, b.ask("X-Auth-Token", "demo-token"), 401) // what is kept for services is not for others
	loose := newBench(t, func(o *Options) { o.ServiceRolesRequired = false })
	loose.End("demo-token", time.Now().Add(-time.Minute))
	loose.expect(t, loose.ask("X-Auth-Token", "alt-token", "X-Service-Token", "reader-token"), 200, "versions", "login", "reader-token", "alt-token")
	loose.expect(t, loose.ask("X-Auth-Token", "demo-token", "X-Service-Token", "reader-token"), 401, "demo-token")
}

func TestAccessRules(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.ServiceType = "network" })
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/v2.0/networks", 200}, {"GET", "/v2.0/networks/x", 200}, {"GET", "/v2.0/networks/x/y", 401}, {"GET", "/v2.0/networks/", 401},
		{"POST", "/v2.0/networks", 401}, {"GET", "/v2.0/ports", 401}, {"GET", "/v2x0/networks", 401}, // a dot is a dot
	} {
		if w := b.askFor(c.method, c.path, "X-Auth-Token", "rules-token"); w.Code != c.status {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, w.Code, c.status)
		}
	}
	if w := b.askFor("POST", "/v2.0/ports", "X-Auth-Token", "rules-token", "X-Service-Token", "service-token"); w.Code != 200 {
		t.Errorf("passed on by a service: got %d", w.Code)
	}
	nameless := newBench(t, nil)
	if w := nameless.ask("X-Auth-Token", "rules-token"); w.Code != 401 || !strings.Contains(nameless.log.String(), "Set service_type") {
		t.Errorf("without service_type: got %d\n%s", w.Code, nameless.log)
	}
}

func TestBoundTokens(t *testing.T) {
	t.Parallel()
	kerberos, other := map[string]any{"kerberos": "me"}, map[string]any{"x509": "me"}
	for _, c := range []struct {
		mode string
		bind map[string]any
		want bool
	}{
		{"disabled", kerberos, true}, {"permissive", nil, true}, {"permissive", kerberos, false}, {"permissive", other, true},
		{"strict", nil, true}, {"strict", other, false}, {"required", nil, false}, {"required", other, false}, {"x509", nil, false}, {"x509", other, false},
		{"x509", kerberos, false},
	} {
		if got := bound(c.mode, c.bind); got != c.want {
			t.Errorf("%s %v: got %v, want %v", c.mode, c.bind, got, c.want)
		}
	}
}

func TestTokensAreKeptForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.expect(t, b.ask("X-Auth-Token", "demo-token"), 200, "versions", "login", "demo-token")
		b.Revoke("demo-token")
		time.Sleep(299 * time.Second)
		b.expect(t, b.ask("X-Auth-Token", " demo-token "), 200) // not asked again, as in the original
		time.Sleep(2 * time.Second)
		b.expect(t, b.ask("X-Auth-Token", "demo-token"), 401, "demo-token")
		b.expect(t, b.ask("X-Auth-Token", "demo-token"), 401)
		time.Sleep(invalidTime)
		b.expect(t, b.ask("X-Auth-Token", "demo-token"), 401, "demo-token")
		b.End("alt-token", time.Now().Add(time.Minute))
		b.expect(t, b.ask("X-Auth-Token", "alt-token"), 200, "alt-token")
		time.Sleep(time.Minute)
		b.expect(t, b.ask("X-Auth-Token", "alt-token"), 401) // kept, but over
		time.Sleep(time.Hour)
		b.ask("X-Auth-Token", "reader-token")
		if got := b.filter.cache.size(); got != 1 {
			t.Errorf("got %d entries when all but one have had their time, want 1", got)
		}
	})
}

func TestNothingIsKeptWhereItMustNotBe(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.CacheTime = -time.Second })
	b.expect(t, b.ask("X-Auth-Token", "demo-token"), 200, "versions", "login", "demo-token")
	b.expect(t, b.ask("X-Auth-Token", "demo-token"), 200, "demo-token")
	b.expect(t, b.ask("X-Auth-Token", "x"), 401, "x")
	b.expect(t, b.ask("X-Auth-Token", "x"), 401, "x")
}

func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache(time.Hour)
	now := time.Now()
	for i := range 3 * maxEntries {
		c.put(keyOf(fmt.Sprint(i), false), &identity{expires: now.Add(time.Hour)}, now)
		c.put(keyOf(fmt.Sprint(-i-1), false), nil, now)
		if c.size() > maxEntries {
			t.Fatalf("%d entries", c.size())
		}
	}
	if _, known := c.get(keyOf(fmt.Sprint(3*maxEntries-1), false), now); !known {
		t.Error("the newest identity is not there")
	}
}

func TestTheOwnTokenIsRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.expect(t, b.ask("X-Auth-Token", "demo-token"), 200, "versions", "login", "demo-token")
		time.Sleep(59 * time.Minute) // it ends in a minute
		b.expect(t, b.ask("X-Auth-Token", "alt-token"), 200, "versions", "login", "alt-token")
		b.RevokeOwn()
		b.expect(t, b.ask("X-Auth-Token", "reader-token"), 200, "reader-token", "versions", "login", "reader-token")
		time.Sleep(59 * time.Minute)
		b.Password = "changed"
		b.expect(t, b.ask("X-Auth-Token", "admin-token"), 200, "versions", "login", "admin-token") // while the old one lasts
		b.RevokeOwn()
		b.expect(t, b.ask("X-Auth-Token", "system-token"), 503, "versions", "login", "system-token", "versions", "login")
		b.Password = "neutron"
		b.expect(t, b.ask("X-Auth-Token", "system-token"), 200, "versions", "login", "system-token")
	})
}

func TestManyWithTheSameTokenAskOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.Before = func(http.ResponseWriter, *http.Request) bool { time.Sleep(time.Second); return false }
		b.ask("X-Auth-Token", "reader-token")
		b.Calls()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if w := b.ask("X-Auth-Token", "demo-token"); w.Code != 200 {
					t.Errorf("got %d", w.Code)
				}
			})
			wg.Go(func() {
				start := time.Now()
				if w := b.ask("X-Auth-Token", "reader-token"); w.Code != 200 || time.Since(start) > 0 {
					t.Errorf("a token that is known: got %d after %v", w.Code, time.Since(start))
				}
			})
		}
		wg.Wait()
		if got := b.Calls(); !slices.Equal(got, []string{"demo-token"}) {
			t.Errorf("got calls %q", got)
		}
	})
}
