package supervisor_test

import (
	"os"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin/status"
)

// neutronStatus is one call of the command on the machine of p.
func (p *proc) neutronStatus(args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	var out, errs strings.Builder
	code = status.Command{Args: args, Stdout: &out, Stderr: &errs, Source: func(args []string) (conf.Source, error) {
		source, err := conf.System("neutron-server", "", args)
		source.HomeDir = p.path("home")
		return source, err
	}}.Run(p.t.Context())
	return code, out.String(), errs.String()
}

// TestNeutronStatusFindsTheServer starts a server with the files that it finds by itself. Who looks inside finds it by the same
// files, without a word about a socket.
func TestNeutronStatusFindsTheServer(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	if err := os.MkdirAll(p.path("home/.neutron"), 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"neutron.conf": "neutron.conf", "local.conf": "neutron-server.conf", "api-paste.ini": "api-paste.ini"} {
		if err := os.Rename(p.path(from), p.path("home/.neutron/"+to)); err != nil {
			t.Fatal(err)
		}
	}
	p.launch([]string{}...)
	p.whole()
	for _, args := range [][]string{
		{"health"},
		{"--config-file", p.path("home/.neutron/neutron.conf"), "--config-file", p.path("home/.neutron/neutron-server.conf"), "health"},
	} {
		if code, stdout, stderr := p.neutronStatus(args...); code != 0 || !strings.HasPrefix(stdout, "status       ok\n") || stderr != "" {
			t.Errorf("%q: exit status %d, %q, %q", args, code, stdout, stderr)
		}
	}
	p.write("other.conf", "[DEFAULT]\nstate_path = "+p.path("other")+"\n")
	code, _, stderr := p.neutronStatus("--config-file", p.path("other.conf"), "health")
	if code != 255 || !strings.Contains(stderr, p.path("other/admin.sock")) || !strings.Contains(stderr, p.path("other.conf")) {
		t.Errorf("another server's: exit status %d, %q", code, stderr)
	}
}
