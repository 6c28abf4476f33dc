package supervisor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/seed-a8f20362/hadron/"

// rule says what the packages of a room may not import. A path stands for everything below it.
type rule struct {
	room string
	not  []string
	but  []string // exceptions to not
	why  string
}

// rules are the arrows of the house: cmd -> supervisor -> actors -> httpapp -> its rooms -> httpapp/neutron.
func rules() []rule {
	const proto = "github.com/asynkron/protoactor-go"
	served := []string{module + "httpapp/api", module + "httpapp/legacy", module + "httpapp/pecan", module + "httpapp/filters", module + "etc"}
	return []rule{
		{room: "etc", not: []string{module}, but: []string{module + "etc"}, why: "values only"},
		{room: "supervisor/otp", not: []string{module}, why: "knows nothing of Neutron"},
		{room: "supervisor/logging", not: []string{module}, why: "a leaf"},
		{room: "supervisor/process", not: []string{module}, but: []string{module + "supervisor/otp"}, why: "knows processes only"},
		{room: "supervisor/admin", not: []string{module}, but: []string{module + "etc", module + "supervisor/otp"},
			why: "looks at the server through interfaces"},
		{room: "actors/listen", not: []string{module, "github.com/"}, why: "a leaf"},
		{room: "actors/http1", not: []string{module, "github.com/", "golang.org/"}, why: "a leaf"},
		{room: "actors", not: []string{module + "cmd", module + "supervisor"}, but: []string{module + "supervisor/otp"},
			why: "the tree is decided above"},
		{room: "httpapp", not: []string{module + "cmd", module + "actors", module + "supervisor", proto},
			why: "plain Go that an actor runs"},
		{room: "httpapp/neutron", not: []string{module, "github.com/", "modernc.org/", "golang.org/", "go.uber.org/"},
			why: "the standard library only"},
		{room: "httpapp/wire", not: []string{module, "github.com/"}, why: "a leaf"},
		{room: "httpapp/store", not: []string{module}, but: []string{module + "httpapp/neutron"}, why: "knows no resource"},
		{room: "httpapp/ipam", not: []string{module}, but: []string{module + "httpapp/neutron", module + "httpapp/store"},
			why: "a domain"},
		{room: "httpapp/agents", not: []string{module}, but: []string{module + "httpapp/callbacks", module + "httpapp/neutron", module + "httpapp/store", module + "httpapp/wire"},
			why: "a domain"},
		{room: "httpapp/quota", not: []string{module}, but: []string{module + "httpapp/callbacks", module + "httpapp/neutron", module + "httpapp/store", module + "httpapp/wire"},
			why: "a domain"},
		{room: "httpapp/core", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/secgroup", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/l3", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/subnetpool", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/segment", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/segmentrange", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/conntrack", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/logging", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/trunk", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/addressscope", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/addressgroup", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/qos", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/rbacpolicy", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/flavors", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/autotopology", not: []string{module}, but: []string{module + "httpapp/callbacks", module + "httpapp/neutron", module + "httpapp/store", module + "httpapp/wire"},
			why: "makes what others make through interfaces"},
		{room: "httpapp/metering", not: served, why: "a domain does not know how it is served"},
		{room: "httpapp/rbac", not: []string{module}, but: []string{module + "httpapp/neutron", module + "httpapp/store"},
			why: "what domains share"},
		{room: "httpapp/policy", not: []string{module}, but: []string{module + "httpapp/neutron"}, why: "pure decisions"},
		{room: "httpapp/callbacks", not: []string{module}, but: []string{module + "httpapp/neutron", module + "httpapp/store"},
			why: "what domains share"},
		{room: "httpapp/tag", not: []string{module}, but: []string{module + "httpapp/callbacks", module + "httpapp/neutron", module + "httpapp/store", module + "httpapp/wire"},
			why: "a domain of every resource knows none"},
		{room: "httpapp/revision", not: []string{module}, but: []string{module + "httpapp/neutron", module + "httpapp/store"},
			why: "what domains share"},
		{room: "httpapp/availability", not: []string{module}, but: []string{module + "httpapp/neutron", module + "httpapp/store", module + "httpapp/wire"},
			why: "a domain"},
		{room: "httpapp/ipproto", not: []string{module, "github.com/"}, why: "a leaf"},
		{room: "httpapp/api", not: []string{module + "httpapp/core", module + "httpapp/ml2", module + "httpapp/ipam",
			module + "httpapp/secgroup", module + "httpapp/l3", module + "httpapp/trunk", module + "httpapp/logging", module + "httpapp/conntrack", module + "httpapp/subnetpool", module + "httpapp/addressscope", module + "httpapp/addressgroup",
			module + "httpapp/quota", module + "httpapp/rbac", module + "httpapp/segment", module + "httpapp/segmentrange", module + "httpapp/flavors", module + "httpapp/metering", module + "httpapp/autotopology", module + "httpapp/rbacpolicy", module + "httpapp/qos", module + "httpapp/store", module + "httpapp/legacy", module + "httpapp/pecan"},
			why: "the engine knows no domain"},
		{room: "httpapp/filters", not: []string{module + "httpapp"}, but: []string{module + "httpapp/neutron", module + "httpapp/wire"},
			why: "filters talk through the request"},
		{room: "httpapp/authtoken", not: []string{module + "httpapp", module + "etc", "github.com/"}, but: []string{module + "httpapp/neutron", module + "httpapp/wire", "github.com/rs/zerolog"},
			why: "a filter talks through the request"},
		{room: "", not: []string{proto + "/cluster", proto + "/remote"}, why: "they pull in other worlds"},
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

// TestNoArrowRunsTheWrongWay reads the imports of the whole module and holds them against the house.
func TestNoArrowRunsTheWrongWay(t *testing.T) {
	t.Parallel()
	packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("only %d packages found", len(packages))
	}
	for _, r := range rules() {
		inRoom := 0
		for _, p := range packages {
			if !below(p.ImportPath, strings.TrimSuffix(module+r.room, "/")) {
				continue
			}
			inRoom++
			for _, imported := range p.Imports {
				if forbidden(r, imported) {
					t.Errorf("%s imports %s: %s", p.ImportPath, imported, r.why)
				}
			}
		}
		if inRoom == 0 {
			t.Errorf("the room %q is empty: its rule proves nothing", r.room)
		}
	}
}

// TestTheRulesBite makes sure that a wrong import would be found.
func TestTheRulesBite(t *testing.T) {
	t.Parallel()
	for _, r := range rules() {
		for _, path := range r.not {
			if !forbidden(r, strings.TrimSuffix(path, "/")+"/x") {
				t.Errorf("room %q: an import below %s passes", r.room, path)
			}
		}
	}
}

func forbidden(r rule, imported string) bool {
	for _, path := range r.but {
		if below(imported, path) {
			return false
		}
	}
	for _, path := range r.not {
		if below(imported, path) && !below(imported, strings.TrimSuffix(module+r.room, "/")) || r.room == "" && below(imported, path) {
			return true
		}
	}
	return false
}

func below(path, folder string) bool {
	folder = strings.TrimSuffix(folder, "/")
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func list(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
