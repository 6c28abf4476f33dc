package filters

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// echo answers with what filters have made of a request.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, Scheme(r)+" "+r.Host+" "+r.RemoteAddr+" "+neutron.FromContext(r.Context()).ScriptName+" "+r.URL.Path)
})

func TestPrefix(t *testing.T) {
	t.Parallel()
	port, none := "8080", ""
	for _, c := range []struct {
		o      PrefixOptions
		path   string
		header map[string]string
		want   string
	}{
		{PrefixOptions{Prefix: "/"}, "/v2.0", nil, "http example.com 192.0.2.1:1234  /v2.0"},
		{PrefixOptions{Prefix: "/net/"}, "/net/v2.0", nil, "http example.com 192.0.2.1:1234 /net /v2.0"},
		{PrefixOptions{Prefix: "/net"}, "/v2.0", nil, "http example.com 192.0.2.1:1234 /net /v2.0"},
		{PrefixOptions{Prefix: "/net"}, "/net", nil, "http example.com 192.0.2.1:1234 /net /"},
		{PrefixOptions{TranslateForwarded: true}, "/", map[string]string{"X-Forwarded-Server": "api, proxy"}, "http api 192.0.2.1:1234  /"},
		{PrefixOptions{TranslateForwarded: true}, "/", map[string]string{"X-Forwarded-Server": "a", "X-Forwarded-Host": "b", "X-Forwarded-For": "10.0.0.1, 10.0.0.2",
			"X-Forwarded-Scheme": "https", "X-Forwarded-Proto": "http"}, "https b 10.0.0.1:1234  /"},
		{PrefixOptions{TranslateForwarded: true}, "/", map[string]string{"X-Forwarded-Proto": "https"}, "https example.com 192.0.2.1:1234  /"},
		{PrefixOptions{TranslateForwarded: true}, "/", map[string]string{"X-Forwarded-Proto": "javascript"}, "http example.com 192.0.2.1:1234  /"},
		{PrefixOptions{}, "/", map[string]string{"X-Forwarded-Host": "b"}, "http example.com 192.0.2.1:1234  /"},
		{PrefixOptions{ForcePort: &port, Scheme: "https"}, "/", nil, "https example.com:8080 192.0.2.1:1234  /"},
		{PrefixOptions{ForcePort: &none, TranslateForwarded: true}, "/", map[string]string{"X-Forwarded-Host": "[2001:db8::1]:99"}, "http [2001:db8::1] 192.0.2.1:1234  /"},
	} {
		r, _ := through(Prefix(c.o)(echo), "GET", c.path, c.header)
		if got := body(t, r); got != c.want {
			t.Errorf("%+v %s %v: got %q, want %q", c.o, c.path, c.header, got, c.want)
		}
	}
}

// A header that prefix has read is gone: http_proxy_to_wsgi behind it does not read it again.
func TestPrefixTakesTheHeadersAway(t *testing.T) {
	t.Parallel()
	h := Prefix(PrefixOptions{TranslateForwarded: true})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if proxied(r.Header) {
			t.Errorf("got %v, want no header of a proxy", r.Header)
		}
	}))
	through(h, "GET", "/", map[string]string{"X-Forwarded-Host": "a", "X-Forwarded-For": "10.0.0.1"})
}

func TestSSL(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"https": "https", "HTTPS": "https", "http": "http", "": "http", "gopher": "http"} {
		r, _ := through(SSL("X-My-Proto")(echo), "GET", "/", map[string]string{"X-My-Proto": value})
		if got := body(t, r); !strings.HasPrefix(got, want+" ") {
			t.Errorf("%q: got %q, want %s", value, got, want)
		}
	}
}

func TestCorrelationID(t *testing.T) {
	t.Parallel()
	var got string
	h := CorrelationID()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("X-Correlation-Id") }))
	if through(h, "GET", "/", map[string]string{"X-Correlation-Id": "mine"}); got != "mine" {
		t.Errorf("got %q, want the client's", got)
	}
	if through(h, "GET", "/", nil); len(got) != 36 {
		t.Errorf("got %q, want a UUID", got)
	}
}

func TestHeadersWithUnderscoresReachNoFilter(t *testing.T) {
	t.Parallel()
	h := DropUnderscores(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if len(r.Header) != 1 || r.Header.Get("X-Roles") != "member" {
			t.Errorf("got %v, want X-Roles: member alone", r.Header)
		}
	}))
	through(h, "GET", "/", map[string]string{"X_Roles": "admin", "X_Auth_Token": "t", "X-Roles": "member", "X_roles": "admin", "x-User_Id": "u"})
}

func TestDebugMasksAndBounds(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := zerolog.New(&out).Level(zerolog.DebugLevel)
	h := Debug(func(*http.Request) zerolog.Logger { return log })(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["X-Subject-Token"] = []string{"secret-token"}
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100_000))
	}))
	r, _ := through(h, "GET", "/v2.0", map[string]string{"X-Auth-Token": "secret-token", "Authorization": "Basic secret-token", "Cookie": "secret-token",
		"X-Service-Token": "secret-token", "X-Long": strings.Repeat("y", 100_000), "Accept": "text/x"})
	if len(body(t, r)) != 100_000 || r.StatusCode != http.StatusTeapot {
		t.Errorf("the answer changed: %d", r.StatusCode)
	}
	text := out.String()
	if strings.Contains(text, "secret-token") {
		t.Error("a secret is in the log")
	}
	for _, want := range []string{"GET /v2.0 HTTP/1.1", "Accept: text/x", "X-Auth-Token: *****", "X-Subject-Token: *****", "REMOTE_ADDR: 192.0.2.1:1234", "418"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if len(text) > 2*maxShown+2*maxBodyShown {
		t.Errorf("got %d bytes in the log", len(text))
	}
	out.Reset()
	log = log.Level(zerolog.InfoLevel)
	through(h, "GET", "/v2.0", nil)
	if out.Len() > 0 {
		t.Errorf("got a record at INFO: %s", &out)
	}
}

// statsd listens as statsd does, and answers the next datagram.
func statsd(t *testing.T) (port string, next func() string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, port, err = net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, func() string {
		b := make([]byte, 4096)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := conn.ReadFrom(b)
		if err != nil {
			t.Fatalf("wait for a statistic: %v", err)
		}
		return string(b[:n])
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	port, next := statsd(t)
	const id, short = "2b3c4d5e-1a2b-4c5d-8e9f-0123456789ab", "2b3c4d5e1a2b4c5d8e9f0123456789ab"
	for _, c := range []struct {
		uuid, short bool
		path, want  string
	}{
		{false, false, "/", "neutron.GET:"},
		{false, false, "/v2.0/networks", "neutron.GET.v20.networks:"},
		{false, false, "/v2.0/networks/" + id, "neutron.GET.v20.networks." + id + ":"},
		{true, false, "/v2.0/networks/" + id, "neutron.GET.v20.networks:"},
		{true, true, "/v2.0/routers/" + id + "/l3-agents/" + strings.ToUpper(short), "neutron.GET.v20.routers.l3-agents:"},
		{false, true, "/v2.0/quotas/" + short, "neutron.GET.v20.quotas:"},
		{false, false, "/a:1|c%0Ab", "neutron.GET.a_1_c_b:"},
	} {
		f, err := Stats(StatsOptions{Name: "neutron", Host: "127.0.0.1", Port: port, RemoveUUID: c.uuid, RemoveShortUUID: c.short})
		if err != nil {
			t.Fatal(err)
		}
		through(f(echo), "GET", c.path, nil)
		got := next()
		rest, ok := strings.CutPrefix(got, c.want)
		if ms, unit := strings.CutSuffix(rest, "|ms"); !ok || !unit || len(ms) < len("0.000000") {
			t.Errorf("%s: got %q, want %s<milliseconds>|ms", c.path, got, c.want)
		}
	}
}

// Nobody listens, or nobody reads: requests do not wait.
func TestStatsNeverBlock(t *testing.T) {
	t.Parallel()
	silent, _ := statsd(t)
	for _, port := range []string{"1", silent} {
		f, err := Stats(StatsOptions{Name: "n", Host: "127.0.0.1", Port: port})
		if err != nil {
			t.Fatal(err)
		}
		h := f(echo)
		for range 5000 {
			through(h, "GET", "/", nil)
		}
	}
	if _, err := Stats(StatsOptions{Name: "n", Host: "no such host", Port: "1"}); err == nil {
		t.Error("a host that cannot be was accepted")
	}
}

func TestBasicAuth(t *testing.T) {
	t.Parallel()
	hash, err := bcrypt.GenerateFromPassword([]byte("pass:word"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "htpasswd")
	apache := strings.Replace(string(hash), "$2a$", "$2y$", 1)
	if err := os.WriteFile(file, []byte("# users\n\nother:"+apache+"\nme:"+apache+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := BasicAuth(file)
	if err != nil {
		t.Fatal(err)
	}
	var seen http.Header
	h := f(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }))
	basic := func(user, password string) string {
		r := http.Request{Header: http.Header{}}
		r.SetBasicAuth(user, password)
		return r.Header.Get("Authorization")
	}
	for _, c := range []struct {
		header, want string
		status       int
	}{
		{basic("me", "pass:word"), "", 200},
		{"basic " + strings.TrimPrefix(basic("me", "pass:word"), "Basic "), "", 200},
		{basic("me", "wrong"), "could not verify", 401},
		{basic("m", "pass:word"), "could not verify", 401},
		{basic("", "pass:word"), "could not verify", 401},
		{"", "could not verify", 401},
		{"Basic", "Could not parse", 401},
		{"Basic !!!", "Could not decode", 401},
		{"Bearer x", "Unsupported authorization type", 401},
	} {
		seen = nil
		r, _ := through(h, "GET", "/", map[string]string{"Authorization": c.header, "X-User": "forged", "X-User-Name": "forged"})
		text := body(t, r)
		if r.StatusCode != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%q: got %d %s", c.header, r.StatusCode, text)
		}
		if c.status == 200 && (seen.Get("X-User") != "me" || seen.Get("X-User-Name") != "me" || seen.Get("Authorization") != "") {
			t.Errorf("got %v, want X-User: me alone", seen)
		}
		if c.status == 401 && (seen != nil || r.Header.Get("Www-Authenticate") == "") {
			t.Errorf("%q: the request went on, or the answer does not ask for a password", c.header)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if r, _ := through(h, "GET", "/", map[string]string{"Authorization": basic("me", "pass:word")}); r.StatusCode != 401 {
		t.Errorf("without its file: got %d, want 401", r.StatusCode)
	}
}

func TestBasicAuthChecksItsFile(t *testing.T) {
	t.Parallel()
	if _, err := BasicAuth(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file was accepted")
	}
	file := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(file, []byte("\nme:{SHA}xyz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := BasicAuth(file); err == nil || !strings.Contains(err.Error(), file+":2: only bcrypt digested passwords are supported, which that of me is not") {
		t.Errorf("got %v, want file and line", err)
	}
}
