package supervisor_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/authtoken/keystonetest"
	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// behindKeystone is the configuration of a server that asks the Keystone at a URL.
func behindKeystone(url, password string) string {
	return fmt.Sprintf(`
[DEFAULT]
auth_strategy = keystone
[keystone_authtoken]
www_authenticate_uri = http://keystone.example:5000
auth_url = %s
auth_type = password
username = neutron
password = %s
user_domain_name = Default
project_name = service
project_domain_name = Default
`, url, password)
}

// asked makes a request with a token, none for an empty one.
func asked(t *testing.T, method, url, token, body string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}
	r.Header.Set("X-Roles", "admin") // nobody believes it
	r.Header.Set("X-Project-Id", "b561a41ea11144e99e5f3385ed31becf")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(text), a.Header
}

// TestAServerBehindKeystone is a whole server with auth_strategy = keystone and the shipped api-paste.ini.
func TestAServerBehindKeystone(t *testing.T) {
	t.Parallel()
	keystone := keystonetest.New()
	url := keystone.Start(t)
	n := neutrontest.Start(t, neutrontest.Options{Config: behindKeystone(url, "neutron")})
	networks := n.URL + "/v2.0/networks"
	for _, owner := range []string{"demo", "alt"} {
		if status, body, _ := asked(t, "POST", networks, owner+"-token", `{"network": {"name": "of-`+owner+`"}}`); status != 201 {
			t.Fatalf("create as %s: got %d %s", owner, status, body)
		}
	}
	for token, want := range map[string]string{
		"demo-token": `{"networks":[{"name":"of-demo"}]}`, "reader-token": `{"networks":[{"name":"of-demo"}]}`,
		"alt-token": `{"networks":[{"name":"of-alt"}]}`, "admin-token": `{"networks":[{"name":"of-alt"},{"name":"of-demo"}]}`,
	} {
		if status, body, _ := asked(t, "GET", networks+"?fields=name&sort_key=name&sort_dir=asc", token, ""); status != 200 || body != want {
			t.Errorf("%s: got %d %s, want %s", token, status, body, want)
		}
	}
	if status, body, _ := asked(t, "POST", networks, "reader-token", `{"network": {}}`); status != 403 {
		t.Errorf("a reader creates: got %d %s", status, body)
	}
	for _, token := range []string{"", "garbage"} {
		status, body, header := asked(t, "GET", networks, token, "")
		if status != 401 || header.Get("Www-Authenticate") != `Keystone uri="http://keystone.example:5000"` || !strings.Contains(body, "requires authentication") {
			t.Errorf("token %q: got %d %v %s", token, status, header, body)
		}
	}
	if status, body, _ := asked(t, "GET", n.URL+"/", "", ""); status != 200 { // versions are for everybody
		t.Errorf("versions: got %d %s", status, body)
	}
	if calls := keystone.Calls(); len(calls) != 7 || !slices.Contains(calls, "garbage") {
		t.Errorf("got calls %q, want the versions, a login and one for each of five tokens", calls)
	}
}

// TestAReloadTakesTheAccountOver changes the service's password, which Keystone has changed before.
func TestAReloadTakesTheAccountOver(t *testing.T) {
	t.Parallel()
	keystone := keystonetest.New()
	url := keystone.Start(t)
	n := neutrontest.Start(t, neutrontest.Options{Config: behindKeystone(url, "former")}) // it starts all the same
	if status, body, _ := asked(t, "GET", n.URL+"/v2.0/networks", "demo-token", ""); status != 503 || !strings.Contains(body, "The Keystone service is temporarily unavailable.") {
		t.Errorf("a wrong password: got %d %s", status, body)
	}
	n.SetConfig(behindKeystone(url, "neutron"))
	if err := n.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, body, _ := asked(t, "GET", n.URL+"/v2.0/networks", "demo-token", ""); status != 200 {
		t.Errorf("after the reload: got %d %s", status, body)
	}
	n.SetConfig(strings.Replace(behindKeystone(url, "neutron"), "auth_type = password", "auth_type = magic", 1))
	if err := n.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), `"magic" is not built in`) {
		t.Errorf("a wrong auth_type: got %v", err)
	}
	if status, body, _ := asked(t, "GET", n.URL+"/v2.0/networks", "demo-token", ""); status != 200 {
		t.Errorf("after a reload that was refused: got %d %s", status, body)
	}
}

// shippedAuth is what the neutron.conf of Zed and of 2026.1, as Debian ships them, say about Keystone and plugins.
const shippedAuth = `[DEFAULT]
auth_strategy = keystone
core_plugin = ml2
service_plugins = router,metering,qos
[database]
connection = sqlite:///var/lib/neutron/neutrondb
[keystone_authtoken]
auth_url = http://localhost:5000
project_name = service
project_domain_name = Default
username = neutron
user_domain_name = Default
www_authenticate_uri = http://localhost:5000
region_name = regionOne
auth_type = password
[nova]
auth_type = password
project_domain_name = default
user_domain_name = default
`

// TestFilesOfOperatorsBehindKeystonePassTheCheck has no finding about Keystone for any release's files.
func TestFilesOfOperatorsBehindKeystonePassTheCheck(t *testing.T) {
	t.Parallel()
	const newton = "[DEFAULT]\nauth_strategy = keystone\ncore_plugin = ml2\n[keystone_authtoken]\nauth_uri = http://controller:5000\n"
	for _, c := range []struct{ name, release, conf, allowed string }{
		{"Zed", "zed", shippedAuth, `from group "nova"`}, {"2026.1", "2026.1", shippedAuth, `from group "nova"`},
		{"Newton", "newton", newton + "auth_url = http://controller:35357\nauth_plugin = password\nuser_domain_id = default\nproject_domain_id = default\ntenant_name = service\nuser_name = neutron\npassword = x\n", "is deprecated"},
		{"Newton, with the options of Kilo", "newton", newton + "identity_uri = http://controller:35357\nadmin_user = neutron\nadmin_password = x\nadmin_tenant_name = service\n", "deprecated"},
		{"Newton, with nothing", "newton", "[DEFAULT]\ncore_plugin = ml2\n", ""},
	} {
		paste, err := os.ReadFile("../etc/paste/testdata/" + c.release + ".ini")
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(c.conf)}, "etc/neutron/api-paste.ini": {Data: paste}}
		var out bytes.Buffer
		if status := supervisor.Check(context.Background(), conf.FileSystem(files), &out, &out); status != 0 {
			t.Errorf("%s: got status %d\n%s", c.name, status, &out)
		}
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "default: warning: transport_url") || strings.HasPrefix(line, "the configuration can be used") ||
				c.allowed != "" && strings.Contains(line, c.allowed) {
				continue
			}
			t.Errorf("%s: %s", c.name, line)
		}
	}
}

// TestWrongAccountsAreFoundByPlace has what the original finds when it starts, and what it finds when the first token comes.
func TestWrongAccountsAreFoundByPlace(t *testing.T) {
	t.Parallel()
	paste, err := os.ReadFile("../etc/paste/testdata/2026.1.ini")
	if err != nil {
		t.Fatal(err)
	}
	const head = "[DEFAULT]\ncore_plugin = ml2\n[keystone_authtoken]\n"
	for _, c := range []struct{ conf, paste, want string }{
		{head + "auth_type = password\n", "", "/etc/neutron/neutron.conf:4: error: [keystone_authtoken] auth_type = password needs auth_url, which is not set"},
		{head + "auth_url = http://x\nauth_type = kerberos\n", "", `/etc/neutron/neutron.conf:5: error: [keystone_authtoken] auth_type: "kerberos" is not built in (known: password, `},
		{head + "auth_url = keystone:5000\nauth_type = password\n", "", "/etc/neutron/neutron.conf:4: error: [keystone_authtoken] auth_url"},
		{head + "cafile = /nowhere.pem\n", "", "/etc/neutron/neutron.conf:4: error: [keystone_authtoken] cafile: "},
		{head + "cafile = /etc/neutron/neutron.conf\n", "", "/etc/neutron/neutron.conf:4: error: [keystone_authtoken] cafile has no certificate in PEM format"},
		{head + "auth_section = account\n[account]\nauth_type = v3token\nauth_url = http://x\nproject_name = p\n", "", "/etc/neutron/neutron.conf:6: error: [account] auth_type = v3token needs project_domain_id"},
		{head, "auth_type = magic\n", `/etc/neutron/api-paste.ini:`},
		{head, "delay_auth_decision = perhaps\n", `delay_auth_decision: Unexpected boolean value 'perhaps'`},
	} {
		text := strings.Replace(string(paste), "[filter:authtoken]\n", "[filter:authtoken]\n"+c.paste, 1)
		files := fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(c.conf)}, "etc/neutron/api-paste.ini": {Data: []byte(text)}}
		var out bytes.Buffer
		if status := supervisor.Check(context.Background(), conf.FileSystem(files), &out, &out); status != 1 || !strings.Contains(out.String(), c.want) || strings.Count(out.String(), " error: ") != 1 {
			t.Errorf("got status %d, want 1 and %s\n%s", status, c.want, &out)
		}
		if strings.Contains(out.String(), "unknown section") {
			t.Errorf("the section that auth_section names is unknown\n%s", &out)
		}
	}
}
