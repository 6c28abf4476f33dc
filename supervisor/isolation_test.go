package supervisor_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// isolated are the lines that make the workers of a process processes.
const isolated = "api_workers = 2\nrpc_workers = 1\nrpc_state_report_workers = 1\ntransport_url = fake://\n%s\n[hadron]\nworker_isolation = process\n"

// titles are what ps shows for the workers of such a server.
func titles() []string {
	return []string{"neutron-server: api worker", "neutron-server: api worker", "neutron-server: rpc reports worker",
		"neutron-server: rpc worker", "neutron-server: services worker"}
}

// isolate starts a server whose workers are processes.
func isolate(t *testing.T, more string) *proc {
	t.Helper()
	p := newProc(t)
	p.local(fmt.Sprintf(isolated, more))
	p.up()
	p.eventually("all workers are there", p.settled)
	return p
}

// settled reports whether every worker that there ought to be is there and does its work.
func (p *proc) settled() bool {
	processes := p.workers()
	if !slices.Equal(titlesOf(processes), titles()) {
		return false
	}
	workers, err := admin.NewClient(p.path("admin.sock")).Workers(context.Background())
	if err != nil || len(workers) != len(processes) {
		return false
	}
	for _, w := range workers {
		if w.State != "running" || processes[w.PID] == "" {
			return false
		}
	}
	return true
}

// workers are the worker processes, by pid, with the title of each.
func (p *proc) workers() map[int]string {
	p.t.Helper()
	return childrenOf(p.t, p.cmd.Process.Pid)
}

func childrenOf(t *testing.T, parent int) map[int]string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[int]string)
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[0] == "Z" || fields[1] != strconv.Itoa(parent) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			t.Fatal(err)
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if err != nil || len(line) == 0 {
			continue
		}
		title, _, _ := strings.Cut(string(line), "\x00")
		found[pid] = title
	}
	return found
}

func titlesOf(workers map[int]string) []string { return slices.Sorted(maps.Values(workers)) }

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestWorkersAreProcesses(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	base := "http://" + p.addr
	id := create(t, p.client, base, "network", `"name": "n"`)
	for range 20 { // over fresh connections, so that both workers have their turn
		p.client.CloseIdleConnections()
		if status, body := p.try("GET", "/v2.0/networks/"+id, ""); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	workers, err := admin.NewClient(p.path("admin.sock")).Workers(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	have := p.workers()
	for _, w := range workers {
		if have[w.PID] == "" {
			t.Errorf("worker %s has pid %d, the processes are %v", w.Name, w.PID, have)
		}
	}
	if len(workers) != len(have) {
		t.Errorf("%d workers, %d processes", len(workers), len(have))
	}
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	for pid, title := range have {
		if alive(pid) {
			t.Errorf("%s (%d) outlives its parent", title, pid)
		}
	}
}

// TestManyWorkersStartAtOnce has more workers of each kind than one, at the start and by a reload: that is no throttle's business.
func TestManyWorkersStartAtOnce(t *testing.T) {
	t.Parallel()
	const many = "transport_url = fake://\napi_workers = %d\nrpc_workers = %d\nrpc_state_report_workers = %d\n[hadron]\nworker_isolation = process\n"
	p := newProc(t)
	p.local(fmt.Sprintf(many, 1, 4, 4))
	p.up()
	p.eventually("all have started", func() bool { return len(p.workers()) == 10 })
	p.whole()
	p.local(fmt.Sprintf(many, 5, 5, 4))
	p.signal(syscall.SIGHUP)
	p.eventually("all have started and were replaced", func() bool {
		return strings.Contains(p.log(), "configuration reloaded") && len(p.workers()) == 15
	})
	if log := p.log(); strings.Contains(log, "Forking too fast") {
		t.Error("started too fast")
	}
}

// TestAKilledWorkerProcessIsReplaced kills a worker of each kind three times; each time the others stay.
func TestAKilledWorkerProcessIsReplaced(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	for range 3 {
		for _, title := range slices.Compact(titles()) {
			before := p.workers()
			victim := 0
			for pid, has := range before {
				if has == title {
					victim = pid
				}
			}
			if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			p.eventually("there are as many again", func() bool { return !alive(victim) && p.settled() })
			after := p.workers()
			for pid := range before {
				if _, there := after[pid]; !there && pid != victim {
					t.Errorf("%s (%d) ended with %s (%d)", before[pid], pid, title, victim)
				}
			}
		}
	}
	p.eventually("it serves", func() bool { status, _ := p.try("GET", "/v2.0/networks", ""); return status == http.StatusOK })
	lines := 0
	for line := range strings.Lines(p.log()) {
		switch {
		case strings.Contains(line, " ERROR "):
			t.Errorf("a killed worker is called an error: %s", line)
		case strings.Contains(line, "killed by signal 9"):
			lines++
			if !strings.Contains(line, " WARNING neutron.service ") {
				t.Errorf("logged as %s", line)
			}
		}
	}
	if want := 3 * len(slices.Compact(titles())); lines != want {
		t.Errorf("%d lines tell of %d killed workers", lines, want)
	}
}

// TestATerminatedWorkerProcessIsReplaced is oslo.service's killed_worker_recover.
func TestATerminatedWorkerProcessIsReplaced(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	for pid := range p.workers() {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		p.eventually("another one is there", func() bool { return !alive(pid) && p.settled() })
	}
}

// TestAWorkerProcessThatDoesNotStop is killed when its time is over, and the server says so.
func TestAWorkerProcessThatDoesNotStop(t *testing.T) {
	t.Parallel()
	p := isolate(t, "graceful_shutdown_timeout = 1")
	for pid, title := range p.workers() {
		if title == "neutron-server: rpc worker" {
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
	log := p.log()
	if n := strings.Count(log, "the stop was not clean: rpc worker 1 did not stop in order: Child "); n != 1 || strings.Count(log, "in order") != 2 {
		t.Error("it is not named, or it is not alone")
	}
}

// TestWorkersDieWithTheirParent is oslo.service's terminate_sigkill: nobody is left, and the port is free at once. It does so
// after workers were replaced, which is when the original had orphans.
func TestWorkersDieWithTheirParent(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	for pid := range p.workers() {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.eventually("another one is there", func() bool { return !alive(pid) && p.settled() })
	}
	workers := p.workers()
	p.kill()
	deadline := time.Now().Add(patience)
	for pid, title := range workers {
		for alive(pid) && time.Now().Before(deadline) {
			time.Sleep(5 * time.Millisecond)
		}
		if alive(pid) {
			t.Errorf("%s (%d) is an orphan", title, pid)
		}
	}
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatalf("the port is not free: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(p.log(), "Parent process has died unexpectedly, exiting") {
		t.Error("the workers do not say why they end")
	}
}

// TestAReloadReplacesWorkerProcesses is oslo.service's parent_signal_sighup, under load.
func TestAReloadReplacesWorkerProcesses(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	base := "http://" + p.addr
	network := create(t, p.client, base, "network", `"name": "n"`)
	create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
	load := begin(t, base, network)
	before := p.workers()
	p.local(fmt.Sprintf(isolated, "web_framework = legacy"))
	p.signal(syscall.SIGHUP)
	p.eventually("all workers are others", func() bool {
		now := p.workers()
		for pid := range before {
			if _, there := now[pid]; there {
				return false
			}
		}
		return slices.Equal(titlesOf(now), titles()) && strings.Contains(p.log(), "configuration reloaded")
	})
	load.end()
	if load.failed.Load() > 0 {
		t.Errorf("%d of %d requests failed", load.failed.Load(), load.requests.Load())
	}
}

// TestSIGHUPToAWorkerKeepsIt is oslo.service's child_signal_sighup.
func TestSIGHUPToAWorkerKeepsIt(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	before := p.workers()
	for pid := range before {
		if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	p.eventually("all have heard it", func() bool {
		return strings.Count(p.log(), "reloading is up to the parent process") == len(before)
	})
	if now := p.workers(); !maps.Equal(before, now) {
		t.Errorf("the workers were %v and are %v", before, now)
	}
}

// TestAWorkerServesWhatWasChecked: a worker that is started again while the files are broken serves the configuration that its
// siblings have.
func TestAWorkerServesWhatWasChecked(t *testing.T) {
	t.Parallel()
	p := isolate(t, "pagination_max_limit = 1")
	create(t, p.client, "http://"+p.addr, "network", `"name": "one"`)
	create(t, p.client, "http://"+p.addr, "network", `"name": "two"`)
	p.write("local.conf", "no equals sign")
	p.write("api-paste.ini", "[composite:neutron")
	p.signal(syscall.SIGHUP)
	p.eventually("the reload is refused", func() bool { return strings.Contains(p.log(), "reload failed") })
	before := p.workers()
	for pid := range before {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	p.eventually("all workers are others", func() bool {
		now := p.workers()
		for pid := range before {
			if _, there := now[pid]; there {
				return false
			}
		}
		return p.settled()
	})
	p.eventually("they serve", func() bool { status, _ := p.try("GET", "/", ""); return status == http.StatusOK })
	if status, body := p.try("GET", "/v2.0/networks?fields=name", ""); status != 200 || strings.Count(body, `"name"`) != 1 {
		t.Errorf("%d %s", status, body)
	}
}

// TestTTINStartsAProcess has TTIN and TTOU change the number of worker processes.
func TestTTINStartsAProcess(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	api := func() int {
		n := 0
		for _, title := range p.workers() {
			if strings.HasSuffix(title, "api worker") {
				n++
			}
		}
		return n
	}
	p.signal(syscall.SIGTTIN)
	p.eventually("there are three", func() bool { return api() == 3 })
	p.signal(syscall.SIGTTOU)
	p.eventually("there are two", func() bool { return api() == 2 })
}

// TestIsolationIsRefusedWhereItCannotWork: a database in memory is each process's own.
func TestIsolationIsRefusedWhereItCannotWork(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.local(fmt.Sprintf(isolated, "[database]\nconnection = sqlite://"))
	p.launch()
	if status := p.status(); status != 1 || !strings.Contains(p.stderr.String(), "in memory") {
		t.Errorf("exit status %d, %s", status, p.stderr)
	}
}

// TestAStuckRequestOfAProcessCanBeSeen asks the parent, which asks the worker. What looks inside leaves nothing behind.
func TestAStuckRequestOfAProcessCanBeSeen(t *testing.T) {
	t.Parallel()
	p := isolate(t, "")
	c, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(c, "POST /v2.0/networks HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	client := admin.NewClient(p.path("admin.sock"))
	p.eventually("the request is seen", func() bool {
		workers, err := client.Workers(context.Background())
		if err != nil {
			return false
		}
		for _, w := range workers {
			if len(w.Busy) == 1 && w.Busy[0].Method == "POST" && w.Busy[0].Path == "/v2.0/networks" && w.PoolSize == 100 {
				return true
			}
		}
		return false
	})
	for pid := range p.workers() {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	p.eventually("others are there", p.settled)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	left, err := filepath.Glob(p.path("admin.sock*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
