package httpapp_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// whereFrom is a urlmap with an application, told by its healthcheck's reason, at each kind of place.
const whereFrom = `[composite:neutron]
use = egg:Paste#urlmap
/: root
/v2.0: v2
/v2.0/deep: deep
domain one.example /: one
domain one.example port 8080 /x: hidden
domain two.example port 8080 /: two
not_found_app: root
[app:root]
use = egg:oslo.middleware#healthcheck
backends = enable_by_files
enable_by_file_paths = /nowhere/root
detailed = true
[app:v2]
use = root
enable_by_file_paths = /nowhere/v2
[app:deep]
use = root
enable_by_file_paths = /nowhere/deep
[app:one]
use = root
enable_by_file_paths = /nowhere/one
[app:two]
use = root
enable_by_file_paths = /nowhere/two
[app:hidden]
use = root
enable_by_file_paths = /nowhere/hidden
`

func TestURLMapPicksByHostAndPath(t *testing.T) {
	t.Parallel()
	app, _, err := build(t, whereFrom, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ host, path, want string }{
		{"x", "/", "root"}, {"x", "", "root"}, {"x", "/v2.0", "v2"}, {"x", "/v2.0/", "v2"}, {"x", "/v2.0x", "root"}, {"x", "/v2.00", "root"},
		{"x", "//v2.0//networks", "v2"}, {"x", "/v2.0/deep/er", "deep"}, {"x", "/v2.0/deeper", "v2"},
		{"one.example", "/v2.0", "one"}, {"ONE.example:99", "/v2.0", "one"}, {"one.example:8080", "/x", "one"}, // a domain before the same with a port
		{"two.example:8080", "/v2.0", "two"}, {"two.example", "/v2.0", "v2"}, {"[::1]:8080", "/v2.0", "v2"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.URL.Path = c.host, c.path
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), "/nowhere/"+c.want+" is missing") {
			t.Errorf("%s%s: got %s, want %s", c.host, c.path, w.Body, c.want)
		}
	}
}

func TestTargetsThatAreNoPaths(t *testing.T) {
	t.Parallel()
	app, _, err := build(t, whereFrom, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, target string
		status         int
	}{{"OPTIONS", "*", 200}, {"GET", "*", 400}, {"OPTIONS", "x", 400}} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, &http.Request{Method: c.method, URL: &url.URL{Path: c.target}, RequestURI: c.target, Header: http.Header{}, Body: http.NoBody})
		if w.Code != c.status {
			t.Errorf("%s %s: got %d %s, want %d", c.method, c.target, w.Code, w.Body, c.status)
		}
	}
}
