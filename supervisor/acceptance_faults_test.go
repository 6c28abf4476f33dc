package supervisor_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// The acceptance tests hold real processes at real places. A process and its test meet in files of the process's folder: a
// request with the header Fault says that it has begun, and goes on when it may.
const (
	holdHeader = "Fault"
	stick      = "stick" // value of the header: never goes on, whatever happens to its connection
)

// withHolds makes the test binary be a server whose requests, workers and supervisors can be held. With the value crash none of
// its workers can start.
const (
	withHolds = "HADRON_TEST_HOLDS"
	crash     = "crash"
)

// holdsOf adds what holds.
func holdsOf(value string) func(*supervisor.Options) {
	if value == "" {
		return nil
	}
	return addHolds
}

func addHolds(o *supervisor.Options) {
	o.Wrap = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hold(r.Header.Get(holdHeader))
			next.ServeHTTP(w, r)
		})
	}
	o.Subscribe = func(p *callbacks.Process) error {
		return errors.Join(
			p.OnBeforeSpawn("fault", callbacks.PriorityDefault, beforeSpawn),
			p.OnAfterInit("fault", callbacks.PriorityDefault, initWorker),
			p.OnAfterSpawn("fault", callbacks.PriorityDefault, func(context.Context) error { note("after_spawn"); return nil }))
	}
}

// hold says that a request has begun, and waits until it may go on.
func hold(fault string) {
	if fault == "" {
		return
	}
	note("begun-" + fault)
	switch d, err := time.ParseDuration(fault); {
	case err == nil:
		time.Sleep(d)
	case fault == stick:
		select {}
	default:
		for !there("go-" + fault) {
			time.Sleep(time.Millisecond)
		}
	}
}

// beforeSpawn runs once in the life of a server, in the process that has the tree.
func beforeSpawn(ctx context.Context) error {
	note("before_spawn")
	go execute(ctx.(otp.Context).Root())
	ctx.(otp.Context).Root().System().EventStream.Subscribe(func(any) { // on the goroutine of the supervisor that it comes from
		if there("hang") {
			note("hangs")
		}
		for there("hang") {
			time.Sleep(time.Millisecond)
		}
	})
	return nil
}

// execute ends the actors whose path a test writes into the file die, as a crash of their own would.
func execute(root *otp.Root) {
	for range time.Tick(20 * time.Millisecond) {
		path, err := os.ReadFile("die")
		if err != nil {
			continue
		}
		if pid, ok := root.PID(string(path)); ok && os.Remove("die") == nil {
			root.System().Root.Stop(pid)
		}
	}
}

// initWorker runs at AFTER_INIT of every worker.
func initWorker(ctx context.Context, w callbacks.Worker) error {
	if os.Getenv(withHolds) == crash {
		return errors.New("injected: " + w.Kind + " cannot start")
	}
	if name := "late-" + w.Kind; there(name) {
		note("waits-" + w.Kind)
		for there(name) {
			time.Sleep(time.Millisecond)
		}
	}
	note(fmt.Sprintf("init-%s-%d", w.Kind, os.Getpid()))
	return nil
}

// note adds a line to a file of the process's folder.
func note(name string) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		panic(err)
	}
}

func there(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// notes counts how often that was noted.
func (p *proc) notes(name string) int {
	data, err := os.ReadFile(p.path(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.t.Error(err)
	}
	return strings.Count(string(data), "\n")
}

// isolations runs a test with workers that are actors, and with workers that are processes. The process can be held, and is
// not started yet.
func isolations(t *testing.T, test func(t *testing.T, p *proc, isolation string)) {
	t.Helper()
	for _, isolation := range []string{"actor", "process"} {
		t.Run(isolation, func(t *testing.T) {
			t.Parallel()
			p := holding(t)
			p.under(isolation, "")
			test(t, p, isolation)
		})
	}
}

// holding is a process that can be held.
func holding(t *testing.T) *proc {
	t.Helper()
	p := newProc(t)
	p.env = append(p.env, withHolds+"=1")
	return p
}

// under writes local.conf for that kind of workers, with more lines of [DEFAULT]: two API workers and one of each other kind.
func (p *proc) under(isolation, more string) {
	p.t.Helper()
	p.local(strings.Replace(fmt.Sprintf(isolated, more), "worker_isolation = process", "worker_isolation = "+isolation, 1))
}

// started starts the process and waits until every part of it is there.
func (p *proc) started(isolation string) {
	p.t.Helper()
	p.up()
	p.whole()
	if isolation == "process" {
		p.eventually("all workers are there", p.settled)
	}
}

// conn is a connection that a test speaks HTTP on by hand.
type conn struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
}

func (p *proc) dial() *conn {
	p.t.Helper()
	c, err := net.Dial("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Close() }) // it may be closed already
	return &conn{c, p.t, bufio.NewReader(c)}
}

// send sends the head of a request that is held at fault, and the beginning of its body.
func (c *conn) send(method, path, fault, more string) {
	c.t.Helper()
	if fault != "" {
		more = holdHeader + ": " + fault + "\r\n" + more
	}
	if _, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\n%s", method, path, more); err != nil {
		c.t.Fatal(err)
	}
}

// get is a whole request without a body.
func (c *conn) get(fault string) { c.send("GET", "/v2.0/networks", fault, "\r\n") }

// answer reads an answer. Its status is 0 when the connection is cut.
func (c *conn) answer() (status int, r *http.Response) {
	c.t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
	r, err := http.ReadResponse(c.r, nil)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatal("no answer comes")
	}
	if err != nil {
		return 0, nil
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return 0, nil
	}
	return r.StatusCode, r
}

// begun sends a request that is held, and waits until a handler has it.
func (p *proc) begun(fault string) *conn {
	p.t.Helper()
	before := p.notes("begun-" + fault)
	c := p.dial()
	c.get(fault)
	p.eventually("a handler has the request", func() bool { return p.notes("begun-"+fault) > before })
	return c
}

// idle is a connection whose first request has been answered.
func (p *proc) idle() *conn {
	p.t.Helper()
	c := p.dial()
	c.get("")
	if status, _ := c.answer(); status != http.StatusOK {
		p.t.Fatalf("status %d", status)
	}
	return c
}

// halfSent is a connection whose request has a handler, which reads a body that does not come. The server would wait for it before
// a handler is taken, had the client not asked whether to send it.
func (p *proc) halfSent(fault string) *conn {
	p.t.Helper()
	before := p.notes("begun-" + fault)
	p.write("go-"+fault, "")
	c := p.dial()
	c.send("POST", "/v2.0/networks", fault, "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n{")
	p.eventually("a handler has the request", func() bool { return p.notes("begun-"+fault) > before })
	if status, _ := c.answer(); status != http.StatusContinue {
		p.t.Fatalf("the body is not asked for: status %d", status)
	}
	return c
}

// closed waits until the server has closed the connection.
func (c *conn) closed() {
	c.t.Helper()
	if status, _ := c.answer(); status != 0 {
		c.t.Errorf("an answer with status %d comes instead of the end", status)
	}
}

// free fails the test when the port is not free or one of those processes is left.
func (p *proc) free(workers map[int]string) {
	p.t.Helper()
	for pid, title := range workers {
		if alive(pid) && !zombie(pid) {
			p.t.Errorf("%s (%d) outlives its parent", title, pid)
		}
	}
	l, err := net.Listen("tcp", p.addr)
	for begun := time.Now(); err != nil && time.Since(begun) < patience; l, err = net.Listen("tcp", p.addr) {
		time.Sleep(time.Millisecond) // a thread of a process that has been killed may take a moment
	}
	if err != nil {
		p.t.Errorf("the port is not free: %v", err)
		return
	}
	if err := l.Close(); err != nil {
		p.t.Error(err)
	}
}

// stops sends SIGTERM and waits until the log has it.
func (p *proc) stops() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	p.eventually("it stops", func() bool { return strings.Contains(p.log(), "Caught SIGTERM, stopping children") })
}
