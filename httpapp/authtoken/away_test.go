package authtoken

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// line is a connection to Keystone that a test may cut.
type line struct {
	http.RoundTripper
	cut   bool
	calls int
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.calls++
	if l.cut {
		return nil, errors.New("connection refused")
	}
	return l.RoundTripper.RoundTrip(r)
}

func TestKeystoneAwayIs503UntilItIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &line{}
		b := newBench(t, func(o *Options) { wire.RoundTripper, o.Transport = o.Transport, wire })
		wire.cut = true
		w := b.ask("X-Auth-Token", "demo-token", "Accept", "application/json")
		const want = `{"message": "The server is currently unavailable. Please try again at a later time.<br /><br />\nThe Keystone service is temporarily unavailable.\n\n", "code": "503 Service Unavailable", "title": "Service Unavailable"}`
		if w.Code != 503 || w.Body.String() != want || b.got != nil {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if w := b.ask(); w.Code != 401 { // that needs no Keystone
			t.Errorf("without a token: got %d", w.Code)
		}
		wire.cut = false
		b.expect(t, b.ask("X-Auth-Token", "demo-token"), 200, "versions", "login", "demo-token")

		wire.cut, wire.calls = true, 0
		start := time.Now()
		b.expect(t, b.ask("X-Auth-Token", "demo-token"), 200) // kept
		if w := b.ask("X-Auth-Token", "alt-token"); w.Code != 503 || wire.calls != 4 || time.Since(start) != 3500*time.Millisecond {
			t.Errorf("got %d after %d calls in %v, want 503 after 4 in 3.5 s", w.Code, wire.calls, time.Since(start))
		}
		if w := b.ask("X-Auth-Token", "alt-token"); w.Code != 503 || wire.calls != 5 {
			t.Errorf("known to be away: got %d after %d calls, want 503 after 5", w.Code, wire.calls)
		}
		wire.cut = false
		b.expect(t, b.ask("X-Auth-Token", "alt-token"), 200, "alt-token")
	})
}

func TestHostileAnswersAreBounded(t *testing.T) {
	t.Parallel()
	for name, hostile := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"garbage":      func(w http.ResponseWriter, _ *http.Request) bool { _, _ = io.WriteString(w, "<html>"); return true },
		"empty object": func(w http.ResponseWriter, _ *http.Request) bool { _, _ = io.WriteString(w, "{}"); return true },
		"null": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `{"token": null}`)
			return true
		},
		"other types": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `{"token": {"user": 5}}`)
			return true
		},
		"nobody": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `{"token": {"expires_at": "2099-01-01T00:00:00Z"}}`)
			return true
		},
		"no end": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, `{"token": {"user": {"id": "x"}, "expires_at": null}}`)
			return true
		},
		"deep": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = io.WriteString(w, strings.Repeat("[", maxAnswer/2))
			return true
		},
		"huge": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(make([]byte, maxAnswer+1))
			return true
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://evil.example/", http.StatusTemporaryRedirect)
			return true
		},
		"round trip":  func(w http.ResponseWriter, r *http.Request) bool { http.Redirect(w, r, r.URL.Path, http.StatusFound); return true },
		"forbidden":   func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(403); return true },
		"bad request": func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(400); return true },
		"slow":        func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true },
		"slow at first": func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(200)
			<-r.Context().Done()
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.ask("X-Auth-Token", "demo-token")
				b.Before = hostile
				start := time.Now()
				if w := b.ask("X-Auth-Token", "alt-token"); w.Code != 503 || time.Since(start) > validationTimeout {
					t.Errorf("a validation: got %d after %v", w.Code, time.Since(start))
				}
				first := newBench(t, nil)
				first.Before = hostile
				start = time.Now()
				if w := first.ask("X-Auth-Token", "alt-token"); w.Code != 503 || time.Since(start) > validationTimeout {
					t.Errorf("the first login: got %d after %v", w.Code, time.Since(start))
				}
			})
		})
	}
}

// TestAClientWhoLeavesFailsNobodyElse cancels the request that asks for others.
func TestAClientWhoLeavesFailsNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.ask("X-Auth-Token", "alt-token")
		b.Before = func(http.ResponseWriter, *http.Request) bool { time.Sleep(time.Second); return false }
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
			r.Header.Set("X-Auth-Token", "demo-token")
			b.handler.ServeHTTP(httptest.NewRecorder(), r)
		}()
		synctest.Wait()
		done := make(chan int)
		go func() { done <- b.ask("X-Auth-Token", "demo-token").Code }()
		synctest.Wait()
		cancel()
		if got := <-done; got != 200 {
			t.Errorf("got %d", got)
		}
	})
}

func TestNoTokenAndNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	wire := &line{}
	b := newBench(t, func(o *Options) {
		wire.RoundTripper, o.Transport = o.Transport, wire
		o.Account.Password, o.Account.URL, o.Retries = "secret-password", "http://u:secret-url@127.0.0.1:15000", 0
	})
	b.Password = "secret-password"
	b.ask("X-Auth-Token", "demo-token", "X-Service-Token", "secret-service")
	b.ask("X-Auth-Token", "secret-token")
	b.RevokeOwn()
	b.Before = func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(500)
		_, _ = io.WriteString(w, "Could not find token: "+r.Header.Get("X-Subject-Token")+r.Header.Get("X-Auth-Token"))
		return true
	}
	b.ask("X-Auth-Token", "secret-other")
	wire.cut = true
	b.ask("X-Auth-Token", "secret-third")
	log := b.log.String()
	if strings.Contains(log, "secret") || strings.Contains(log, "-token-") || strings.Contains(log, "demo-token") || strings.Count(log, "Unable to validate token") != 2 {
		t.Errorf("got log\n%s", log)
	}
}

func TestAccountsAreChecked(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]Account{
		"": {},
		`[s] auth_type: "v3oidcpassword" is not built in (known: password`:          {Type: "v3oidcpassword"},
		"[s] auth_type = password needs auth_url, which is not set":                 {Type: "password"},
		`[s] auth_url: "ftp://x" is no URL of http or https`:                        {Type: "password", URL: "ftp://x"},
		"[s] auth_url is no URL":                                                    {Type: "password", URL: "http://u:secret%zz@x"},
		"[s] auth_type = v3password needs user_domain_id or user_domain_name":       {Type: "v3password", URL: "http://x", Username: "u"},
		"[s] auth_type = v3token needs project_domain_id or project_domain_name":    {Type: "v3token", URL: "http://x", ProjectName: "p"},
		"[s] auth_type = v3applicationcredential needs application_credential_id":   {Type: "v3applicationcredential", URL: "http://x", CredentialSecret: "s"},
		"[s] auth_type = admin_token needs endpoint and token":                      {Type: "admin_token"},
		"[s] auth_type: a token has one scope, and the options are for project and": {Type: "password", URL: "http://x", ProjectID: "p", SystemScope: "all"},
	} {
		err := a.Check("s")
		if err == nil && want != "" || err != nil && (want == "" || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestBodiesOfLogins has what keystoneauth sends for the same options.
func TestBodiesOfLogins(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]Account{
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"D"},"name":"u","password":"p"}}},"scope":{"project":{"domain":{"id":"d"},"name":"s"}}}}`: {
			Type: "password", Username: "u", UserDomainName: "D", Password: "p", ProjectName: "s", ProjectDomainID: "d"},
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"u","password":"p"}}},"scope":{"system":{"all":true}}}}`: {
			Type: "v3password", UserID: "u", Password: "p", SystemScope: "all"},
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"id":"default"},"name":"u","password":"p"}}},"scope":{"project":{"domain":{"id":"default"},"name":"s"}}}}`: {
			Type: "v2password", Username: "u", Password: "p", ProjectName: "s"},
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"id":"d"},"name":"u","password":"p"}}}}}`: { // an id goes before a name
			Type: "password", Username: "u", UserDomainName: "D", Password: "p", DefaultDomainID: "d"},
		`{"auth":{"identity":{"methods":["token"],"token":{"id":"t"}},"scope":{"domain":{"name":"D"}}}}`: {Type: "token", Token: "t", DomainName: "D"},
		`{"auth":{"identity":{"application_credential":{"id":"i","secret":"s"},"methods":["application_credential"]}}}`: {
			Type: "v3applicationcredential", CredentialID: "i", CredentialSecret: "s", ProjectName: "ignored"},
	} {
		got, err := json.Marshal(a.loginBody())
		if err != nil || string(got) != want {
			t.Errorf("got  %s %v\nwant %s", got, err, want)
		}
	}
}

// TestASlowKeystoneLeavesHandlersToOthers has more new tokens than may wait: with a Keystone that answers they all get their turn,
// with one that is silent those who have no place give up soon.
func TestASlowKeystoneLeavesHandlersToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(o *Options) { o.Waiting = 5 })
		var silent atomic.Bool
		b.ask("X-Auth-Token", "demo-token")
		b.Before = func(_ http.ResponseWriter, r *http.Request) bool {
			if silent.Load() {
				<-r.Context().Done()
				return true
			}
			time.Sleep(4 * time.Second)
			return false
		}
		time.Sleep(time.Hour / 2) // nobody has asked for long: that is no silence
		ask := func(n int) map[int]int {
			codes := make(chan int)
			for i := range n {
				go func() { codes <- b.ask("X-Auth-Token", fmt.Sprint(t.Name(), time.Now(), i)).Code }()
			}
			got := map[int]int{}
			for range n {
				got[<-codes]++
			}
			return got
		}
		if got := ask(40); got[401] != 40 {
			t.Errorf("a slow Keystone: got %v", got)
		}
		silent.Store(true)
		for range 5 {
			go b.ask("X-Auth-Token", fmt.Sprint(time.Now(), "held"))
			time.Sleep(time.Millisecond)
		}
		start := time.Now()
		if got := ask(40); got[503] != 40 || time.Since(start) > silence+look {
			t.Errorf("a silent Keystone: got %v after %v", got, time.Since(start))
		}
		start = time.Now()
		if got := ask(40); got[503] != 40 || time.Since(start) > 0 {
			t.Errorf("one that is known to be silent: got %v after %v", got, time.Since(start))
		}
		time.Sleep(callTimeout)
		silent.Store(false)
		if got := ask(40); got[401] != 40 {
			t.Errorf("back: got %v", got)
		}
	})
}
