package httpapp_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/api"
)

// build builds an application from paste text, with a log that the test can read.
func build(t *testing.T, text, more string, fronts map[string]httpapp.Front) (*httpapp.App, *bytes.Buffer, error) {
	t.Helper()
	s := load(t, more)
	var log bytes.Buffer
	d, err := paste.Parse("api-paste.ini", []byte(text), paste.Options{App: "neutron", AuthStrategy: "noauth"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := httpapp.New(s, d, "pecan", httpapp.Options{DB: open(t, s), Frameworks: fronts,
		Logger: func(name string) zerolog.Logger { return zerolog.New(&log).With().Str("logger", name).Logger() }})
	return app, &log, err
}

func ask(app http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

// TestFilesOfEveryRelease serves the API through api-paste.ini files of the shapes that Neutron has shipped.
func TestFilesOfEveryRelease(t *testing.T) {
	t.Parallel()
	for _, release := range []string{"newton", "zed", "2026.1"} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("../etc/paste/testdata/" + release + ".ini")
			if err != nil {
				t.Fatal(err)
			}
			app, _, err := build(t, string(text), "", nil)
			if err != nil {
				t.Fatal(err)
			}
			if w := ask(app, "GET", "/", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "v2.0") {
				t.Errorf("versions: %d %s", w.Code, w.Body)
			}
			if w := ask(app, "GET", "/v2.0/networks", ""); w.Code != 200 || w.Body.String() != `{"networks":[]}` {
				t.Errorf("networks: %d %s", w.Code, w.Body)
			}
			if w := ask(app, "GET", "/v2.0x/networks", ""); w.Code != 404 {
				t.Errorf("a path that only looks mounted: %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestWhatIsNotBuiltIsRefusedByPlace(t *testing.T) {
	t.Parallel()
	_, _, err := build(t, `[pipeline:neutron]
pipeline = projects api
[filter:projects]
paste.filter_factory = neutron.api.extensions:ProjectIdMiddleware.factory
[app:api]
paste.app_factory = neutron.api.v2.router:APIRouter.factory
`, "", nil)
	want := `api-paste.ini:4: [filter:projects] filter neutron.api.extensions:ProjectIdMiddleware.factory asks Keystone, which is not built in yet`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSettingsOfSectionsAreChecked(t *testing.T) {
	t.Parallel()
	_, _, err := build(t, `[composite:neutron]
use = egg:Paste#urlmap
/healthcheck: health
[app:health]
paste.app_factory = oslo_middleware:Healthcheck.app_factory
backends = disable_by_magic
detailed = maybe
allowed_source_ranges = 10.0.0.0/8, nowhere
`, "", nil)
	for _, want := range []string{"api-paste.ini:4: [app:health] healthcheck backend \"disable_by_magic\"", "api-paste.ini:7:", "nowhere"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to contain %q", err, want)
		}
	}
}

// panicking has a front controller that fails every request.
func panicking() map[string]httpapp.Front {
	return map[string]httpapp.Front{"pecan": func(*api.Engine, api.FrontOptions) (http.Handler, error) {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret cause") }), nil
	}}
}

// TestAPanicAnywhereIsAnswered takes catch_errors out of the pipeline: the guard around the application answers.
func TestAPanicAnywhereIsAnswered(t *testing.T) {
	t.Parallel()
	app, log, err := build(t, "[app:neutron]\npaste.app_factory = neutron.api.v2.router:APIRouter.factory\n", "", panicking())
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed: no supervisor would learn of it")
			}
		}()
		app.ServeHTTP(w, httptest.NewRequest("GET", "/v2.0/networks", nil))
	}()
	id := w.Header().Get("X-Openstack-Request-Id")
	var body struct {
		NeutronError struct{ Type, Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if w.Code != 500 || !strings.HasPrefix(id, "req-") || body.NeutronError.Type != "HTTPInternalServerError" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %s, id %q", w.Code, w.Body, id)
	}
	if !strings.Contains(log.String(), id) {
		t.Errorf("the log does not name the request %s:\n%s", id, log)
	}
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	app := application(t, "pecan", "")
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"malformed", `{"network": `, 400, "Body contains invalid data"},
		{"wrong type", `{"network": {"name": 5}}`, 400, "Invalid input for name. Reason: '5' is not a valid string."},
		{"too large", `{"network": {"name": "` + strings.Repeat("x", 17<<20) + `"}}`, 413, "NeutronError"},
	} {
		w := ask(app, "POST", "/v2.0/networks", c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: got %d %.200s", c.name, w.Code, w.Body)
		}
	}
	if w := ask(app, "GET", "/v2.0/networks", ""); w.Body.String() != `{"networks":[]}` {
		t.Errorf("something was written: %s", w.Body)
	}
}

func TestMountsAndSlashes(t *testing.T) {
	t.Parallel()
	app := application(t, "pecan", "")
	for path, status := range map[string]int{"//v2.0///networks": 200, "/v2.0/networks/": 200, "/healthcheck": 200, "/healthcheckx": 404, "": 200} {
		if w := ask(app, "GET", "http://example.com"+path, ""); w.Code != status {
			t.Errorf("%q: got %d, want %d", path, w.Code, status)
		}
	}
}
