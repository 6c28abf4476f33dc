package supervisor_test

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestASecondInstanceOnThePort waits for its window and gives up in Neutron's words; a window of 0 seconds is one try. The first
// instance does not notice.
func TestASecondInstanceOnThePort(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, first *proc, isolation string) {
		first.started(isolation)
		for _, window := range []int{0, 2} {
			second := newProc(t)
			second.addr = first.addr
			second.under(isolation, fmt.Sprintf("retry_until_window = %d", window))
			began := time.Now()
			second.launch()
			if status := second.status(); status != 1 {
				t.Errorf("window %d: exit status %d", window, status)
			}
			if took := time.Since(began); took < time.Duration(window)*time.Second {
				t.Errorf("window %d: it gave up after %s", window, took)
			}
			text := fmt.Sprintf("Could not bind to %s after trying for %d seconds", first.addr, window)
			if !strings.Contains(second.stderr.String(), "ERROR: "+text) || !strings.Contains(second.log(), text) {
				t.Errorf("window %d: %s", window, second.stderr)
			}
		}
		if status, body := first.try("GET", "/v2.0/networks", ""); status != http.StatusOK {
			t.Errorf("the first instance: %d %s", status, body)
		}
	})
}

// TestAPortThatIsFreedInTime is taken over within the window, as by a server that is started while its predecessor still stops.
func TestAPortThatIsFreedInTime(t *testing.T) {
	t.Parallel()
	first := holding(t)
	first.under("actor", "graceful_shutdown_timeout = 300")
	first.started("actor")
	second := newProc(t)
	second.addr = first.addr
	second.local("retry_until_window = 60")
	second.launch()
	second.eventually("it has begun", func() bool { return strings.Contains(second.log(), "neutron-server version") })
	first.stops()
	if status := first.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	second.eventually("it answers", func() bool { status, _ := second.try("GET", "/", ""); return status == http.StatusOK })
}

// TestAServiceThatCannotStart is oslo.service's crashed_service: status 1, and nothing is left.
func TestAServiceThatCannotStart(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.env = []string{withHolds + "=" + crash}
		p.launch()
		if status := p.status(); status != 1 {
			t.Errorf("exit status %d", status)
		}
		if said := p.stderr.String(); !strings.Contains(said, "injected: api cannot start") {
			t.Errorf("it says %s", said)
		}
		p.free(nil)
	})
}

// TestTheNameOfTheProgram chooses the services: each command of Neutron has its own, under its own name in the process list, and
// is reloaded and stopped as neutron-server is.
func TestTheNameOfTheProgram(t *testing.T) {
	t.Parallel()
	const api, rpc, reports, services = ": api worker", ": rpc worker", ": rpc reports worker", ": services worker"
	for name, workers := range map[string][]string{
		"neutron-server":           {api, api, reports, rpc, services},
		"neutron-api":              {api, api},
		"neutron-rpc-server":       {reports, rpc, services},
		"neutron-periodic-workers": {services},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isolations(t, func(t *testing.T, p *proc, isolation string) {
				p.name = name
				p.launch()
				p.whole()
				var want []string
				for _, w := range workers {
					want = append(want, name+w)
				}
				if isolation == "process" {
					p.eventually("its workers are there", func() bool { return slices.Equal(titlesOf(p.workers()), want) })
				}
				if got, want := p.services(), servicesOf(workers); !slices.Equal(got, want) {
					t.Errorf("the tree has %v, want %v", got, want)
				}
				if c, err := net.Dial("tcp", p.addr); (err == nil) != slices.Contains(workers, api) {
					t.Errorf("the port: %v", err)
				} else if err == nil {
					_ = c.Close()
				}
				p.hup()
				if isolation == "process" {
					p.eventually("its workers are there again", func() bool { return slices.Equal(titlesOf(p.workers()), want) })
				}
				left := p.workers()
				p.stops()
				if status := p.status(); status != 0 {
					t.Errorf("exit status %d", status)
				}
				p.free(left)
				if want := name + " version 28.0.1"; !strings.Contains(p.log(), want) {
					t.Errorf("the log lacks %q", want)
				}
			})
		})
	}
}

// services are the supervisors below services in the tree.
func (p *proc) services() []string {
	found := make(map[string]bool)
	for _, path := range p.paths() {
		if ok, _ := filepath.Match("neutron-server/services/*", path); ok {
			found[filepath.Base(path)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// servicesOf are those that such workers belong to.
func servicesOf(workers []string) []string {
	found := make(map[string]bool)
	for _, w := range workers {
		kind, _, _ := strings.Cut(strings.TrimPrefix(w, ": "), " ")
		found[map[string]string{"services": "plugins"}[kind]+strings.TrimSuffix(kind, "services")] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// TestFinishesWithTheSignalsOfItsGroup: a terminal sends SIGINT to the whole group; nobody is left, and nobody is started again.
func TestFinishesWithTheSignalsOfItsGroup(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.started(isolation)
		workers := p.workers()
		for pid := range workers {
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
				t.Error(err)
			}
		}
		p.signal(syscall.SIGINT)
		if status := p.status(); status != 1 {
			t.Errorf("exit status %d", status)
		}
		for pid := range workers {
			p.gone(pid)
		}
		p.free(workers)
	})
}

// TestWrongValuesNameTheirPlace: a start that cannot be is refused with status 1, whatever Neutron's release makes of it, and the
// value's file and line are named; so is an api-paste.ini that is not there, absolute or relative, or has no such application.
func TestWrongValuesNameTheirPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, lines, paste, want string }{
		{"debug = maybe", "debug = maybe", "", "local.conf:6"},
		{"no workers", "api_workers = 0", "", "local.conf:6"},
		{"a negative number of workers", "rpc_workers = -1", "", "local.conf:6"},
		{"an absolute path", "api_paste_config = /nonexistent/paste.ini", "", "Could not find config at /nonexistent/paste.ini"},
		{"a relative path", "api_paste_config = nonexistent.ini", "", "Could not find config at nonexistent.ini"},
		{"no such application", "", "[app:other]\npaste.app_factory = neutron.pecan_wsgi.app:versions_factory\n", `neutron`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newProc(t)
			p.local(c.lines)
			if c.paste != "" {
				p.write("api-paste.ini", c.paste)
			}
			p.launch()
			if status := p.status(); status != 1 {
				t.Errorf("exit status %d", status)
			}
			if said := p.stderr.String(); !strings.Contains(said, c.want) {
				t.Errorf("it says %s", said)
			}
			p.free(nil)
		})
	}
}
