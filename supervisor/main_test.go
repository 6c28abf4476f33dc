package supervisor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// asServer makes the test binary be the server, under the name that is its value: the processes of these tests are itself,
// started again.
const asServer = "HADRON_TEST_AS_SERVER"

// withFaults names the folder whose files are the faults of such a server and its worker processes, see faultsOf.
const withFaults = "HADRON_TEST_FAULTS"

func TestMain(m *testing.M) {
	if name := os.Getenv(asServer); name != "" {
		os.Args[0] = name
		os.Exit(supervisor.Run(os.Args, os.Stdout, os.Stderr, func(o *supervisor.Options) {
			for _, adjust := range []func(*supervisor.Options){faultsOf(os.Getenv(withFaults)), holdsOf(os.Getenv(withHolds))} {
				if adjust != nil {
					adjust(o)
				}
			}
		}))
	}
	goleak.VerifyTestMain(m)
}

// schema is the database of a server that has been started once. Making it anew is most of what the first start of a server costs,
// and its tests are elsewhere.
var schema = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "schema")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "neutron.sqlite")
	s, err := neutrontest.New(context.Background(), neutrontest.Options{Database: "sqlite:///" + file})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Stop(context.Background()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	data, err := os.ReadFile(file)
	return data, errors.Join(err, os.RemoveAll(dir))
})

// long leaves a test out of a short run, which is for doing the rest many times.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}

// patience is how long a test waits for what ought to come at once, before it calls it missing. A machine may have ten times as much
// to do as it can, and what takes long on it is not wrong.
const patience = 4 * time.Minute

// proc is a server process with a folder of its own.
type proc struct {
	t      *testing.T
	dir    string
	addr   string
	name   string // of the program
	client *http.Client
	env    []string // besides what every test needs
	cmd    *exec.Cmd
	stderr *output
	exited chan struct{}
}

// output is what a process and its successors have printed. It is a file: the end of a pipe would be waited for, and a
// successor keeps it open.
type output struct {
	t    *testing.T
	file *os.File
}

func newOutput(t *testing.T) *output {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // nothing is written through it
	return &output{t, f}
}

func (o *output) String() string {
	data, err := os.ReadFile(o.file.Name())
	if err != nil {
		o.t.Error(err)
	}
	return string(data)
}

// newProc lays out the folder: the shipped files, an empty database, and local.conf with a free port.
func newProc(t *testing.T) *proc {
	t.Helper()
	p := &proc{t: t, dir: t.TempDir(), addr: freeAddress(t), name: "neutron-server"}
	p.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience}
	t.Cleanup(p.client.CloseIdleConnections)
	for _, name := range []string{"neutron.conf", "api-paste.ini"} {
		data, err := os.ReadFile(filepath.Join("..", "etc", "neutron", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "neutron.conf" { // a line for each of a hundred thousand requests keeps nobody busy but the disk
			data = append(data, "\n[DEFAULT]\ndefault_log_levels = neutron.wsgi=WARNING\n[quotas]\nquota_port = -1\n"...)
		}
		p.write(name, string(data))
	}
	data, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	p.write("neutron.sqlite", string(data))
	p.local("")
	return p
}

// given has the addresses handed out so far.
var given sync.Map

// freeAddress is an address that nobody listens on. Its port is below those that the kernel gives to whoever asks for any: one of
// them could be somebody else's before the process that it was meant for has bound it.
func freeAddress(t *testing.T) string {
	t.Helper()
	for {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(12000)))
		if _, taken := given.LoadOrStore(addr, true); taken {
			continue
		}
		l, err := net.Listen("tcp", addr)
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return addr
	}
}

func (p *proc) path(name string) string { return filepath.Join(p.dir, name) }

// write replaces a file in one step: the process may be reading it.
func (p *proc) write(name, text string) {
	p.t.Helper()
	next := p.path(name + ".next")
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(next, p.path(name)); err != nil {
		p.t.Fatal(err)
	}
}

// local writes local.conf: what every test needs, and more lines of [DEFAULT].
func (p *proc) local(more string) { p.localAs("local.conf", more) }

func (p *proc) localAs(name, more string) {
	p.t.Helper()
	_, port, err := net.SplitHostPort(p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(name, fmt.Sprintf("[DEFAULT]\nbind_port = %s\nstate_path = %s\nlog_file = %s\nretry_until_window = 0\n%s\n",
		port, p.dir, p.path("server.log"), more))
}

// launch starts the process with these arguments, or those that read the folder's files.
func (p *proc) launch(args ...string) {
	p.t.Helper()
	if args == nil {
		args = []string{"--config-file", p.path("neutron.conf"), "--config-file", p.path("local.conf")}
	}
	exe, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	p.begin(exec.Command(exe, args...))
}

// activate starts the process as systemd does, with a listening socket as descriptor 3. LISTEN_PID must be the pid of the
// process, which a shell knows before it becomes the server.
func (p *proc) activate(socket *os.File) {
	p.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`, exe, "--config-file", p.path("neutron.conf"),
		"--config-file", p.path("local.conf"))
	cmd.ExtraFiles = []*os.File{socket}
	p.begin(cmd)
}

func (p *proc) begin(cmd *exec.Cmd) {
	p.t.Helper()
	p.cmd = cmd
	p.cmd.Env = append([]string{asServer + "=" + p.name, "HOME=" + p.path("home")}, p.env...)
	p.cmd.Dir = p.dir
	p.stderr = newOutput(p.t)
	p.cmd.Stdout, p.cmd.Stderr = p.stderr.file, p.stderr.file
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		defer close(exited)
		_ = cmd.Wait() // the status is read from ProcessState
	}(p.cmd, p.exited)
	p.t.Cleanup(func() { p.kill(); p.show() })
}

func (p *proc) kill() {
	workers := childrenOf(p.t, p.cmd.Process.Pid)
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.exited
	for pid := range workers { // they notice
		p.gone(pid)
	}
}

// show prints what the process said, for a test that failed.
func (p *proc) show() {
	if p.t.Failed() {
		p.t.Logf("stderr:\n%s\nlog:\n%s", p.stderr, tail(p.log(), 4000))
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (p *proc) log() string {
	data, err := os.ReadFile(p.path("server.log"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Error(err)
	}
	return string(data)
}

// up starts the process and returns when it answers.
func (p *proc) up() {
	p.t.Helper()
	p.launch()
	p.eventually("the server answers", func() bool {
		status, _ := p.try("GET", "/", "")
		return status == http.StatusOK
	})
}

// eventually polls until ok; what is named when it gives up or the process ends first.
func (p *proc) eventually(what string, ok func() bool) {
	p.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-p.exited:
			p.t.Fatalf("%s: the process ended with %s\n%s", what, p.cmd.ProcessState, p.stderr)
		case <-deadline:
			p.t.Fatalf("gave up waiting: %s", what)
		}
	}
}

// whole waits until every part of the server is up, its admin socket included.
func (p *proc) whole() {
	p.t.Helper()
	p.eventually("the server is ready", func() bool {
		r, err := admin.NewClient(p.path("admin.sock")).Ready(context.Background())
		return err == nil && r.Ready
	})
}

func (p *proc) signal(sig syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// status waits for the end of the process and returns its exit status.
func (p *proc) status() int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("the process does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// try sends a request and returns status and body; status 0 is an error, with its text as body.
func (p *proc) try(method, path, body string) (int, string) {
	return send(p.client, method, "http://"+p.addr+path, body)
}

func send(client *http.Client, method, url, body string) (int, string) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(data)
}

// create makes a resource and returns its id.
func create(t *testing.T, client *http.Client, base, name, body string) string {
	t.Helper()
	status, answer := send(client, "POST", base+"/v2.0/"+name+"s", fmt.Sprintf(`{"%s": {%s}}`, name, body))
	if status != http.StatusCreated {
		t.Fatalf("create %s: %d %s", name, status, answer)
	}
	var made map[string]struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &made); err != nil {
		t.Fatal(err)
	}
	return made[name].ID
}
