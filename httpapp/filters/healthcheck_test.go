package filters

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHealthcheckBackends(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there, missing := filepath.Join(dir, "there"), filepath.Join(dir, "missing")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		files HealthcheckFiles
		port  int
		want  HealthcheckResult
	}{
		{"disable_by_file", HealthcheckFiles{}, 1, HealthcheckResult{true, "OK", "No 'disable_by_file_path' configuration value specified"}},
		{"disable_by_file", HealthcheckFiles{Disable: missing}, 1, HealthcheckResult{true, "OK", "Path '" + missing + "' was not found"}},
		{"disable_by_file", HealthcheckFiles{Disable: there}, 1, HealthcheckResult{false, "DISABLED BY FILE", "Path '" + there + "' was found"}},
		{"disable_by_files_ports", HealthcheckFiles{DisablePorts: []string{"9696:" + there, "1:" + missing}}, 9696, HealthcheckResult{false, "DISABLED BY FILE", ""}},
		{"disable_by_files_ports", HealthcheckFiles{DisablePorts: []string{"9696:" + there, "1:" + missing}}, 1, HealthcheckResult{true, "OK", ""}},
		{"disable_by_files_ports", HealthcheckFiles{DisablePorts: []string{"9696:" + there}}, 2, HealthcheckResult{true, "OK", ""}},
		{"enable_by_files", HealthcheckFiles{Enable: []string{there}}, 1, HealthcheckResult{true, "OK", "Specified file paths are available"}},
		{"enable_by_files", HealthcheckFiles{Enable: []string{there, missing}}, 1, HealthcheckResult{false, "FILE PATH MISSING", "File path " + missing + " is missing"}},
	} {
		backends, err := HealthcheckBackends([]string{c.name}, c.files)
		if err != nil {
			t.Fatal(err)
		}
		if got := backends[0](c.port); got != c.want {
			t.Errorf("%s %+v at %d: got %+v, want %+v", c.name, c.files, c.port, got, c.want)
		}
	}
}

func TestHealthcheckBackendsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		ports []string
		want  string
	}{
		{[]string{"nope"}, nil, `healthcheck backend "nope" is not built in`},
		{[]string{"disable_by_file", "enable_by_files"}, nil, "exclude each other"},
		{[]string{"disable_by_files_ports"}, []string{"x:/a"}, `"x:/a" is not of the form port:path`},
		{[]string{"disable_by_files_ports"}, []string{"9696"}, `"9696" is not of the form port:path`},
	} {
		if _, err := HealthcheckBackends(c.names, HealthcheckFiles{DisablePorts: c.ports}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %v: got %v, want %s", c.names, c.ports, err, c.want)
		}
	}
}

// The port is that of the connection; where nobody tells it, that of the configuration.
func TestHealthcheckAsksForThePort(t *testing.T) {
	t.Parallel()
	var asked []int
	h := Healthcheck(HealthcheckOptions{Port: 9696, Backends: []HealthcheckBackend{func(port int) HealthcheckResult {
		asked = append(asked, port)
		return HealthcheckResult{Available: true, Reason: "OK"}
	}}})
	through(h, "GET", "/", nil)
	r := httptest.NewRequest("GET", "/", nil)
	for _, addr := range []net.Addr{&net.TCPAddr{IP: net.IPv6loopback, Port: 8080}, &net.UnixAddr{Name: "/x", Net: "unix"}} {
		h.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, addr)))
	}
	if len(asked) != 3 || asked[0] != 9696 || asked[1] != 8080 || asked[2] != 9696 {
		t.Errorf("got %v, want 9696, 8080, 9696", asked)
	}
}

func TestHealthcheckInDetail(t *testing.T) {
	t.Parallel()
	h := Healthcheck(HealthcheckOptions{Detailed: true, Backends: []HealthcheckBackend{
		func(int) HealthcheckResult {
			return HealthcheckResult{Reason: "DISABLED BY FILE", Details: "Path '<x>' was found"}
		}}})
	r, _ := through(h, "GET", "/", map[string]string{"Accept": "application/json"})
	var got struct {
		Detailed bool
		Platform string
		Reasons  []map[string]string
	}
	if err := json.Unmarshal([]byte(body(t, r)), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Detailed || got.Platform == "" || len(got.Reasons) != 1 || got.Reasons[0]["class"] != "HealthcheckResult" || got.Reasons[0]["details"] != "Path '<x>' was found" {
		t.Errorf("got %+v", got)
	}
	r, _ = through(h, "GET", "/", map[string]string{"Accept": "text/html"})
	if text := body(t, r); r.StatusCode != 503 || !strings.Contains(text, "<TD>HealthcheckResult</TD><TD>DISABLED BY FILE</TD><TD>Path &#39;&lt;x&gt;&#39; was found</TD>") {
		t.Errorf("got %d %s", r.StatusCode, text)
	}
}

func TestHealthcheckAnswersInTheTypeOfTheClient(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "text/plain", "*/*": "text/plain", "text/*": "text/plain", "image/png": "text/plain", ";;q=,": "text/plain",
		"application/json": "application/json", "text/html, application/json": "text/html",
		"text/html;q=0.5, application/json;q=0.9, */*;q=0.1": "application/json",
		"text/plain;q=0, */*":                                "text/html",
		"text/html;q=x, application/*;q=0.2":                 "application/json",
	} {
		if got := bestType(accept); got != want {
			t.Errorf("%q: got %s, want %s", accept, got, want)
		}
	}
}

// As a filter it leaves alone whom it does not answer.
func TestHealthcheckFilterPassesOn(t *testing.T) {
	t.Parallel()
	inside := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := HealthcheckFilter(HealthcheckOptions{Path: "/healthcheck", IgnoreProxied: true})(inside)
	for _, c := range []struct {
		path, header string
		status       int
	}{{"/healthcheck", "", 200}, {"/x", "", 418}, {"/healthcheck", "X-Forwarded-Proto", 418}, {"/healthcheck", "Forwarded", 418}} {
		if r, _ := through(h, "GET", c.path, map[string]string{c.header: "https"}); r.StatusCode != c.status {
			t.Errorf("%s %s: got %d, want %d", c.path, c.header, r.StatusCode, c.status)
		}
	}
}
