package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// upgrade has the running server upgraded, and waits until the former process has ended. It returns the pid of the new one.
func (p *proc) upgrade(former int) int {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	pid, err := admin.NewClient(p.path("admin.sock")).Upgrade(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) }) // it may have ended by itself
	deadline := time.Now().Add(patience)
	for alive(former) && !zombie(former) {
		if time.Now().After(deadline) {
			p.t.Fatalf("process %d does not end", former)
		}
		time.Sleep(time.Millisecond)
	}
	return pid
}

// zombie reports whether a process has ended and waits for its parent, which is not this one, to notice.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z")
}

// gone waits for the end of a process that is not our child.
func (p *proc) gone(pid int) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for alive(pid) && !zombie(pid) {
		if time.Now().After(deadline) {
			p.t.Fatalf("process %d does not end", pid)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestTenUpgradesUnderLoad(t *testing.T) {
	long(t)
	for _, isolation := range []string{"actor", "process"} {
		t.Run(isolation, func(t *testing.T) {
			p := newProc(t)
			socket := filepath.Join(shortDir(t), "api")
			p.local(fmt.Sprintf("transport_url = fake://\n[hadron]\nworker_isolation = %s\nbind_socket = %s", isolation, socket))
			p.up()
			p.whole()
			base := "http://" + p.addr
			network := create(t, p.client, base, "network", `"name": "n"`)
			create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
			load := begin(t, base, network)
			pid := p.cmd.Process.Pid
			for range 10 {
				pid = p.upgrade(pid)
			}
			load.end()
			kept := p.ports(network)
			lost, writes := load.lost(kept)
			t.Logf("%d requests, %d failed; %d writes, %d lost", load.requests.Load(), load.failed.Load(), writes, lost)
			if lost > 0 || len(kept) != writes {
				t.Errorf("%d of %d writes are lost, %d ports are there", lost, writes, len(kept))
			}
			if status, body := send(through(t, "unix", socket), "GET", "http://x/v2.0/networks", ""); status != 200 {
				t.Errorf("the Unix socket: %d %s", status, body)
			}
			if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			p.gone(pid)
			for _, path := range []string{socket, p.path("admin.sock")} {
				if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s is left behind: %v", path, err)
				}
			}
			if l, err := net.Listen("tcp", p.addr); err != nil {
				t.Errorf("the port is not free: %v", err)
			} else if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAnUpgradeThatFailsIsRolledBack: the successor finds a configuration that it cannot use.
func TestAnUpgradeThatFailsIsRolledBack(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	p.whole()
	good, err := os.ReadFile(p.path("local.conf"))
	if err != nil {
		t.Fatal(err)
	}
	p.write("local.conf", string(good)+"\nbackloog = 7\nbacklog = many\n")
	base := "http://" + p.addr
	network := create(t, p.client, base, "network", `"name": "n"`)
	create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
	load := begin(t, base, network)
	client := admin.NewClient(p.path("admin.sock"))
	if pid, err := client.Upgrade(context.Background()); err == nil || !strings.Contains(err.Error(), "backlog") {
		t.Errorf("pid %d, %v", pid, err)
	}
	load.end()
	if load.failed.Load() > 0 {
		t.Errorf("%d requests failed", load.failed.Load())
	}
	p.write("local.conf", string(good))
	pid := p.upgrade(p.cmd.Process.Pid)
	if status, _ := p.try("GET", "/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("afterwards: %d", status)
	}
	if h, err := client.Health(context.Background()); err != nil {
		t.Errorf("the admin socket of the successor (%d): %+v, %v", pid, h, err)
	}
}

// TestATerminatedServerLeavesNoSuccessor sends SIGTERM while the successor waits for its port.
func TestATerminatedServerLeavesNoSuccessor(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	p.whole()
	occupant, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer occupant.Close()
	p.addr = occupant.Addr().String()
	p.local("retry_until_window = 300")
	upgraded := make(chan error, 1)
	go func() {
		pid, err := admin.NewClient(p.path("admin.sock")).Upgrade(context.Background())
		if err == nil {
			err = fmt.Errorf("process %d has taken over", pid)
		}
		upgraded <- err
	}()
	pid := 0
	p.eventually("there is a successor", func() bool {
		for pid = range p.workers() {
			return strings.Count(p.log(), "neutron-server version") == 2
		}
		return false
	})
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if err := <-upgraded; strings.Contains(err.Error(), "has taken over") {
		t.Error(err)
	}
	if alive(pid) {
		t.Error("the successor lives on")
	}
}

// TestUpgradeByCommand is neutron-server --upgrade.
func TestUpgradeByCommand(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	p.whole()
	former := p.cmd.Process.Pid
	asking := newProc(t)
	asking.dir = p.dir
	asking.launch("--config-file", p.path("neutron.conf"), "--config-file", p.path("local.conf"), "--upgrade")
	if status := asking.status(); status != 0 {
		t.Fatalf("status %d: %s", status, asking.stderr)
	}
	var pid int
	if _, err := fmt.Sscanf(asking.stderr.String(), "process %d has taken over", &pid); err != nil {
		t.Fatalf("%v in %q", err, asking.stderr)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	p.gone(former)
	if status := p.status(); status != 0 {
		t.Errorf("the former process ends with %d", status)
	}
	if status, _ := p.try("GET", "/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("afterwards: %d", status)
	}
}

// TestAnUpgradedServerFollowsItsConfiguration: the successor listens where the files say now.
func TestAnUpgradedServerFollowsItsConfiguration(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	p.whole()
	former := p.addr
	p.addr = freeAddress(t)
	p.local("")
	p.upgrade(p.cmd.Process.Pid)
	if status, _ := p.try("GET", "/", ""); status != http.StatusOK {
		t.Errorf("at the new address: %d", status)
	}
	if c, err := net.Dial("tcp", former); err == nil {
		t.Errorf("somebody listens at the former address still")
		_ = c.Close()
	}
}

// TestAServerInAnotherProgramIsNotUpgraded: there is no program to start.
func TestAServerInAnotherProgramIsNotUpgraded(t *testing.T) {
	t.Parallel()
	s := neutrontest.Start(t, neutrontest.Options{})
	if pid, err := s.Upgrade(context.Background()); err == nil {
		t.Errorf("pid %d", pid)
	}
	_, err := neutrontest.New(context.Background(), neutrontest.Options{Config: "[hadron]\nworker_isolation = process"})
	if err == nil || !strings.Contains(err.Error(), "worker_isolation") {
		t.Errorf("worker processes: %v", err)
	}
	if r := supervisor.RoleOf("/usr/bin/neutron-rpc-server"); r.API || !r.RPC || !r.Plugins {
		t.Errorf("neutron-rpc-server is %+v", r)
	}
}
