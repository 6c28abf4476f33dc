package supervisor_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// TestTwoHundredReloadsInTwentySeconds sends ten SIGHUPs a second whether or not the one before is through, under 32 clients, each
// with another framework, number of workers and pool size, and every fifth with a file that is broken: no request fails, no
// write is lost or doubled, and afterwards the server is as big as before.
func TestTwoHundredReloadsInTwentySeconds(t *testing.T) { // not parallel: it measures memory
	long(t)
	p := newProc(t)
	p.local(calm)
	p.up()
	p.whole()
	if _, bad := hurricane(t, p, 200); bad == 0 {
		t.Error("no broken file was read")
	}
}

// TestAReloadStormReplacesWorkerProcesses is the same storm, shorter, where each reload means new processes, and so takes the place
// of more signals.
func TestAReloadStormReplacesWorkerProcesses(t *testing.T) {
	long(t)
	p := newProc(t)
	p.local(calm + "\ntransport_url = fake://\n[hadron]\nworker_isolation = process")
	p.up()
	p.whole()
	hurricane(t, p, 20)
}

// calm is the configuration before and after a storm.
const calm = "web_framework = pecan\napi_workers = 2\nwsgi_default_pool_size = 20"

// hurricane is the storm of reloads on p, which has the configuration calm. Reloads wait for one another, and a signal that comes
// while one waits is that one: what counts is what happened.
func hurricane(t *testing.T, p *proc, reloads int) (good, bad int) {
	base := "http://" + p.addr
	network := create(t, p.client, base, "network", `"name": "n"`)
	create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
	const clients, breeze = 32, 20
	all := []*load{p.gust(clients, network, breeze, 77)}
	before := p.footprint()
	all = append(all, p.gust(clients, network, reloads, 78))
	after := p.footprint()
	p.account(all, network)
	log := p.log()
	good, bad = strings.Count(log, "configuration reloaded"), strings.Count(log, "reload failed")
	t.Logf("%d signals, %d reloads, %d refused; before %s, after %s", breeze+reloads+2, good, bad, before, after)
	if good <= 2 {
		t.Errorf("%d reloads", good)
	}
	before.compare(t, after)
	return good, bad
}

// gust reloads p under load, ten times a second, and has it return to calm, with a mark that tells that it has. Some load before
// and after the reloads makes one gust end like another.
func (p *proc) gust(clients int, network string, reloads, mark int) *load {
	p.t.Helper()
	load := beginClients(p.t, clients, "http://"+p.addr, network)
	defer load.end()
	tail := p.localTail()
	tick := time.NewTicker(time.Second / 10)
	defer tick.Stop()
	for i := range reloads {
		p.replaceLocal(stormy(i), tail)
		p.signal(syscall.SIGHUP)
		<-tick.C
	}
	p.replaceLocal(fmt.Sprintf("%s\nmax_subnet_host_routes = %d", calm, mark), tail)
	p.signal(syscall.SIGHUP)
	p.eventually("the last configuration is in force", func() bool {
		return regexp.MustCompile(fmt.Sprintf(`max_subnet_host_routes changed from \S+ to \[%d\]`, mark)).MatchString(p.log())
	})
	done := load.requests.Load()
	p.eventually("there were requests since", func() bool { return load.requests.Load() > done+1000 })
	load.end()
	p.client.CloseIdleConnections()
	return load
}

// stormy is reload number i of a storm.
func stormy(i int) string {
	if i%5 == 4 {
		return "no equals sign"
	}
	return fmt.Sprintf("web_framework = %s\napi_workers = %d\nwsgi_default_pool_size = %d",
		[]string{"legacy", "pecan"}[i%2], 1+i%3, 5+10*(i%4))
}

// localTail are the lines of local.conf that begin with another section.
func (p *proc) localTail() string {
	p.t.Helper()
	data, err := os.ReadFile(p.path("local.conf"))
	if err != nil {
		p.t.Fatal(err)
	}
	if i := strings.Index(string(data), "transport_url"); i >= 0 {
		return string(data[i:])
	}
	return ""
}

// replaceLocal changes local.conf in one step, as whoever edits the files of a running server should: the reload of an earlier
// signal may be reading.
func (p *proc) replaceLocal(lines, tail string) {
	p.t.Helper()
	p.localAs("local.conf.new", lines+"\n"+tail)
	if err := os.Rename(p.path("local.conf.new"), p.path("local.conf")); err != nil {
		p.t.Fatal(err)
	}
}

// account compares what the clients were answered with what is there.
func (p *proc) account(all []*load, network string) {
	p.t.Helper()
	kept, writes, lost := p.ports(network), 0, 0
	var requests, failed int64
	for _, l := range all {
		n, m := l.lost(kept)
		lost, writes = lost+n, writes+m
		requests, failed = requests+l.requests.Load(), failed+l.failed.Load()
	}
	p.t.Logf("%d requests, %d failed; %d writes, %d lost, %d doubled", requests, failed, writes, lost, len(kept)-writes+lost)
	if failed > 0 || lost > 0 || len(kept) != writes {
		p.t.Errorf("%d requests failed; %d of %d writes are lost, %d ports are there", failed, lost, writes, len(kept))
	}
}

// footprint is what a process holds when it is idle. The measure of memory is what the heap holds after a collection. It is
// not the resident set, which is logged beside it: that has SQLite's page cache, which grows with a database that is written
// all the time, and pages that the runtime keeps for the next need. Both footprints are taken behind a storm, because a first
// one leaves more than nothing, once and however long it was: maps that have been larger, the pools of the workers that the
// tree remembers from the boot, which are half a megabyte of address space each.
type footprint struct {
	heap, resident          int // bytes
	goroutines, descriptors int
}

func (f footprint) String() string {
	return fmt.Sprintf("heap %.2f MB, resident %.1f MB, %d goroutines, %d descriptors", float64(f.heap)/1e6, float64(f.resident)/1e6,
		f.goroutines, f.descriptors)
}

// compare says what has grown by more than a tenth. A few goroutines and descriptors are of what happens to go on.
func (f footprint) compare(t *testing.T, after footprint) {
	t.Helper()
	const tenth, few = 1.1, 5
	if float64(after.heap) > tenth*float64(f.heap) {
		t.Errorf("the heap has grown from %d to %d bytes", f.heap, after.heap)
	}
	if after.goroutines > f.goroutines+few || after.descriptors > f.descriptors+few {
		t.Errorf("before %s, after %s", f, after)
	}
}

// footprint measures the process: the least of some tries, since former workers and connections may just be going.
func (p *proc) footprint() footprint {
	p.t.Helper()
	var least footprint
	for i := range 10 {
		var f footprint
		p.number("/debug/pprof/heap?debug=1&gc=1", `# HeapAlloc = (\d+)`) // pools keep for one collection what the last scrape used
		f.heap = p.number("/debug/pprof/heap?debug=1&gc=1", `# HeapAlloc = (\d+)`)
		f.goroutines = p.number("/debug/pprof/goroutine?debug=1", `goroutine profile: total (\d+)`)
		f.descriptors, f.resident = descriptorsOf(p.t, p.cmd.Process.Pid), p.number("/metrics", `\nprocess_resident_memory_bytes (\S+)`)
		if i == 0 || f.heap < least.heap {
			least.heap, least.resident = f.heap, f.resident
		}
		if i == 0 || f.goroutines < least.goroutines {
			least.goroutines = f.goroutines
		}
		if i == 0 || f.descriptors < least.descriptors {
			least.descriptors = f.descriptors
		}
		time.Sleep(200 * time.Millisecond)
	}
	return least
}

func descriptorsOf(t *testing.T, pid int) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// number finds one in what the admin socket answers.
func (p *proc) number(path, pattern string) int {
	p.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", p.path("admin.sock"))
		}}}
	status, body := send(client, "GET", "http://admin"+path, "")
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if status != http.StatusOK || m == nil {
		p.t.Fatalf("%s: %d %s", path, status, body)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return int(n)
}

// TestAStormOfPanics sends a hundred requests that panic per second beside clients that do not, first within the intensity of the
// pools, where nobody else notices, and then far beyond it, where workers start again, with either framework, and then what is
// above them: 503 at worst for those who were accepted, and never a refused connection. When it is over everything runs again
// at once.
func TestAStormOfPanics(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name          string
		workers, pool int
		length        time.Duration
		patient       bool // nobody else notices
	}{
		{"within the intensity", 2, 100, 30 * time.Second, true},
		{"beyond the intensity", 1, 1, 30 * time.Second, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				c.length = min(c.length, 5*time.Second)
			}
			s := neutrontest.Start(t, neutrontest.Options{Log: logging.Discard(), Wrap: panicking,
				Config: fmt.Sprintf("api_workers = %d\nwsgi_default_pool_size = %d", c.workers, c.pool)})
			others := watchFrom(t, 4, s.URL)
			sent, failed := panicsPerSecond(t, s.URL, 100, c.length)
			calm := time.Now()
			eventually(t, "every part runs", func() bool { return serves(s.Tree()) })
			took := time.Since(calm)
			others.end()
			restarts := 0
			walk(s.Tree(), func(n otp.Node) {
				if n.Kind != "handler" {
					restarts += n.Restarts
				}
			})
			t.Logf("%d panics, %d times 500; others: %d answers, %d times 503; %d restarts above the handlers; healthy after %v",
				sent, failed, others.good.Load(), others.refused.Load(), restarts, took)
			if took > 5*time.Second { // 0.1 s on a machine that has time
				t.Errorf("it is healthy only after %v", took)
			}
			if c.patient && (failed != sent || restarts > 0 || others.refused.Load() > 0) {
				t.Error("somebody else has noticed")
			}
			if !c.patient && restarts == 0 {
				t.Error("no worker was restarted")
			}
			if status, body := get(s.URL + "/v2.0/networks"); status != http.StatusOK {
				t.Errorf("at the end: %d %s", status, body)
			}
		})
	}
}

// serves reports whether everything runs, with the framework that is preferred or the other one.
func serves(n otp.Node) bool {
	ok := true
	walk(n, func(n otp.Node) { ok = ok && (n.State == otp.StateRunning || n.State == otp.StateDegraded) })
	return ok
}

// panicsPerSecond sends requests that panic at a rate. Each is answered with 500 and a request id, or with 503.
func panicsPerSecond(t *testing.T, base string, rate int, length time.Duration) (sent, failed int64) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var bad atomic.Int64
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for end := time.Now().Add(length); time.Now().Before(end); <-tick.C {
		sent++
		wg.Go(func() {
			r, err := http.NewRequest(http.MethodGet, base+"/v2.0/networks", nil)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set(faultHeader, "panic")
			answer, err := client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			switch id := answer.Header.Get("X-Openstack-Request-Id"); {
			case answer.StatusCode == http.StatusInternalServerError && strings.HasPrefix(id, "req-"):
				bad.Add(1)
			case answer.StatusCode != http.StatusServiceUnavailable:
				t.Errorf("status %d, request id %q", answer.StatusCode, id)
			}
		})
	}
	wg.Wait()
	return sent, bad.Load()
}
