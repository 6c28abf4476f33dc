package process

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func newSystem() *actor.ActorSystem {
	return actor.NewActorSystem(actor.WithDeadLetterThrottleInterval(time.Millisecond),
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }))
}

// stage is a tree of processes, with a ledger of their starts and ends.
type stage struct {
	t    testing.TB
	l    *net.TCPListener
	root *otp.Root
	role atomic.Value // string: what the next process plays
	url  string       // of the socket

	mu      sync.Mutex // guards the fields below
	started []int
	ended   map[int]*ExitError
	events  []otp.Event
}

// newStage binds a socket; nothing runs yet.
func newStage(t testing.TB, role string) *stage {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, l: l.(*net.TCPListener), url: "http://" + l.Addr().String(), ended: make(map[int]*ExitError)}
	s.role.Store(role)
	t.Cleanup(func() { s.l.Close() })
	return s
}

// spec is that of one process: it plays the role that is current at its start.
func (s *stage) spec() Spec {
	return Spec{
		Title: "stage: api worker", Args: []string{"--config-file", "x"},
		Listeners:    map[string]syscall.Conn{"api": s.l},
		StopTimeout:  10 * time.Second,
		StartTimeout: 20 * time.Second,
		Prepare: func(p *Spec) error {
			p.Env = append(p.Env, roleVar+"="+s.role.Load().(string))
			return nil
		},
		OnStart: func(pid int) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.started = append(s.started, pid)
		},
		OnExit: func(e *ExitError) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.ended[e.PID] = e
		},
	}
}

// open starts children named 1, 2, ... under the supervisor "top". Each may change the common spec.
func (s *stage) open(n int, change func(*Spec, *otp.ChildSpec)) error {
	spec, child := s.spec(), otp.ChildSpec{Shutdown: 20 * time.Second}
	if change != nil {
		change(&spec, &child)
	}
	if child.New == nil {
		child.New = Child(spec)
	}
	var children []otp.ChildSpec
	for i := range n {
		child.ID = fmt.Sprint(i + 1)
		children = append(children, child)
	}
	system := newSystem()
	s.t.Cleanup(system.Shutdown)
	root, err := otp.Start(system, "top", otp.Spec{Intensity: 1000, Children: children}, otp.WithOnEvent(func(e otp.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	}))
	s.root = root
	return err
}

// mustOpen opens, and closes when the test ends.
func (s *stage) mustOpen(n int, change func(*Spec, *otp.ChildSpec)) {
	s.t.Helper()
	if err := s.open(n, change); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(s.close)
}

// close stops the tree and balances the ledger: every process that was started has been reaped.
func (s *stage) close() {
	s.t.Helper()
	if err := s.root.Shutdown(context.Background()); err != nil {
		s.t.Error(err)
	}
	s.balance()
}

func (s *stage) balance() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pid := range s.started {
		if s.ended[pid] == nil {
			s.t.Errorf("process %d was not reaped", pid)
		}
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
			s.t.Errorf("process %d is still there", pid)
		}
	}
	if len(s.started) != len(s.ended) {
		s.t.Errorf("%d started, %d ended", len(s.started), len(s.ended))
	}
}

func (s *stage) exit(pid int) *ExitError {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended[pid]
}

func (s *stage) failures() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.Type == otp.EventFailed {
			n++
		}
	}
	return n
}

// query asks a child for its Info.
func query(root *otp.Root, path string) (Info, error) {
	reply := make(chan Info, 1)
	if err := root.Send(path, Query{Reply: reply}); err != nil {
		return Info{}, err
	}
	select {
	case i := <-reply:
		return i, nil
	case <-time.After(2 * time.Second):
		return Info{}, fmt.Errorf("%s does not answer", path)
	}
}

// pid waits until the child has a process other than the given ones.
func (s *stage) pid(path string, but ...int) int {
	s.t.Helper()
	var info Info
	eventually(s.t, "a process of "+path, func() bool {
		var err error
		info, err = query(s.root, path)
		return err == nil && !slices.Contains(but, info.PID)
	})
	return info.PID
}

func (s *stage) replace(path string) (Replacement, error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	return Replace(ctx, s.root, path)
}

// eventually polls until ok, which it names when it gives up.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("gave up waiting: %s", what)
		}
	}
}

// alive says whether the process is there and no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	return len(rest) > 0 && rest[0] != 'Z' && rest[0] != 'X'
}

func kill(t testing.TB, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatal(err)
	}
}

// ask gets JSON from url over a connection of its own.
func ask(t testing.TB, url string, into any) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %d %s %v", url, r.StatusCode, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("GET %s: %q: %v", url, body, err)
	}
}

// load are clients that post over keep-alive connections and never try again.
type load struct {
	ok, failed atomic.Int64
	first      atomic.Value // error
	stop       chan struct{}
	wg         sync.WaitGroup
	client     *http.Client
}

func newLoad(url string, clients int) *load {
	l := &load{stop: make(chan struct{}), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}}
	for range clients {
		l.wg.Go(func() {
			for {
				select {
				case <-l.stop:
					return
				default:
					l.post(url)
				}
			}
		})
	}
	return l
}

// post sends a body that cannot be rewound, so that net/http has no second try either.
func (l *load) post(url string) {
	r, err := l.client.Post(url, "text/plain", io.NopCloser(strings.NewReader("x")))
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if err != nil {
		l.failed.Add(1)
		l.first.CompareAndSwap(nil, err)
		return
	}
	l.ok.Add(1)
}

func (l *load) end() (ok, failed int64) {
	close(l.stop)
	l.wg.Wait()
	l.client.CloseIdleConnections()
	return l.ok.Load(), l.failed.Load()
}

// descriptorCount is how many descriptors this process has.
func descriptorCount(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
