package supervisor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestDataSurvivesAStop(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	base := "http://" + p.addr
	network := create(t, p.client, base, "network", `"name": "n1"`)
	subnet := create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/24"`, network))
	port := create(t, p.client, base, "port", fmt.Sprintf(`"network_id": "%s"`, network))
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Fatalf("exit status %d", status)
	}
	p.up()
	for path, want := range map[string]string{"networks/" + network: "n1", "subnets/" + subnet: "10.0.0.0/24", "ports/" + port: network} {
		if status, body := p.try("GET", "/v2.0/"+path, ""); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s after the restart: %d %s", path, status, body)
		}
	}
}

func TestSIGTERMFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	base := "http://" + p.addr
	network := create(t, p.client, base, "network", `"name": "n"`)
	create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/16"`, network))
	var wg sync.WaitGroup
	var made sync.Map
	var writes atomic.Int64
	for range 8 {
		wg.Go(func() {
			for {
				status, body := p.try("POST", "/v2.0/ports", fmt.Sprintf(`{"port": {"network_id": "%s"}}`, network))
				if status == 0 {
					return // refused: the server has stopped
				}
				if status != http.StatusCreated {
					t.Errorf("got %d %s", status, body)
					return
				}
				var answer struct{ Port struct{ ID string } }
				if err := json.Unmarshal([]byte(body), &answer); err != nil {
					t.Errorf("half an answer: %q", body)
				}
				made.Store(answer.Port.ID, true)
				writes.Add(1)
			}
		})
	}
	p.eventually("ports are made", func() bool { return writes.Load() > 100 })
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	wg.Wait()
	p.up()
	kept := p.ports(network)
	lost := 0
	made.Range(func(id, _ any) bool {
		if !kept[id.(string)] {
			lost++
		}
		return true
	})
	if lost > 0 {
		t.Errorf("%d of %d answered writes are lost", lost, writes.Load())
	}
}

// ports returns the ids of all ports of a network.
func (p *proc) ports(network string) map[string]bool {
	p.t.Helper()
	_, body := p.try("GET", "/v2.0/ports?fields=id&network_id="+network, "")
	var answer struct{ Ports []struct{ ID string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		p.t.Fatalf("%v in %s", err, body)
	}
	ids := make(map[string]bool)
	for _, port := range answer.Ports {
		ids[port.ID] = true
	}
	return ids
}

// TestReloadsLoseNothing sends 20 SIGHUPs in 10 seconds while 16 keep-alive clients read and write, with the framework
// changing at each: no request may fail and no write be lost.
func TestReloadsLoseNothing(t *testing.T) {
	long(t)
	t.Parallel()
	storm(t, 20, 10*time.Second/20, func(i int) (text string, broken bool) {
		return fmt.Sprintf("web_framework = %s\ndebug = %t", []string{"legacy", "pecan"}[i%2], i%2 == 0), false
	})
}

// TestAStormOfDifferentReloads sends ten SIGHUPs a second, each with another framework, number of workers and pool size, and
// every fifth with a file that is broken.
func TestAStormOfDifferentReloads(t *testing.T) {
	t.Parallel()
	storm(t, 50, time.Second/10, func(i int) (text string, broken bool) {
		if i%5 == 4 {
			return "no equals sign", true
		}
		return fmt.Sprintf("web_framework = %s\napi_workers = %d\nwsgi_default_pool_size = %d",
			[]string{"legacy", "pecan"}[i%2], 1+i%3, 5+10*(i%4)), false
	})
}

// storm reloads a server under load, with the lines of [DEFAULT] that next returns.
func storm(t *testing.T, reloads int, pause time.Duration, next func(i int) (text string, broken bool)) {
	p := newProc(t)
	p.up()
	base := "http://" + p.addr
	network := create(t, p.client, base, "network", `"name": "n"`)
	create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
	load := begin(t, base, network)
	defer load.end()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	good, bad := 0, 0
	for i := range reloads {
		text, broken := next(i)
		p.local(text)
		p.signal(syscall.SIGHUP)
		if broken {
			bad++
		} else {
			good++
		}
		p.eventually("the reload is logged", func() bool {
			log := p.log()
			return strings.Count(log, "configuration reloaded") == good && strings.Count(log, "reload failed") == bad
		})
		<-tick.C
	}
	load.end()
	kept, lost, writes := p.ports(network), 0, 0
	load.made.Range(func(id, _ any) bool {
		writes++
		if !kept[id.(string)] {
			lost++
		}
		return true
	})
	t.Logf("%d requests, %d failed; %d writes, %d lost, %d doubled; %d reloads, %d of them broken", load.requests.Load(),
		load.failed.Load(), writes, lost, len(kept)-writes, reloads, bad)
	if lost > 0 || writes == 0 || len(kept) != writes {
		t.Errorf("%d of %d writes are lost, %d ports are there", lost, writes, len(kept))
	}
}

// load is keep-alive clients, half of which read and half of which write.
type load struct {
	over             atomic.Bool
	clients          sync.WaitGroup
	requests, failed atomic.Int64
	made             sync.Map     // ids of the ports that were answered with 201
	excused          atomic.Bool  // failures are expected: they are counted only
	answered         atomic.Int64 // failed requests that got an answer
}

// begin is the load of 16 clients.
func begin(t *testing.T, base, network string) *load { return beginClients(t, 16, base, network) }

func beginClients(t *testing.T, clients int, base, network string) *load {
	l := &load{}
	for i := range clients {
		l.clients.Go(func() {
			pauses := &pauses{Transport: &http.Transport{DisableCompression: true}}
			client := &http.Client{Transport: pauses, Timeout: patience}
			defer client.CloseIdleConnections()
			for !l.over.Load() {
				l.requests.Add(1)
				err := l.ask(client, base, network, i%2 == 1)
				if err != nil && pauses.long() {
					t.Logf("after %v of silence: %v", pauses.silent, err)
					continue
				}
				if err != nil && l.failed.Add(1) == 1 && !l.excused.Load() {
					t.Error(err)
				}
			}
		})
	}
	return l
}

// pauses knows for how long a connection had been silent when a request was sent over it. A server that closes an idle connection
// does so when it has been silent for the linger, and HTTP/1.1 has no remedy for a request that is sent in this very moment. A
// client without pauses is never that silent, but where a processor is a hundredth of what it wants: under the race detector.
type pauses struct {
	*http.Transport
	answered time.Time
	reused   bool
	silent   time.Duration
}

// serverLinger is actors' linger.
const serverLinger = 250 * time.Millisecond

// RoundTrip implements http.RoundTripper. One goroutine uses it at a time.
func (p *pauses) RoundTrip(r *http.Request) (*http.Response, error) {
	var mu sync.Mutex // the transport writes on a goroutine of its own
	p.reused, p.silent = false, 0
	trace := &httptrace.ClientTrace{
		GotConn: func(c httptrace.GotConnInfo) { mu.Lock(); defer mu.Unlock(); p.reused = c.Reused },
		WroteRequest: func(httptrace.WroteRequestInfo) {
			mu.Lock()
			defer mu.Unlock()
			p.silent = time.Since(p.answered)
		},
	}
	answer, err := p.Transport.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	mu.Lock()
	defer mu.Unlock()
	if err == nil {
		p.answered = time.Now()
	}
	return answer, err
}

// long reports whether the last request was sent over a connection that its server may have closed.
func (p *pauses) long() bool { return p.reused && p.silent >= serverLinger }

func (l *load) ask(client *http.Client, base, network string, write bool) error {
	if !write {
		if status, answer := send(client, "GET", base+"/v2.0/networks/"+network, ""); status != http.StatusOK {
			return l.failure("GET", status, answer)
		}
		return nil
	}
	status, answer := send(client, "POST", base+"/v2.0/ports", fmt.Sprintf(`{"port": {"network_id": "%s"}}`, network))
	if status != http.StatusCreated {
		return l.failure("POST", status, answer)
	}
	var port struct{ Port struct{ ID string } }
	if err := json.Unmarshal([]byte(answer), &port); err != nil {
		return fmt.Errorf("POST: %w in %q", err, answer)
	}
	l.made.Store(port.Port.ID, true)
	return nil
}

func (l *load) failure(method string, status int, answer string) error {
	if status != 0 {
		l.answered.Add(1)
	}
	return fmt.Errorf("%s: %d %s", method, status, answer)
}

// end stops the clients; a second call does nothing.
func (l *load) end() {
	l.over.Store(true)
	l.clients.Wait()
}

func TestABrokenFileKeepsTheOldConfiguration(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	reload := func(want string) {
		t.Helper()
		p.signal(syscall.SIGHUP)
		p.eventually("the log says "+want, func() bool { return strings.Contains(p.log(), want) })
		if status, body := p.try("GET", "/v2.0/networks", ""); status != 200 {
			t.Errorf("after it: %d %s", status, body)
		}
	}
	p.local("web_framework = pecans")
	reload("Valid values are [legacy, pecan], but found 'pecans'")
	p.local("no equals sign")
	reload(p.path("local.conf") + ":6, No ':' or '=' found in assignment")
	p.local("")
	paste, err := os.ReadFile(p.path("api-paste.ini"))
	if err != nil {
		t.Fatal(err)
	}
	p.write("api-paste.ini", strings.Replace(string(paste), "oslo_middleware:CatchErrors.factory", "my.site:Limiter.factory", 1))
	reload(`unknown factory "my.site:Limiter.factory"`)
	p.write("api-paste.ini", string(paste))
	p.write("policy.yaml", "x: role:a\n\"get_network\": \"!\"\ny: role:a or\n")
	reload(p.path("policy.yaml") + `:3: rule "y": "role:a or": cannot be understood`)
	if status, body := p.try("POST", "/v2.0/networks", `{"network": {"name": "seen"}}`); status != 201 {
		t.Errorf("a network: %d %s", status, body)
	}
	p.write("policy.yaml", "\"get_network\": \"!\"\n")
	p.signal(syscall.SIGHUP)
	p.eventually("the new policy is in force", func() bool {
		status, body := p.try("GET", "/v2.0/networks", "")
		return status == 200 && !strings.Contains(body, "seen")
	})
	p.write("policy.yaml", "")
	p.local("state_path = /\npagination_max_limit = 7")
	reload("Ignoring change to immutable option DEFAULT.state_path")
	reload("Option DEFAULT.pagination_max_limit changed from [None] to [7]")
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestTheFirstStartMakesTheDatabase starts a server in a folder without one.
func TestTheFirstStartMakesTheDatabase(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	if err := os.Remove(p.path("neutron.sqlite")); err != nil {
		t.Fatal(err)
	}
	p.up()
	id := create(t, p.client, "http://"+p.addr, "network", `"name": "n"`)
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	p.up()
	if status, body := p.try("GET", "/v2.0/networks/"+id, ""); status != http.StatusOK {
		t.Errorf("after another start: %d %s", status, body)
	}
}

func TestBootRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		lay    func(p *proc) []string // returns the arguments, nil for the usual ones
		status int
		want   string
	}{
		{"no configuration", func(p *proc) []string { return []string{} }, 1,
			"ERROR: Unable to find configuration file via the default search paths (~/.neutron/, ~/, /etc/neutron/, /etc/) and the '--config-file' option!"},
		{"unknown argument", func(p *proc) []string { return []string{"--nosuch"} }, 2, "neutron-server: error: unrecognized arguments: --nosuch"},
		{"missing file", func(p *proc) []string { return []string{"--config-file", "/nonexistent.conf"} }, 1,
			"Failed to find some config files: /nonexistent.conf"},
		{"bad values, all of them", func(p *proc) []string { p.local("backlog = many\nweb_framework = PECAN"); return nil }, 1,
			"Valid values are [legacy, pecan], but found 'PECAN'"},
		{"unknown factory", func(p *proc) []string {
			p.write("api-paste.ini", "[composite:neutron]\nuse = egg:Paste#urlmap\n/: x\n[app:x]\npaste.app_factory = a:b\n")
			return nil
		}, 1, `api-paste.ini:5: [app:x] unknown factory "a:b"`},
		{"no pipeline for the strategy", func(p *proc) []string { p.local("auth_strategy = ldap"); return nil }, 1, "ldap"},
		{"a filter that is not built", func(p *proc) []string {
			p.write("api-paste.ini", "[pipeline:neutron]\npipeline = f p\n[app:p]\npaste.app_factory = neutron.pecan_wsgi.app:versions_factory\n"+
				"[filter:f]\npaste.filter_factory = neutron.api.extensions:ProjectIdMiddleware.factory\n")
			return nil
		}, 1, "is not built in yet"},
		{"no paste file", func(p *proc) []string { p.local("api_paste_config = gone.ini"); return nil }, 1, "Could not find config at gone.ini (searched: "},
		{"port in use", func(p *proc) []string {
			p.addr = occupied(p.t)
			p.local("")
			return nil
		}, 1, "after trying for 0 seconds"},
		{"state path that is not there", func(p *proc) []string { p.local("state_path = /nonexistent/folder"); return nil }, 1,
			"/nonexistent/folder/neutron.sqlite"},
		{"another core plugin", func(p *proc) []string { p.local("core_plugin = ovs"); return nil }, 1, "Plugin 'ovs' not found"},
		{"another database", func(p *proc) []string {
			p.local("[database]\nconnection = mysql+pymysql://u:hush@h/n")
			return nil
		}, 1, `scheme "mysql+pymysql" is not built in yet`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newProc(t)
			p.launch(c.lay(p)...)
			if status := p.status(); status != c.status {
				t.Errorf("exit status %d, want %d", status, c.status)
			}
			said := p.stderr.String()
			if !strings.Contains(said, c.want) {
				t.Errorf("stderr is %q, want it to contain %q", said, c.want)
			}
			if strings.Contains(said+p.log(), "hush") {
				t.Error("a password was printed")
			}
		})
	}
}

// occupied is an address that somebody else listens on until the test ends.
func occupied(t *testing.T) string {
	t.Helper()
	other := newProc(t)
	other.up()
	return other.addr
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{"--version": "neutron-server 28.0.1", "--help": "--config-file"} {
		p := newProc(t)
		p.launch(arg)
		if status := p.status(); status != 0 || !strings.Contains(p.stderr.String(), want) {
			t.Errorf("%s: status %d, %q", arg, status, p.stderr)
		}
	}
}

func TestTheLogIsOslos(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.local("default_log_levels = neutron.wsgi=INFO")
	p.up()
	r, err := p.client.Get("http://" + p.addr + "/v2.0/networks")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	id := r.Header.Get("X-Openstack-Request-Id")
	p.eventually("the access log has the request", func() bool { return strings.Contains(p.log(), "GET /v2.0/networks") })
	for line := range strings.SplitSeq(p.log(), "\n") {
		if strings.Contains(line, "GET /v2.0/networks") {
			fields := strings.Fields(line)
			if len(fields) < 5 || fields[3] != "INFO" || fields[4] != "neutron.wsgi" || !strings.Contains(line, "[None "+id+" ") ||
				!strings.Contains(line, `127.0.0.1 "GET /v2.0/networks HTTP/1.1" status: 200  len: `) {
				t.Errorf("access log line %q, request id %s", line, id)
			}
		}
	}
	for _, want := range []string{"Logging enabled!", "neutron-server version 28.0.1", "Neutron service started, listening on " + p.addr} {
		if !strings.Contains(p.log(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if err := os.Rename(p.path("server.log"), p.path("old.log")); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGUSR1)
	p.eventually("a new log file is there", func() bool {
		return strings.Contains(p.log(), "GET /v2.0/ports") || first(p.try("GET", "/v2.0/ports", "")) == 0
	})
}

func first(status int, _ string) int { return status }
