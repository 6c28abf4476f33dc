package httpapp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/etc"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
)

// modelURL names a server to hold the model against instead of hadron, for who doubts the model: a real Neutron that takes
// identities from request headers, at ".../v2.0".
const modelURL = "HADRON_MODEL_URL"

// caller is on whose behalf a request runs.
type caller struct{ name, project, roles string }

func (c caller) admin() bool  { return strings.Contains(c.roles, "admin") }
func (c caller) writes() bool { return strings.Contains(c.roles, "member") }

// session is a conversation of several callers with one server, and the model of what must be there.
type session struct {
	*rapid.T
	client  *http.Client
	base    string
	callers []caller
	world   world
	asked   int
}

// newSession gives every conversation projects of its own, so that a server that lives on can be asked again.
func newSession(t *rapid.T, base, unique string) *session {
	project := func(letter string) string { return strings.Repeat(letter, 32-len(unique)) + unique }
	return &session{T: t, client: http.DefaultClient, base: base, callers: []caller{
		{"admin", project("d"), "admin,manager,member,reader"},
		{"alice", project("a"), "member,reader"},
		{"bob", project("b"), "member,reader"},
		{"carol, who only reads, in alice's project", project("a"), "reader"},
	}}
}

// reply is what came back.
type reply struct {
	status int
	body   map[string]any
	text   string
}

// ask sends a request for a caller.
func (s *session) ask(c caller, method, path string, body any) reply {
	s.Helper()
	s.asked++
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.Fatal(err)
		}
		content = strings.NewReader(string(b))
	}
	r, err := http.NewRequest(method, s.base+path, content)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("X-Project-Id", c.project)
	r.Header.Set("X-User-Id", "user")
	r.Header.Set("X-Roles", c.roles)
	r.Header.Set("X-Identity-Status", "Confirmed")
	resp, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	a := reply{status: resp.StatusCode, text: string(data)}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &a.body); err != nil {
			s.Fatalf("%s %s: %v in %s", method, path, err, data)
		}
	}
	return a
}

// want asks and holds the status against what the model expects. It reports whether the request succeeded.
func (s *session) want(status int, c caller, method, path string, body any) (reply, bool) {
	s.Helper()
	a := s.ask(c, method, path, body)
	if a.status != status {
		s.Fatalf("%s %s %v by %s: got %d %s, want %d", method, path, body, c.name, a.status, a.text, status)
	}
	return a, status < 300
}

func (s *session) caller() caller { return rapid.SampledFrom(s.callers).Draw(s.T, "caller") }

// TestRandomOperationsAgreeWithTheModel sends random requests of several projects and holds every status, every list and
// every object against a model in memory: what a project may see, what it may change, and what is in use.
func TestRandomOperationsAgreeWithTheModel(t *testing.T) {
	t.Parallel()
	operations, runs, least, most := 0, 0, 100, 200
	if testing.Short() {
		least, most = 20, 60
	}
	rapid.Check(t, func(r *rapid.T) {
		base := os.Getenv(modelURL)
		runs++
		if base == "" {
			server := httptest.NewServer(headersApplication(t))
			defer server.Close()
			base = server.URL + "/v2.0"
		}
		s := newSession(r, base, fmt.Sprintf("%04d", runs))
		for range rapid.IntRange(least, most).Draw(r, "operations") {
			rapid.SampledFrom(s.operations()).Draw(r, "operation")()
		}
		operations += s.asked
		s.everything()
		s.clear()
	})
	t.Logf("%d operations in %d conversations", operations, runs)
	if !testing.Short() && !t.Failed() && operations < 10_000 {
		t.Errorf("%d operations, want at least 10,000", operations)
	}
}

// operations are what a step may do. Reading is as likely as writing.
func (s *session) operations() []func() {
	return []func(){
		s.createNetwork, s.updateNetwork, s.deleteNetwork, s.shareNetwork, s.unshareNetwork,
		s.createSubnet, s.updateSubnet, s.deleteSubnet,
		s.createPort, s.createPort, s.updatePort, s.deletePort,
		s.showNetwork, s.showSubnet, s.showPort,
		s.listNetworks, s.listNetworks, s.listSubnets, s.listPorts, s.listPorts,
	}
}

// everything holds all lists of all callers against the model.
func (s *session) everything() {
	for _, c := range s.callers {
		s.list(c, "networks", query{}, s.world.networkRows(c))
		s.list(c, "subnets", query{}, s.world.subnetRows(c))
		s.list(c, "ports", query{}, s.world.portRows(c))
	}
}

// clear removes everything again.
func (s *session) clear() {
	admin := s.callers[0]
	for _, p := range slices.Clone(s.world.ports) {
		s.want(http.StatusNoContent, admin, "DELETE", "/ports/"+p.id, nil)
	}
	for _, n := range s.world.networks {
		s.want(http.StatusNoContent, admin, "DELETE", "/networks/"+n.id, nil)
	}
}

// headersApplication builds the whole application with the identity of its callers in the headers of their requests, as
// authtoken leaves them there.
func headersApplication(t testing.TB) http.Handler {
	t.Helper()
	text, err := fs.ReadFile(etc.Files(), "api-paste.ini")
	if err != nil {
		t.Fatal(err)
	}
	d, err := paste.Parse("api-paste.ini", []byte(strings.ReplaceAll(string(text), " authtoken keystonecontext", " keystonecontext")),
		paste.Options{App: "neutron", AuthStrategy: "keystone"})
	if err != nil {
		t.Fatal(err)
	}
	s := load(t, "[DEFAULT]\nauth_strategy = keystone\n")
	app, err := httpapp.New(s, d, "pecan", httpapp.Options{
		DB: open(t, s), Logger: func(string) zerolog.Logger { return zerolog.Nop() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}
