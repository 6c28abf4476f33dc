package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-a8f20362/hadron/etc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// shortDir is a folder whose path leaves room for the name of a socket, which t.TempDir may not.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "n")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// through is a client whose every connection goes to that address.
func through(t *testing.T, network, address string) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 16, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// TestTheAPIOnAUnixSocket has the API on a TCP port and a Unix socket: the same data on both, the permissions that were
// asked for, and no file left behind.
func TestTheAPIOnAUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shortDir(t), "api.sock")
	p := newProc(t)
	p.local("[hadron]\nbind_socket = " + path + "\nbind_socket_mode = 0606")
	p.up()
	unixClient := through(t, "unix", path)
	network := create(t, unixClient, "http://localhost", "network", `"name": "over unix"`)
	if status, body := p.try("GET", "/v2.0/networks/"+network, ""); status != 200 || !strings.Contains(body, "over unix") {
		t.Errorf("over TCP: %d %s", status, body)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o606 {
		t.Errorf("%v (%v)", info, err)
	}
	for _, a := range []string{p.addr, "unix:" + path} {
		if !strings.Contains(p.log(), "Neutron service started, listening on "+a+"\n") &&
			!strings.Contains(p.log(), "Neutron service started, listening on "+a) {
			t.Errorf("the log does not name %s", a)
		}
	}
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's file is left behind: %v", err)
	}
}

// TestAnOverlappingAddressIsRefusedAtOnce reloads from one address to all of them at the same port, which the server itself has: it
// does not wait for itself, and goes on where it is. With another port it moves.
func TestAnOverlappingAddressIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	p.up()
	p.whole()
	p.local("bind_host = 0.0.0.0\nretry_until_window = 100000")
	code, _, stderr := p.neutronStatus("--socket", p.path("admin.sock"), "reload")
	if code != 1 || !strings.Contains(stderr, "this server itself listens on "+p.addr+", and two sockets cannot share the port: ") {
		t.Errorf("exit status %d, %q", code, stderr)
	}
	p.client.CloseIdleConnections()
	if status, body := p.try("GET", "/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("where it is: %d %s", status, body)
	}
	p.addr = freeAddress(t)
	p.local("bind_host = 127.0.0.1")
	if code, _, stderr = p.neutronStatus("--socket", p.path("admin.sock"), "reload"); code != 0 {
		t.Errorf("exit status %d, %q", code, stderr)
	}
	p.eventually("it answers at another port", func() bool { status, _ := p.try("GET", "/v2.0/networks", ""); return status == http.StatusOK })
}

func TestABadSocketModeIsNamed(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"rw-rw----", "0668", "01777", "0", ""} {
		_, err := neutrontest.New(context.Background(), neutrontest.Options{Config: "[hadron]\nbind_socket_mode = " + mode})
		if err == nil || !strings.Contains(err.Error(), "is not a file mode: octal digits") {
			t.Errorf("%q: %v", mode, err)
		}
	}
}

// TestTheUnixSocketComesAndGoes adds and removes bind_socket by SIGHUP while clients use TCP and, when it is there, the
// Unix socket: nobody's request fails.
func TestTheUnixSocketComesAndGoes(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	p := newProc(t)
	p.up()
	var over atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer over.Store(true)
	// ask returns when the client has its connection.
	ask := func(client *http.Client, leaving *atomic.Bool) {
		t.Helper()
		var served atomic.Int64
		wg.Go(func() {
			for !over.Load() && !leaving.Load() {
				if status, body := send(client, "GET", "http://"+p.addr+"/v2.0/networks", ""); status != 200 {
					t.Errorf("got %d %s", status, body)
					return
				}
				served.Add(1)
				<-time.After(time.Millisecond)
			}
		})
		p.eventually("the client is served", func() bool { return served.Load() > 0 })
	}
	var never atomic.Bool
	for range 4 {
		ask(through(t, "tcp", p.addr), &never)
	}
	for round := 1; round <= 3; round++ {
		path := filepath.Join(dir, fmt.Sprint(round%2))
		p.local("[hadron]\nbind_socket = " + path)
		p.reload()
		var leaving atomic.Bool
		client := through(t, "unix", path)
		p.eventually("the new socket answers", func() bool {
			status, _ := send(client, "GET", "http://x/", "")
			return status == 200
		})
		ask(client, &leaving)
		if round == 2 {
			continue // the next round moves it to another path, and this client stays on the connection that it has
		}
		leaving.Store(true)
		p.local("")
		p.reload()
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the file of the removed socket: %v", err)
		}
	}
	p.local("[hadron]\nbind_socket = " + filepath.Join(dir, "none", "s"))
	p.signal(syscall.SIGHUP)
	p.eventually("the reload is refused", func() bool { return strings.Contains(p.log(), "reload failed") })
}

// reload sends SIGHUP and returns when the configuration is in force.
func (p *proc) reload() {
	p.t.Helper()
	const done = "configuration reloaded"
	before := strings.Count(p.log(), done)
	p.signal(syscall.SIGHUP)
	p.eventually("the reload is done", func() bool { return strings.Count(p.log(), done) > before })
}

// TestAddresses binds addresses of every kind and asks through each that should answer.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for host, clients := range map[string][]string{
		"::1":       {"[::1]"},
		"::":        {"[::1]", "127.0.0.1"},
		"0.0.0.0":   {"127.0.0.1", "127.0.0.2"},
		"localhost": {"localhost"},
		"scoped":    nil,
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			if host == "scoped" {
				if host = linkLocal(t); host == "" {
					t.Skip("no interface has a link-local address")
				}
				clients = []string{"[" + host + "]"}
			}
			s := neutrontest.Start(t, neutrontest.Options{Config: "bind_host = " + host})
			_, port, err := net.SplitHostPort(s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range clients {
				if status, body := send(through(t, "tcp", c+":"+port), "GET", "http://x/v2.0/networks", ""); status != 200 {
					t.Errorf("through %s: %d %s", c, status, body)
				}
			}
		})
	}
}

// linkLocal is an fe80:: address with its scope id, "" where there is none.
func linkLocal(t *testing.T) string {
	t.Helper()
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		addrs, err := i.Addrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addrs {
			if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() == nil && ip.IP.IsLinkLocalUnicast() {
				return ip.IP.String() + "%" + i.Name
			}
		}
	}
	return ""
}

// activateAll starts the process with several sockets of a service manager, all of one name as those of one unit are.
func (p *proc) activateAll(sockets ...*os.File) {
	p.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	names := strings.TrimPrefix(strings.Repeat(":api.socket", len(sockets)), ":")
	cmd := exec.Command("sh", "-c", fmt.Sprintf(`LISTEN_PID=$$ LISTEN_FDS=%d LISTEN_FDNAMES=%s exec "$0" "$@"`, len(sockets), names),
		exe, "--config-file", p.path("neutron.conf"), "--config-file", p.path("local.conf"))
	cmd.ExtraFiles = sockets
	p.begin(cmd)
}

// file returns a socket as a service manager holds it, and where it is.
func file(t *testing.T, network, address string) (*os.File, string) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	f, err := l.(interface{ File() (*os.File, error) }).File()
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, l.Addr().String()
}

// TestSocketsOfTheServiceManager starts the server on three sockets that are bound already, beside bind_socket: all of
// them answer, also after a reload, and the service manager's file stays.
func TestSocketsOfTheServiceManager(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	mine, theirs := filepath.Join(dir, "mine"), filepath.Join(dir, "theirs")
	f1, a1 := file(t, "tcp", "127.0.0.1:0")
	f2, a2 := file(t, "tcp", "127.0.0.1:0")
	f3, _ := file(t, "unix", theirs)
	p := newProc(t)
	p.addr = a1
	p.local("bind_port = 1\n[hadron]\nbind_socket = " + mine)
	p.activateAll(f1, f2, f3)
	all := map[string]*http.Client{"first": through(t, "tcp", a1), "second": through(t, "tcp", a2), "third": through(t, "unix", theirs),
		"bind_socket": through(t, "unix", mine)}
	for range 2 {
		for name, client := range all {
			p.eventually("the "+name+" socket answers", func() bool {
				status, _ := send(client, "GET", "http://x/v2.0/networks", "")
				return status == 200
			})
		}
		p.reload()
	}
	p.signal(syscall.SIGTERM)
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := os.Lstat(theirs); err != nil {
		t.Errorf("the service manager's socket: %v", err)
	}
	if _, err := os.Lstat(mine); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the server's own: %v", err)
	}
}

// TestOutOfDescriptors takes every descriptor of a server process: it says so, and serves again when it has some.
func TestOutOfDescriptors(t *testing.T) {
	t.Parallel()
	p := newProc(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const limit = 100
	p.begin(exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, limit), exe,
		"--config-file", p.path("neutron.conf"), "--config-file", p.path("local.conf")))
	p.eventually("the server answers", func() bool { status, _ := p.try("GET", "/v2.0/networks", ""); return status == 200 })
	p.whole()
	p.client.CloseIdleConnections()
	var held []net.Conn
	for range 2 * limit {
		c, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		held = append(held, c)
	}
	p.eventually("the log names the shortage", func() bool {
		return strings.Contains(p.log(), "accepting a connection failed, trying again") && strings.Contains(p.log(), unix.EMFILE.Error())
	})
	for _, c := range held {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	p.eventually("it serves again", func() bool { status, _ := p.try("GET", "/v2.0/networks", ""); return status == 200 })
	if log := p.log(); strings.Contains(log, "actor failed") || strings.Contains(log, "actor restarted") {
		t.Error("a part of the tree did not survive")
	}
}

type ancestor interface {
	Inheritable() map[string]syscall.Conn
}

// heir boots a server on the sockets that another one hands over.
func heir(t *testing.T, from ancestor, heritage supervisor.Heritage, config string) *supervisor.Server {
	t.Helper()
	var inherited []process.Socket
	sockets := from.Inheritable()
	for _, name := range slices.Sorted(maps.Keys(sockets)) { // as package process passes them
		c := sockets[name]
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Control(func(fd uintptr) {
			dup, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 3)
			if err != nil {
				t.Error(err)
			}
			inherited = append(inherited, process.Socket{Name: name, File: os.NewFile(uintptr(dup), name)})
		}); err != nil {
			t.Fatal(err)
		}
	}
	return bootOn(t, inherited, heritage, config)
}

// bootOn boots a server that was given sockets, and closes its caller's copies of them.
func bootOn(t *testing.T, inherited []process.Socket, heritage supervisor.Heritage, config string) *supervisor.Server {
	t.Helper()
	files := fstest.MapFS{"etc/neutron/neutron.conf.d/test.conf": {Data: []byte(config)}}
	for _, name := range []string{"neutron.conf", "api-paste.ini"} {
		data, err := fs.ReadFile(etc.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		files["etc/neutron/"+name] = &fstest.MapFile{Data: data}
	}
	s, err := supervisor.Boot(context.Background(), supervisor.Options{
		Source: conf.FileSystem(files), Log: logging.ForTest(t), Inherited: inherited, Heritage: heritage,
	})
	for _, i := range inherited {
		err = errors.Join(err, i.File.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// heirConfig is what the heirs of these tests need beside the addresses.
const heirConfig = "\n[DEFAULT]\nretry_until_window = 0\ngraceful_shutdown_timeout = 10\n[database]\nconnection = sqlite://\n[hadron]\nadmin_socket =\n"

// TestASuccessorTakesTheSocketsOver boots a server on the sockets of another, under load on both: no request fails when the
// first one ends, and the file of the Unix socket is there until the second one ends.
func TestASuccessorTakesTheSocketsOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shortDir(t), "s")
	old, err := neutrontest.New(context.Background(), neutrontest.Options{Log: logging.ForTest(t), Config: "[hadron]\nbind_socket = " + path})
	if err != nil {
		t.Fatal(err)
	}
	addr := old.Addr().String()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	var over atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer over.Store(true)
	for _, client := range []*http.Client{through(t, "tcp", addr), through(t, "unix", path)} {
		wg.Go(func() {
			for !over.Load() {
				if status, body := send(client, "GET", "http://x/v2.0/networks", ""); status != 200 {
					t.Errorf("got %d %s", status, body)
				}
			}
		})
	}
	next := heir(t, old, supervisor.Succeeded, heirConfig+"bind_socket = "+path+"\n[DEFAULT]\nbind_host = 127.0.0.1\nbind_port = "+port+"\n")
	for _, c := range old.Inheritable() {
		c.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false) // as process.Upgrade does
	}
	if err := errors.Join(next.OwnSocketFiles(), old.Stop(context.Background())); err != nil {
		t.Error(err)
	}
	over.Store(true)
	wg.Wait()
	if got := next.Addr().String(); got != addr {
		t.Errorf("the successor listens on %s", got)
	}
	for network, address := range map[string]string{"tcp": addr, "unix": path} {
		if status, body := send(through(t, network, address), "GET", "http://x/v2.0/networks", ""); status != 200 {
			t.Errorf("%s, from the successor: %d %s", network, status, body)
		}
	}
	if err := next.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the successor left the file behind: %v", err)
	}
}

// TestAWorkerAcceptsOnWhatItIsGiven boots a worker with a configuration that says something else.
func TestAWorkerAcceptsOnWhatItIsGiven(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	parent := neutrontest.Start(t, neutrontest.Options{Config: "[hadron]\nbind_socket = " + path})
	worker := heir(t, parent, supervisor.Assigned, heirConfig+"bind_socket = "+filepath.Join(dir, "other")+"\n[DEFAULT]\nbind_port = 1\n")
	if got, want := fmt.Sprint(worker.Addrs()), fmt.Sprint(parent.Addrs()); got != want {
		t.Errorf("the worker listens on %s, want %s", got, want)
	}
	if err := worker.Reload(context.Background()); err != nil {
		t.Error(err)
	}
	if err := worker.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if status, body := send(through(t, "unix", path), "GET", "http://x/v2.0/networks", ""); status != 200 {
		t.Errorf("the parent after the end of its worker: %d %s", status, body)
	}
}

// TestASuccessorKeepsActivatedSockets takes over from a server that a service manager has activated: the sockets still
// stand for bind_host and bind_port.
func TestASuccessorKeepsActivatedSockets(t *testing.T) {
	t.Parallel()
	f1, a1 := file(t, "tcp", "127.0.0.1:0")
	f2, a2 := file(t, "tcp", "127.0.0.1:0")
	config := heirConfig + "[DEFAULT]\nbind_port = 1\n"
	first := bootOn(t, []process.Socket{{Name: "x", File: f1}, {Name: "x", File: f2}}, supervisor.Activated, config)
	second := heir(t, first, supervisor.Succeeded, config)
	third := heir(t, second, supervisor.Succeeded, config)
	if err := errors.Join(first.Stop(context.Background()), second.Stop(context.Background())); err != nil {
		t.Error(err)
	}
	if got, want := fmt.Sprint(third.Addrs()), fmt.Sprint([]string{a1, a2}); got != want {
		t.Errorf("the third listens on %s, want %s", got, want)
	}
	for _, a := range []string{a1, a2} {
		if status, body := get("http://" + a + "/v2.0/networks"); status != 200 {
			t.Errorf("%s: %d %s", a, status, body)
		}
	}
	if err := third.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}
