// Package keystonetest is a Keystone for tests: it gives the answers that a real one, of 2026.1, has been recorded with. It is
// imported by tests only.
//
// The tokens are called what they are: service-token is the one that a login gets, demo-token, alt-token, reader-token,
// admin-token, system-token (of the whole system), unscoped-token and rules-token (of an application credential with access
// rules) are those of callers. All are valid for an hour from when they are asked for, unless a test expires or revokes them. The
// package promises that an unknown token, a wrong password and a wrong own token get what the real one says to them.
package keystonetest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

//go:embed testdata/recorded.json
var recordings []byte

type recorded struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// Keystone is safe for concurrent use. As a Transport of HTTP it needs no sockets.
type Keystone struct {
	// Now is the clock by which tokens expire, time.Now if nil. Password is that of the service.
	Now      func() time.Time
	Password string
	// Before, when set, sees each request first, and has answered it when it reports true.
	Before func(w http.ResponseWriter, r *http.Request) bool

	answers map[string]recorded
	mu      sync.Mutex          // guards what follows
	issued  map[string]recorded // by the name of an answer, as answers
	ends    map[string]string   // of tokens that end at another time than in an hour, "" for revoked ones
	own     int                 // the number of the last own token, those before it are revoked
	calls   []string
	base    string
}

// New returns a Keystone whose service has the password of the recording.
func New() *Keystone {
	k := &Keystone{Password: "neutron", ends: map[string]string{}, issued: map[string]recorded{}, base: "http://127.0.0.1:15000"}
	if err := json.Unmarshal(recordings, &k.answers); err != nil {
		panic(err) // it is part of the package
	}
	return k
}

// Start serves k at a free port of the loopback until the test ends, and answers the URL.
func (k *Keystone) Start(t testing.TB) string {
	t.Helper()
	s := httptest.NewServer(k)
	t.Cleanup(s.Close)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.base = s.URL
	return s.URL
}

// RoundTrip implements http.RoundTripper.
func (k *Keystone) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	k.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	a := w.Result()
	a.Request = r
	return a, nil
}

// End lets a token end at a time.
func (k *Keystone) End(token string, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ends[token] = at.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// Revoke makes a token unknown.
func (k *Keystone) Revoke(token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ends[token] = ""
}

// RevokeOwn makes every token that the service has got so far useless.
func (k *Keystone) RevokeOwn() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.own++
}

// Calls lists what was asked since the last time: "login", "versions", "demo-token", "demo-token?allow_expired=1".
func (k *Keystone) Calls() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	calls := k.calls
	k.calls = nil
	return calls
}

func (k *Keystone) called(what string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls = append(k.calls, what)
}

// ServeHTTP implements http.Handler.
func (k *Keystone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := k.name(r)
	k.called(name)
	if k.Before != nil && k.Before(w, r) {
		return
	}
	switch name {
	case "versions":
		k.answer(w, "versions", "")
	case "login":
		k.login(w, r)
	default:
		k.validate(w, r)
	}
}

func (k *Keystone) name(r *http.Request) string {
	switch {
	case !strings.HasPrefix(r.URL.Path, "/v3/auth/tokens"):
		return "versions"
	case r.Method == http.MethodPost:
		return "login"
	case r.URL.RawQuery != "":
		return r.Header.Get("X-Subject-Token") + "?" + r.URL.RawQuery
	}
	return r.Header.Get("X-Subject-Token")
}

func (k *Keystone) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Auth struct {
			Identity struct {
				Password struct {
					User struct{ Name, Password string }
				}
			}
		}
	}
	data, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(data, &body) != nil || body.Auth.Identity.Password.User.Password != k.Password {
		k.answer(w, "login refused", "")
		return
	}
	k.answer(w, "login", "service-token")
}

func (k *Keystone) validate(w http.ResponseWriter, r *http.Request) {
	subject := r.Header.Get("X-Subject-Token")
	answer := "validate " + subject
	if r.URL.Query().Has("nocatalog") && subject == "demo-token" {
		answer = "validate nocatalog demo-token"
	}
	_, known := k.recorded("validate " + subject)
	switch {
	case r.Header.Get("X-Auth-Token") != k.ownValue():
		answer = "validate refused"
	case !known || !k.valid(subject, r.URL.Query().Has("allow_expired")):
		answer = "validate garbage"
	case subject == "rules-token" && r.Header.Get("Openstack-Identity-Access-Rules") == "":
		answer = "validate rules-token without support"
	}
	k.answer(w, answer, subject)
}

// Issue makes a token of a user in a project, with roles; its name says whose it is.
func (k *Keystone) Issue(project, user string, roles ...string) (token string, err error) {
	token = "issued-" + project + "-" + user + "-" + strings.Join(roles, "-")
	a := k.answers["validate demo-token"]
	var body map[string]map[string]any
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		return "", err
	}
	domain := map[string]any{"id": "default", "name": "Default"}
	var all []map[string]any
	for _, name := range roles {
		all = append(all, map[string]any{"id": "id-of-" + name, "name": name})
	}
	body["token"]["roles"] = all
	body["token"]["user"] = map[string]any{"domain": domain, "id": user, "name": user, "password_expires_at": nil}
	body["token"]["project"] = map[string]any{"domain": domain, "id": project, "name": project}
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	// The end is written as Keystone writes it, for answer to find it.
	a.Body = strings.Replace(string(text), `"expires_at":"`, `"expires_at": "`, 1)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.issued["validate "+token] = a
	return token, nil
}

// recorded returns an answer that has been recorded, or made of one.
func (k *Keystone) recorded(name string) (recorded, bool) {
	if a, ok := k.answers[name]; ok {
		return a, true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.issued[name]
	return a, ok
}

func (k *Keystone) valid(token string, evenExpired bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	end, ok := k.ends[token]
	return !ok || end != "" && (evenExpired || end > k.now().UTC().Format("2006-01-02T15:04:05.000000Z"))
}

func (k *Keystone) now() time.Time {
	if k.Now != nil {
		return k.Now()
	}
	return time.Now()
}

func (k *Keystone) ownValue() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return fmt.Sprintf("service-token-%d", k.own)
}

// answer sends what was recorded, with this server's address and a time in the future.
func (k *Keystone) answer(w http.ResponseWriter, name, token string) {
	a, _ := k.recorded(name)
	for key, value := range a.Header {
		w.Header().Set(key, value)
	}
	if name == "login" {
		w.Header().Set("X-Subject-Token", k.ownValue())
	}
	w.WriteHeader(a.Status)
	k.mu.Lock()
	body := strings.ReplaceAll(a.Body, "http://127.0.0.1:15000", k.base)
	end, ok := k.ends[token]
	if !ok || end == "" {
		end = k.now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	k.mu.Unlock()
	const key = `"expires_at": "`
	if at := strings.Index(body, key); at >= 0 && a.Status < 300 {
		at += len(key)
		body = body[:at] + end + body[at+strings.IndexByte(body[at:], '"'):]
	}
	_, _ = io.WriteString(w, body) // a client that has gone is the test's business
}
