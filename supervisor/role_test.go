package supervisor_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
)

// TestRoles boots, reloads and stops what the commands for parts of Neutron are. Those without an API have no use for what
// only the API needs, though the file that they share says so: a certificate.
func TestRoles(t *testing.T) {
	t.Parallel()
	const file = "[DEFAULT]\nbind_host = 127.0.0.1\nbind_port = 0\napi_workers = 1\nrpc_workers = %d\ntransport_url = fake://\nuse_ssl = true\n" +
		"[ssl]\ncert_file = /nowhere\nkey_file = /nowhere\n[database]\nconnection = sqlite://\n[hadron]\nadmin_socket =\n"
	for program, want := range map[string][]string{
		"neutron-rpc-server": {"plugins", "rpc"}, "neutron-periodic-workers": {"plugins"},
	} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			files := fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(fmt.Sprintf(file, 1))}}
			source := conf.FileSystem(files)
			source.Prog = program
			s, err := supervisor.Boot(ctx, supervisor.Options{Source: source, Log: logging.ForTest(t)})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Stop(ctx); err != nil {
					t.Error(err)
				}
			}()
			services, err := s.Root().Children("neutron-server/services")
			if err != nil {
				t.Fatal(err)
			}
			have := make(map[string]bool)
			for _, n := range services {
				have[n.ID] = true
			}
			if got := slices.Sorted(maps.Keys(have)); !slices.Equal(got, want) || s.Addr() != nil {
				t.Errorf("%v at %v, want %v nowhere", got, s.Addr(), want)
			}
			files["etc/neutron/neutron.conf"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(file, 2))}
			if err := s.Reload(ctx); err != nil {
				t.Error(err)
			}
			if !have["rpc"] {
				return
			}
			pid, _ := s.Root().PID("neutron-server/services/rpc")
			s.Root().System().Root.Stop(pid) // as if it had died
			eventually(t, "it lives again, with as many workers", func() bool {
				n, err := s.Root().Node("neutron-server/services/rpc")
				return err == nil && n.Incarnation > 1 && len(n.Children) == 3 && healthy(s.Root().Tree())
			})
		})
	}
}
