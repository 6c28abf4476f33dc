package httpapp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
)

// keystoneOnly are the kinds that let nobody pass without Keystone: project_id is not built, and the tests of authtoken have one.
func keystoneOnly() map[paste.Kind]bool {
	return map[paste.Kind]bool{paste.AuthToken: true, paste.ProjectID: true}
}

// everyFactory is a file with a pipeline, or an application, for each path of the table; the name of each is its mount.
func everyFactory(t *testing.T, password string) (text string, mounts []string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("[DEFAULT]\nstats_host = 127.0.0.1\n[composite:neutron]\nuse = egg:Paste#urlmap\n")
	sections := ""
	for i, f := range paste.Factories() {
		name, key := fmt.Sprintf("part%d", i), string(f.Protocol)
		path := f.Path
		if strings.HasPrefix(path, "egg:") {
			key = "use"
		}
		extra := ""
		switch f.Kind {
		case paste.Stats:
			extra = "name = neutron\n"
		case paste.BasicAuth:
			extra = "http_basic_auth_user_file = " + password + "\n"
		}
		switch {
		case keystoneOnly()[f.Kind]:
			continue
		case f.Protocol == paste.AppFactory:
			sections += fmt.Sprintf("[app:%s]\n%s = %s\n", name, key, path)
		case f.Protocol == paste.CompositeFactory && strings.Contains(path, "pipeline_factory"):
			sections += fmt.Sprintf("[composite:%s]\n%s = %s\nnoauth = last\n", name, key, path)
		case f.Protocol == paste.CompositeFactory:
			sections += fmt.Sprintf("[composite:%s]\n%s = %s\n/ = last\n", name, key, path)
		default:
			sections += fmt.Sprintf("[filter:%s-filter]\n%s = %s\n%s[pipeline:%s]\npipeline = %s-filter last\n", name, key, path, extra, name, name)
		}
		b.WriteString("/" + name + ": " + name + "\n")
		if f.Kind == paste.API {
			name += "/networks"
		}
		mounts = append(mounts, "/"+name)
	}
	return b.String() + sections + "[app:last]\nuse = egg:oslo.middleware#healthcheck\n", mounts
}

// TestEveryFactoryIsBuilt builds an application from a file that names every factory path of the table, and asks each.
func TestEveryFactoryIsBuilt(t *testing.T) {
	t.Parallel()
	hash, err := bcrypt.GenerateFromPassword([]byte("password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(file, []byte("me:"+string(hash)), 0o600); err != nil {
		t.Fatal(err)
	}
	text, mounts := everyFactory(t, file)
	app, log, err := build(t, text, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range mounts {
		r := httptest.NewRequest("GET", path, nil)
		r.SetBasicAuth("me", "password")
		r.Header.Set("X-User-Id", "me")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
	if !strings.Contains(log.String(), `"level":"warn","logger":"neutron.api","section":"filter:part`) || !strings.Contains(log.String(), "there are no notifications yet") {
		t.Errorf("no warning tells that audit has no effect:\n%.2000s", log)
	}
}

// TestRealFiles loads the files that Neutron has shipped, where they are beside the repository.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../shared/reference/conf/*/api-paste.ini")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip("no real files beside the repository")
	}
	for _, path := range paths {
		for _, strategy := range []string{"noauth", "keystone"} {
			t.Run(filepath.Base(filepath.Dir(path))+"/"+strategy, func(t *testing.T) {
				t.Parallel()
				d, err := paste.Load(path, paste.Options{App: "neutron", AuthStrategy: strategy})
				if err != nil {
					t.Fatal(err)
				}
				if len(d.Warnings) > 0 {
					t.Errorf("got warnings %v, want none", d.Warnings)
				}
				s := load(t, "")
				app, err := httpapp.New(s, d, "pecan", httpapp.Options{DB: open(t, s), Logger: func(string) zerolog.Logger { return zerolog.Nop() }})
				if err != nil {
					t.Fatal(err)
				}
				if strategy == "keystone" {
					if w := ask(app, "GET", "/v2.0/networks", ""); w.Code != 401 {
						t.Errorf("without a token: got %d %s", w.Code, w.Body)
					}
					return
				}
				for _, path := range []string{"/", "/v2.0/networks"} {
					if w := ask(app, "GET", path, ""); w.Code != 200 {
						t.Errorf("%s: got %d %s", path, w.Code, w.Body)
					}
				}
			})
		}
	}
}

func TestSettingsOfOperatorsFiltersAreChecked(t *testing.T) {
	t.Parallel()
	_, _, err := build(t, `[pipeline:neutron]
pipeline = p s u l api
[filter:p]
use = egg:PasteDeploy#prefix
force_port = http
scheme = gopher
prefx = /x
[filter:s]
paste.filter_factory = oslo_middleware:StatsMiddleware.factory
name = neutron
[filter:u]
paste.filter_factory = oslo_middleware.basic_auth:BasicAuthMiddleware.factory
http_basic_auth_user_file = /nowhere/htpasswd
[filter:l]
paste.filter_factory = oslo_middleware:RequestBodySizeLimiter.factory
max_request_body_size = big
[app:api]
paste.app_factory = neutron.api.v2.router:APIRouter.factory
`, "", nil)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		`api-paste.ini:5: [filter:p] force_port: "http" is not a port`,
		`api-paste.ini:6: [filter:p] scheme: "gopher" is neither http nor https`,
		`api-paste.ini:7: [filter:p] prefx: the prefix filter has no such key`,
		`api-paste.ini:8: [filter:s] the stats filter needs the keys name and stats_host`,
		`api-paste.ini:11: [filter:u] read file of users: stat /nowhere/htpasswd`,
		`api-paste.ini:16: [filter:l] max_request_body_size: "big" is not an integer`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant it to contain %s", err, want)
		}
	}
}

// Keys of a filter's section, and of the file's [DEFAULT], go before neutron.conf.
func TestKeysOfTheFileGoBeforeTheConfiguration(t *testing.T) {
	t.Parallel()
	app, _, err := build(t, `[DEFAULT]
enable_proxy_headers_parsing = true
[pipeline:neutron]
pipeline = cors proxy limit versions
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
allowed_origin = https://a, https://b
[filter:proxy]
paste.filter_factory = oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory
[filter:limit]
paste.filter_factory = oslo_middleware:RequestBodySizeLimiter.factory
max_request_body_size = 4
[app:versions]
paste.app_factory = neutron.pecan_wsgi.app:versions_factory
`, "[cors.c]\nallowed_origin = https://c\nallow_credentials = false\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for origin, credentials := range map[string]string{"https://a": "true", "https://b": "true", "https://c": ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("X-Forwarded-Host", "shown")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if got := w.Header(); got.Get("Access-Control-Allow-Origin") != origin || got.Get("Access-Control-Allow-Credentials") != credentials {
			t.Errorf("%s: got %v", origin, got)
		}
		if !strings.Contains(w.Body.String(), "http://shown/") {
			t.Errorf("the links do not show the proxy's host: %s", w.Body)
		}
	}
	if w := ask(app, "POST", "/", "12345"); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("five bytes: got %d, want 413", w.Code)
	}
}

// TestTokensAreMaskedInTheLogOfAFailure and headers with underscores are not there at all.
func TestTokensAreMaskedInTheLogOfAFailure(t *testing.T) {
	t.Parallel()
	app, log, err := build(t, "[app:neutron]\npaste.app_factory = neutron.api.v2.router:APIRouter.factory\n", "", panicking())
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/v2.0/networks", nil)
	for _, name := range []string{"X-Auth-Token", "X-Service-Token", "Authorization", "X_Auth_Token"} {
		r.Header[name] = []string{"gAAAA-secret"}
	}
	r.Header.Set("Accept", "application/json")
	func() {
		defer func() { _ = recover() }()
		app.ServeHTTP(httptest.NewRecorder(), r)
	}()
	text := log.String()
	if strings.Contains(text, "gAAAA-secret") || strings.Contains(text, "X_Auth_Token") {
		t.Errorf("a token is in the log:\n%s", text)
	}
	if !strings.Contains(text, `X-Auth-Token: *****`) || !strings.Contains(text, `Accept: application/json`) {
		t.Errorf("the log does not show the request:\n%s", text)
	}
}
