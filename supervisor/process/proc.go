package process

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

const (
	// lastWords is how long a process that failed to start has to exit by itself, so that its log is complete; and how
	// long after its end a line on its readiness pipe may still come.
	lastWords = time.Second
	// maxLine bounds the line on the readiness pipe.
	maxLine = 64 << 10

	sayReady  = "ready"
	sayFailed = "failed: "
)

// proc is one process from its start until it has been reaped. It is safe for concurrent use.
type proc struct {
	pid   int
	began time.Time
	os    *os.Process
	limit time.Duration // from SIGTERM to SIGKILL

	said  chan string   // gets what came on the readiness pipe; "" when it ended without a line
	gone  chan struct{} // closed when the process has been reaped
	exit  *ExitError    // read after gone is closed
	leave chan struct{} // closed when the process is to go

	dismissed sync.Once
	told      atomic.Bool // it is ready, and has been told to go
}

// launch starts a process and returns when it is ready. On an error, the end of ctx included, nothing is left of it.
func launch(ctx context.Context, sys system, spec Spec, r role) (*proc, error) {
	p, err := start(sys, spec, r)
	if err != nil {
		return nil, err
	}
	if err := p.await(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// start makes the process and the goroutine that waits for its end.
func start(sys system, spec Spec, r role) (*proc, error) {
	path, err := spec.program(sys, r)
	if err != nil {
		return nil, err
	}
	signal := spec.DeathSignal
	if r == roleSuccessor {
		signal = 0
	}
	attr := &os.ProcAttr{}
	if attr.Sys, err = deathSignal(signal); err != nil {
		return nil, err
	}
	e, err := equip(spec, r)
	if err != nil {
		return nil, err
	}
	defer closeAll(e.theirs)
	attr.Files = slices.Concat([]*os.File{e.stdin, os.Stdout, os.Stderr}, e.inherited)
	attr.Env = append(r.environment(sys.environ(), spec.Env), r.announcement(sys.pid(), e)...)
	argv := append([]string{cmp.Or(spec.Title, path)}, spec.Args...)
	p, err := begin(spec, e, func() (*os.Process, error) { return sys.start(path, argv, attr) })
	if err != nil {
		closeAll(e.ours())
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return p, nil
}

// begin runs proc.live and returns when there is a process.
func begin(spec Spec, e *equipment, start func() (*os.Process, error)) (*proc, error) {
	p := &proc{limit: spec.stopTimeout(), began: time.Now(), said: make(chan string, 1),
		gone: make(chan struct{}), leave: make(chan struct{})}
	started := make(chan error, 1)
	go p.live(started, e, spec, start)
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// program is the file to execute.
func (s Spec) program(sys system, r role) (string, error) {
	switch {
	case s.Path != "":
		return s.Path, nil
	case r == roleSuccessor:
		return sys.executable()
	}
	return sys.running()
}

// live starts the process and waits for its end on one thread: DeathSignal is sent when the thread that started the
// process ends, and this one cannot end before the process, as it is locked to this goroutine and waits in the kernel.
func (p *proc) live(started chan<- error, e *equipment, spec Spec, start func() (*os.Process, error)) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var err error
	if p.os, err = start(); err != nil {
		started <- err
		return
	}
	p.pid = p.os.Pid
	go p.hear(e.ready)
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feed(e.input, spec.Input)
	}()
	if spec.OnStart != nil {
		spec.OnStart(p.pid)
	}
	started <- nil
	p.exit = reap(p.os)
	p.exit.Told = p.told.Load()
	// A process that the dead one started may hold the pipe open. The error is that hear has closed it already.
	_ = e.ready.SetReadDeadline(time.Now().Add(lastWords))
	closeAll([]*os.File{e.lifeline, e.input})
	<-fed
	if spec.OnExit != nil {
		spec.OnExit(p.exit)
	}
	close(p.gone)
}

// feed writes input, of which the process may read as much as it likes: the end of the process closes the pipe, whoever else
// holds the other end.
func feed(pipe *os.File, input []byte) {
	if pipe == nil {
		return
	}
	_, _ = pipe.Write(input)
	closeAll([]*os.File{pipe})
}

// hear waits for the line on the readiness pipe.
func (p *proc) hear(ready *os.File) {
	defer closeAll([]*os.File{ready})
	line, err := bufio.NewReader(io.LimitReader(ready, maxLine)).ReadString('\n')
	if err != nil {
		line = "" // half a line says nothing
	}
	p.said <- strings.TrimSuffix(line, "\n")
}

// await returns when the process is ready. On an error it has been reaped.
func (p *proc) await(ctx context.Context) error {
	select {
	case line := <-p.said:
		return p.judge(line)
	case <-ctx.Done():
		p.kill()
		<-p.gone
		return fmt.Errorf("child %d was not ready in time, killed: %w", p.pid, context.Cause(ctx))
	}
}

func (p *proc) judge(line string) error {
	if line == sayReady {
		return nil
	}
	p.expire(lastWords)
	if text, ok := strings.CutPrefix(line, sayFailed); ok {
		return fmt.Errorf("child %d could not start: %s", p.pid, text)
	}
	if line != "" {
		return fmt.Errorf("child %d said %q instead of being ready: %w", p.pid, line, p.exit)
	}
	return fmt.Errorf("ended before it was ready: %w", p.exit)
}

// over reports whether the process has been reaped.
func (p *proc) over() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// dismiss makes whoever keeps the process end it.
func (p *proc) dismiss() { p.dismissed.Do(func() { close(p.leave) }) }

// end asks the process to go, and kills it when it has not gone within its limit. It returns when it has been reaped. It
// is called once: to many programs a second SIGTERM means haste.
func (p *proc) end() {
	p.told.Store(true)
	if p.limit != otp.Brutal {
		p.signal(syscall.SIGTERM)
	}
	p.expire(p.limit)
}

// expire waits for the end of the process, and brings it about when limit has passed.
func (p *proc) expire(limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.gone:
	case <-timer.C:
		p.kill()
		<-p.gone
	}
}

func (p *proc) kill() { p.signal(syscall.SIGKILL) }

// signal cannot fail but for a process that is gone, or that has changed its user; then the wait for its end is all that
// is left to do.
func (p *proc) signal(sig os.Signal) { _ = p.os.Signal(sig) }
