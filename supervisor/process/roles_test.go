package process

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// roleVar makes the test binary another program.
const roleVar = "PROCESS_TEST_ROLE"

func TestMain(m *testing.M) {
	roles := map[string]func() int{
		"web": web, "fail": fail, "die": die, "babble": babble, "mute": mute, "deaf": deaf, "stubborn": stubborn,
		"house": house, "descriptors": descriptors, "reader": reader, "bequeath": bequeath, "sleep": sleep,
	}
	if role := os.Getenv(roleVar); role != "" {
		os.Exit(roles[role]())
	}
	goleak.VerifyTestMain(m)
}

// parentOf is Inherited for a role, which is always started by somebody.
func parentOf() *Parent {
	p, err := Inherited()
	if err != nil || p == nil {
		fmt.Fprintln(os.Stderr, "no parent:", err)
		os.Exit(99)
	}
	return p
}

// fail says why it does not start.
func fail() int {
	if err := parentOf().Failed(errors.New("no database\nat all")); err != nil {
		return 98
	}
	return 1
}

func die() int { return 3 }

func babble() int {
	if err := parentOf().say("hello"); err != nil {
		return 98
	}
	return 0
}

// mute never becomes ready.
func mute() int {
	<-parentOf().Lifeline()
	return 1
}

// deaf is ready and ignores its lifeline.
func deaf() int {
	if err := parentOf().Ready(); err != nil {
		return 98
	}
	select {}
}

// stubborn ignores SIGTERM.
func stubborn() int {
	signal.Ignore(syscall.SIGTERM)
	p := parentOf()
	if err := p.Ready(); err != nil {
		return 98
	}
	<-p.Lifeline()
	return 1
}

// reader says what it has found on its standard input, as the reason not to start.
func reader() int {
	p := parentOf()
	info, err := os.Stdin.Stat()
	if err != nil {
		return 97
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 96
	}
	if err := p.Failed(fmt.Errorf("stdin %s of %d bytes, %x", info.Mode().Type(), len(input), sha256.Sum256(input))); err != nil {
		return 98
	}
	return 1
}

// bequeath leaves its standard input to a process that outlives it.
func bequeath() int {
	p := parentOf()
	heir := exec.Command("/proc/self/exe")
	heir.Env, heir.Stdin = append(os.Environ(), roleVar+"=sleep"), os.Stdin
	if err := heir.Start(); err != nil {
		return 97
	}
	if err := p.Failed(fmt.Errorf("heir %d", heir.Process.Pid)); err != nil {
		return 98
	}
	return 1
}

// sleep is meant to be killed; it would not stay for ever without.
func sleep() int {
	time.Sleep(time.Minute)
	return 0
}

// descriptors prints what it has beyond stdio.
func descriptors() int {
	if err := json.NewEncoder(os.Stdout).Encode(self(0)); err != nil {
		return 98
	}
	return 0
}

// report is what a process knows about itself.
type report struct {
	PID, Parent, HUPs int
	Args, FDs, Env    []string
}

// self lists descriptors from 3 on, without those of the runtime.
func self(hups int) report {
	r := report{PID: os.Getpid(), Parent: os.Getppid(), HUPs: hups, Args: os.Args, Env: os.Environ()}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || len(e.Name()) == 1 && e.Name() < "3" || strings.HasPrefix(target, "anon_inode:") {
			continue // that of ReadDir itself; stdio; epoll and eventfd
		}
		r.FDs = append(r.FDs, target)
	}
	return r
}

// site is an HTTP server that leaves without failing a request: it closes its duplicate of the socket, answers with
// "Connection: close", and shuts down when its last connection has gone.
type site struct {
	hups     atomic.Int64
	stopping atomic.Bool
	leave    chan struct{} // gets a value when it is to go
	changed  chan struct{} // gets a value whenever a connection has gone

	mu    sync.Mutex // guards conns
	conns map[net.Conn]bool
}

func newSite() *site {
	return &site{leave: make(chan struct{}, 1), changed: make(chan struct{}, 1), conns: make(map[net.Conn]bool)}
}

func (s *site) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateClosed && state != http.StateHijacked {
		s.conns[c] = true
		return
	}
	delete(s.conns, c)
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (s *site) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *site) drain(server *http.Server, l net.Listener, served <-chan error) int {
	s.stopping.Store(true)
	if err := l.Close(); err != nil {
		return 97
	}
	<-served
	limit := time.After(10 * time.Second)
	for s.open() > 0 {
		select {
		case <-s.changed:
		case <-limit:
			return 96
		}
	}
	if err := server.Shutdown(context.Background()); err != nil {
		return 95
	}
	return 0
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		w.Header().Set("Connection", "close")
	}
	var answer any = os.Getpid()
	switch r.URL.Path {
	case "/self":
		answer = self(int(s.hups.Load()))
	case "/grandchild":
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), roleVar+"=descriptors")
		out, err := cmd.Output()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer = json.RawMessage(out)
	case "/exit":
		os.Exit(4)
	}
	_ = json.NewEncoder(w).Encode(answer) // an error is the client's
}

// web serves HTTP on the socket "api" until SIGTERM, or until it is asked to put a successor in its place.
func web() int {
	p := parentOf()
	l, err := p.Listener("api")
	if err != nil {
		_ = p.Failed(err)
		return 1
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	s := newSite()
	mux := http.NewServeMux()
	mux.Handle("/", s)
	mux.HandleFunc("/upgrade", func(w http.ResponseWriter, r *http.Request) { s.upgrade(w, r, l.(syscall.Conn)) })
	server := &http.Server{Handler: mux, ConnState: s.track}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	if err := p.Ready(); err != nil {
		return 98
	}
	for {
		select {
		case <-p.Lifeline():
			return 1
		case <-s.leave:
			return s.drain(server, l, served)
		case sig := <-signals:
			if sig == syscall.SIGTERM {
				return s.drain(server, l, served)
			}
			s.hups.Add(1)
		}
	}
}

// upgrade answers with the pid of the successor.
func (s *site) upgrade(w http.ResponseWriter, r *http.Request, l syscall.Conn) {
	w.Header().Set("Connection", "close")
	successor, err := Upgrade(r.Context(), Spec{Title: "web: next", Listeners: map[string]syscall.Conn{"api": l},
		Env: []string{roleVar + "=" + r.FormValue("role")}, StartTimeout: time.Duration(len(r.FormValue("patience"))) * 100 * time.Millisecond})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	s.leave <- struct{}{}
	_ = json.NewEncoder(w).Encode(successor.PID()) // an error is the client's
}

// house is a whole parent: a socket, three workers under a supervisor. Its first line of output is the address and the
// pids. It has no way to stop but a signal that kills it.
func house() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 90
	}
	spec := Spec{Title: "house: worker", Listeners: map[string]syscall.Conn{"api": l.(syscall.Conn)}, Env: []string{roleVar + "=web"}}
	deafSpec := Spec{DeathSignal: syscall.SIGKILL, Env: []string{roleVar + "=deaf"}}
	root, err := otp.Start(newSystem(), "house", otp.Spec{Children: []otp.ChildSpec{
		{ID: "1", New: Child(spec)}, {ID: "2", New: Child(spec)}, {ID: "3", New: Child(spec)}, {ID: "deaf", New: Child(deafSpec)},
	}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 91
	}
	fmt.Print(l.Addr())
	for _, id := range []string{"1", "2", "3", "deaf"} {
		info, err := query(root, "house/"+id)
		if err != nil {
			return 92
		}
		fmt.Print(" ", info.PID)
	}
	fmt.Println()
	select {}
}
