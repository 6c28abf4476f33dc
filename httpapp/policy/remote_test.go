package policy

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// oracle is a server that checks ask: it answers what the test says, and keeps what it was asked.
type oracle struct {
	*httptest.Server
	answer    string
	path      string
	kind      string
	body      string
	questions int
}

func newOracle(t *testing.T, secure bool, answer string) *oracle {
	o := &oracle{answer: answer}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		o.path, o.kind, o.body = r.RequestURI, r.Header.Get("Content-Type"), string(body)
		o.questions++
		w.WriteHeader(http.StatusTeapot) // the status does not count
		_, _ = io.WriteString(w, o.answer)
	})
	if secure {
		o.Server = httptest.NewTLSServer(handler)
	} else {
		o.Server = httptest.NewServer(handler)
	}
	t.Cleanup(o.Close)
	return o
}

func enforcerOf(t *testing.T, rules string, o Remote) *Enforcer {
	t.Helper()
	e, _, err := New(Options{Files: []File{{"p.yaml", []byte(rules)}}, Defaults: []Default{}, NewDefaults: true, Remote: o})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func asked(t *testing.T, e *Enforcer, object Object) (bool, error) {
	t.Helper()
	c := e.Caller(&neutron.Context{UserID: "u", ProjectID: "p", Roles: []string{"member"}}, nil)
	return c.Check(t.Context(), e.Rule("a"), object)
}

// TestARemoteServerDecides: only the word True says yes, with quotation marks or without.
func TestARemoteServerDecides(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"True": true, `"True"`: true, "true": false, "False": false, "": false, "True\n": false} {
		o := newOracle(t, false, answer)
		e := enforcerOf(t, "a: "+o.URL+"/x/%(name)s\n", Remote{Timeout: time.Minute})
		got, err := asked(t, e, AttrsObject{"name": "a b/c", "project_id": "p"})
		if err != nil || got != want {
			t.Errorf("answer %q: got %v, %v, want %v", answer, got, err, want)
		}
		if o.path != "/x/a%20b/c" {
			t.Errorf("asked for %q, want the space of the name escaped", o.path)
		}
	}
}

// TestWhatARemoteServerGetsToKnow: the fields that the real oslo.policy sends, in both forms.
func TestWhatARemoteServerGetsToKnow(t *testing.T) {
	t.Parallel()
	const target = `{"name": "n", "shared": true, "tags": ["t"], "project_id": "p", "tenant_id": "p"}`
	const credentials = `{"tenant_id": "p", "is_admin": false, "has_global_access": false, "can_set_project_id": false, "user": "u",
		"tenant": "p", "domain": null, "user_domain": null, "project_domain": null, "tenant_name": null, "project_name": null,
		"user_name": null, "user_id": "u", "user_domain_id": null, "system_scope": null, "domain_id": null, "project_id": "p",
		"project_domain_id": null, "roles": ["member"], "is_admin_project": true, "service_user_id": null,
		"service_user_domain_id": null, "service_project_id": null, "service_project_domain_id": null, "service_roles": []}`
	o := newOracle(t, false, "True")
	object := AttrsObject{"name": "n", "shared": true, "tags": []any{"t"}, "project_id": "p"}
	if ok, err := asked(t, enforcerOf(t, "a: "+o.URL+"/x\n", Remote{JSON: true}), object); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if o.kind != "application/json" {
		t.Errorf("content type %q", o.kind)
	}
	sameJSON(t, o.body, `{"rule": null, "target": `+target+`, "credentials": `+credentials+`}`)
	if ok, err := asked(t, enforcerOf(t, "a: "+o.URL+"/x\n", Remote{}), object); !ok || err != nil {
		t.Fatal(ok, err)
	}
	form, err := url.ParseQuery(o.body)
	if err != nil || o.kind != "application/x-www-form-urlencoded" || len(form) != 3 {
		t.Errorf("%v %q %v", err, o.kind, form)
	}
	sameJSON(t, form.Get("rule"), "null")
	sameJSON(t, form.Get("target"), target)
	sameJSON(t, form.Get("credentials"), credentials)
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := errors.Join(json.Unmarshal([]byte(got), &g), json.Unmarshal([]byte(want), &w)); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got  %v\nwant %v", g, w)
	}
}

// TestRemoteChecksAreAskedLast: what is known without a server is not asked of one.
func TestRemoteChecksAreAskedLast(t *testing.T) {
	t.Parallel()
	o := newOracle(t, false, "True")
	for rule, want := range map[string]bool{
		"%s or project_id:%%(project_id)s": true,
		"%s and role:nobody":               false,
		"%s and 'x':%%(name)s":             false,
	} {
		e := enforcerOf(t, "a: \""+strings.NewReplacer("%s", o.URL+"/x", "%%", "%").Replace(rule)+"\"\n", Remote{})
		if got, err := asked(t, e, AttrsObject{"name": "n", "project_id": "p"}); got != want || err != nil {
			t.Errorf("%s: %v %v", rule, got, err)
		}
	}
	if o.questions != 0 {
		t.Errorf("%d questions were asked, want none", o.questions)
	}
	e := enforcerOf(t, "a: "+o.URL+"/%(absent)s or @\n", Remote{})
	if got, err := asked(t, e, AttrsObject{"name": "n"}); got || err != nil { // Python's KeyError ends the rule
		t.Errorf("an attribute that is not there: %v %v", got, err)
	}
}

// TestAServerThatCannotBeAskedIsNoNo: it is an error, which names the check and nothing of the object.
func TestAServerThatCannotBeAskedIsNoNo(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that the end of the connection is seen
		<-r.Context().Done()
	}))
	t.Cleanup(stuck.Close)
	for _, address := range []string{gone.URL, stuck.URL} {
		e := enforcerOf(t, "a: "+address+"/%(name)s\n", Remote{Timeout: 200 * time.Millisecond})
		ok, err := asked(t, e, AttrsObject{"name": "secret"})
		if ok || err == nil || !strings.Contains(err.Error(), "/%(name)s") || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, %v", ok, err)
		}
	}
	e := enforcerOf(t, "a: "+stuck.URL+"/\n", Remote{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := e.Caller(&neutron.Context{}, nil)
	if _, err := c.Check(ctx, e.Rule("a"), AttrsObject{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the request is over: got %v", err)
	}
}

// TestRemoteChecksOverTLS: with what the options say, which is asked for only when there is a check that needs it.
func TestRemoteChecksOverTLS(t *testing.T) {
	t.Parallel()
	o := newOracle(t, true, "True")
	loose := func() (*tls.Config, error) { return &tls.Config{InsecureSkipVerify: true}, nil }
	if ok, err := asked(t, enforcerOf(t, "a: "+o.URL+"/x\n", Remote{TLS: loose}), AttrsObject{}); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := asked(t, enforcerOf(t, "a: "+o.URL+"/x\n", Remote{}), AttrsObject{}); ok || err == nil {
		t.Error("a certificate of nobody is good")
	}
	broken := Remote{TLS: func() (*tls.Config, error) { return nil, errors.New("c.conf:3: no such file") }}
	enforcerOf(t, "a: http://127.0.0.1:1/\n", broken)
	_, _, err := New(Options{Files: []File{{"p.yaml", []byte("a: https://x/y\nb: https://x/z\n")}}, Defaults: []Default{}, Remote: broken})
	if err == nil || err.Error() != `p.yaml:1: rule "a": c.conf:3: no such file` {
		t.Errorf("got %v", err)
	}
}

// TestWhoIsAdministratorMayBeAsked: of a rule that is asked for by name the server gets the name, too.
func TestWhoIsAdministratorMayBeAsked(t *testing.T) {
	t.Parallel()
	o := newOracle(t, false, "True")
	e := enforcerOf(t, "context_is_admin: "+o.URL+"/%(user_id)s\n", Remote{JSON: true})
	rc := &neutron.Context{UserID: "u1"}
	if err := e.Identify(rc); err != nil || !rc.Admin {
		t.Errorf("%v, administrator: %v", err, rc.Admin)
	}
	var got struct {
		Rule   string
		Target map[string]any
	}
	if err := json.Unmarshal([]byte(o.body), &got); err != nil || got.Rule != "context_is_admin" || got.Target["user_id"] != "u1" || o.path != "/u1" {
		t.Errorf("asked %s %s: %v", o.path, o.body, err)
	}
}
