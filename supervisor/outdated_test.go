package supervisor_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// pidOf is the process of a worker.
func (p *proc) pidOf(worker string) (pid int) {
	p.t.Helper()
	p.eventually("the process of "+worker, func() bool {
		workers, err := admin.NewClient(p.path("admin.sock")).Workers(context.Background())
		for _, w := range workers {
			if w.Name == worker {
				pid = w.PID
			}
		}
		return err == nil && pid != 0
	})
	return pid
}

// TestAReloadThatDoesNotReachEveryWorkerSaysSo has no API worker be replaced by a reload: they keep the former configuration, the
// others have the new one, and whoever asks is told, until the last of them has been replaced too.
func TestAReloadThatDoesNotReachEveryWorkerSaysSo(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.fault("pecan"+inWorkers, false)
	socket, expect := serviceManager(t)
	p.env = append(p.env, "NOTIFY_SOCKET="+socket)
	p.local(fmt.Sprintf(isolated, ""))
	p.up()
	expect("READY=1")
	p.eventually("all workers are there", p.settled)
	status := func(args ...string) (code int, stdout string) {
		t.Helper()
		code, stdout, stderr := p.neutronStatus(append([]string{"--socket", p.path("admin.sock")}, args...)...)
		if stderr != "" {
			t.Errorf("%q: %s", args, stderr)
		}
		return code, stdout
	}
	p.fault("pecan"+inWorkers, true)
	p.local(fmt.Sprintf(isolated, "pagination_max_limit = 1"))
	const both = "reason       worker-1, worker-2: the configuration from before the last reload (replace " + apiPath + "/worker-1: "
	code, said := status("reload")
	if code != 1 || !strings.Contains(said, both) || !strings.Contains(said, "Z incomplete: the new configuration is in force, but not everywhere: ") {
		t.Errorf("reload: exit status %d, %s", code, said)
	}
	expect("RELOADING=1")
	expect("READY=1", "STATUS=listening on "+p.addr+"; the last reload is incomplete: the new configuration is in force, but not everywhere: ")
	if log := p.log(); !strings.Contains(log, "reload incomplete: the new configuration is in force, but not everywhere: replace") {
		t.Error("the log does not say so")
	}
	if code, said = status("health"); code != 1 || !strings.Contains(said, "status       degraded\n"+both) {
		t.Errorf("health: exit status %d, %s", code, said)
	}

	p.fault("pecan"+inWorkers, false)
	victim := p.pidOf("worker-1")
	if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.eventually("another worker is there", func() bool { return p.workers()[victim] == "" && p.settled() })
	if code, said = status("health"); code != 1 || !strings.Contains(said, "reason       worker-2: the configuration") {
		t.Errorf("health without the first one: exit status %d, %s", code, said)
	}
	if code, said = status("replace"); code != 0 {
		t.Errorf("replace: exit status %d, %s", code, said)
	}
	if code, said = status("health"); code != 0 || !strings.Contains(said, "status       ok\n") {
		t.Errorf("health of new workers: exit status %d, %s", code, said)
	}
	p.client.CloseIdleConnections()
	base := "http://" + p.addr
	create(t, p.client, base, "network", `"name": "one"`)
	create(t, p.client, base, "network", `"name": "two"`)
	if status, body := p.try("GET", "/v2.0/networks?fields=name", ""); status != http.StatusOK || strings.Count(body, `"name"`) != 1 {
		t.Errorf("with the new configuration: %d %s", status, body)
	}
}
