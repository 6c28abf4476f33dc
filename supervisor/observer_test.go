package supervisor_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// watched starts a server with an admin socket.
func watched(t *testing.T, o neutrontest.Options) (*neutrontest.Server, *admin.Client) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "a")
	o.Config += "\n[hadron]\nadmin_socket = " + socket
	return neutrontest.Start(t, o), admin.NewClient(socket)
}

func TestAStuckRequestCanBeSeen(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	entered, leave := make(chan struct{}), make(chan struct{})
	s, client := watched(t, neutrontest.Options{Config: "api_workers = 1\nwsgi_default_pool_size = 1", Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/networks" {
				close(entered)
				<-leave
			}
			next.ServeHTTP(w, r)
		})
	}})
	var wg sync.WaitGroup
	wg.Go(func() { get(s.URL + "/v2.0/networks?name=secret") })
	<-entered
	wg.Go(func() { get(s.URL + "/v2.0/ports") })
	eventually(t, "the second request waits", func() bool {
		workers, err := client.Workers(ctx)
		return err == nil && len(workers) == 1 && workers[0].Waiting == 1
	})
	workers, err := client.Workers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if b := workers[0].Busy; len(b) != 1 || b[0].Method != "GET" || b[0].Path != "/v2.0/networks" || b[0].Seconds <= 0 ||
		b[0].Handler != "neutron-server/services/api/worker-1/pool/handler-1" {
		t.Errorf("busy: %+v", b)
	}
	close(leave)
	wg.Wait()
	eventually(t, "nothing is busy", func() bool {
		workers, err := client.Workers(ctx)
		return err == nil && len(workers[0].Busy) == 0 && workers[0].Served == 2
	})
}

func TestHealthTellsOfFrameworkAndReload(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, client := watched(t, neutrontest.Options{})
	health, err := client.Health(ctx)
	if err != nil || health.Status != "ok" || health.Framework.Current != "pecan" || health.Generation != 1 {
		t.Errorf("got %+v (%v)", health, err)
	}
	s.SetFile("api-paste.ini", "[composite:neutron]\nuse = egg:Paste#urlmap\n/: nowhere\n")
	if _, err := client.Reload(ctx); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("a broken reload: %v", err)
	}
	tree, err := client.TreeText(ctx, false)
	if err != nil || !strings.Contains(tree, "framework pecan") {
		t.Errorf("tree %s (%v)", tree, err)
	}
	if status, _ := get(s.URL + "/v2.0/nothing-of-that-name"); status != 404 {
		t.Errorf("status %d", status)
	}
	metrics, err := client.Metrics(ctx)
	if err != nil || !strings.Contains(metrics, `neutron_http_requests_total{method="GET",status="404"} 1`) {
		t.Errorf("the 404 is not counted (%v):\n%s", err, metrics)
	}
	report, err := client.Report(ctx)
	if err != nil || !strings.Contains(report, "Guru Meditation") || !strings.Contains(report, "project_network_types") {
		t.Errorf("report of %d bytes (%v)", len(report), err)
	}
}

// TestFailedHooksAreOnTheMetricsPage lets the DHCP scheduler fail behind a request that succeeds.
func TestFailedHooksAreOnTheMetricsPage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	database := "sqlite:///" + filepath.Join(t.TempDir(), "n.sqlite")
	s, client := watched(t, neutrontest.Options{Config: "auth_strategy = noauth", Database: database})
	db, err := store.Open(ctx, store.Options{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec("DROP TABLE networkdhcpagentbindings"); return err }); err != nil {
		t.Fatal(err)
	}
	network := create(t, http.DefaultClient, s.URL, "network", `"name": "n"`)
	create(t, http.DefaultClient, s.URL, "subnet", fmt.Sprintf(`"network_id": %q, "ip_version": 4, "cidr": "10.0.0.0/24"`, network))
	metrics, err := client.Metrics(ctx)
	if want := `neutron_callback_failures_total{event="subnet after_create",hook="DHCP scheduler"} 1`; err != nil || !strings.Contains(metrics, want+"\n") {
		t.Errorf("%s is missing (%v) in:\n%s", want, err, metrics)
	}
}

// TestReportsGoIntoTheirFolder asks a real process for reports by signal: into a folder, and after a reload into another one.
func TestReportsGoIntoTheirFolder(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	const secret = "[cors]\nallowed_origin = http://a:sesame@b\n"
	for round, dir := range []string{p.path("first"), p.path("second")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		p.local(secret + "[oslo_reports]\nlog_dir = " + dir)
		if round == 0 {
			p.up()
		} else {
			p.signal(syscall.SIGHUP)
			p.eventually("the reload", func() bool { return strings.Contains(p.log(), "configuration reloaded") })
		}
		p.signal(syscall.SIGUSR2)
		p.eventually("a word about the report", func() bool { return strings.Contains(p.log(), "the report is in "+dir) })
		paths, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(paths) != 1 || !strings.HasPrefix(filepath.Base(paths[0]), "neutron-server_gurumeditation_") {
			t.Fatalf("reports %q (%v)", paths, err)
		}
		content, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"version = ", " Goroutine #", fmt.Sprintf("Process %d (under %d) [ run by: ", p.cmd.Process.Pid, os.Getpid()), "MAILBOX",
			"worker-1: running, ", "\noslo_reports:\n", "log_dir = " + dir, "allowed_origin = ['http://a:****@b']",
		} {
			if !strings.Contains(string(content), want) {
				t.Errorf("the report has no %q", want)
			}
		}
		if strings.Contains(string(content), "sesame") {
			t.Error("the report has the secret")
		}
	}
}

func TestLogLevelsChangeInPlace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p := newProc(t)
	p.up()
	client := admin.NewClient(p.path("admin.sock"))
	p.eventually("the admin socket answers, which starts behind the API", func() bool {
		_, err := client.SetLogLevel(ctx, "neutron.wsgi", "ERROR")
		return err == nil
	})
	p.try("GET", "/v2.0/quiet", "")
	if _, err := client.SetLogLevel(ctx, "neutron.wsgi", "INFO"); err != nil {
		t.Fatal(err)
	}
	p.try("GET", "/v2.0/loud", "")
	if text := p.log(); strings.Contains(text, "GET /v2.0/quiet") || !strings.Contains(text, "GET /v2.0/loud") {
		t.Errorf("the log is\n%s", text)
	}
	if _, err := client.SetLogLevel(ctx, "", "SHOUTING"); err == nil {
		t.Error("an unknown level was accepted")
	}
	if _, err := client.SetLogLevel(ctx, "x", "SHOUTING"); err == nil {
		t.Error("an unknown level of a logger was accepted")
	}
}
