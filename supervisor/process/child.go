package process

import (
	"context"
	"errors"
	"slices"
	"syscall"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Messages that a Child understands.
type (
	// Drain sends SIGTERM now; the end of the process is then no failure. It lets children leave side by side before
	// their supervisor stops them one after the other. A child that drains is not replaced.
	Drain struct{}
	// Signal sends a signal to the process, as SIGHUP to have it read its configuration again.
	Signal struct{ Signal syscall.Signal }
	// Query asks for Info. Reply needs room for one value: an answer that finds none is dropped.
	Query struct{ Reply chan<- Info }
)

// Info is the state of a Child.
type Info struct {
	// PID is the current process.
	PID int
	// Since is when it was started.
	Since time.Time
	// Leaving are former processes that have been told to go and have not gone yet.
	Leaving []int
	// Draining says that the current one has been told to go, too.
	Draining bool
}

// Messages of a child to itself.
type (
	exited struct {
		quiet
		p *proc
	}
	ended struct {
		quiet
		p *proc
	}
	replaced struct {
		quiet
		swap *swap
	}
)

// courtesy is how long the end of a process that ended well is not called a failure: who signals a whole group, as a service
// manager does, means this process too, and the other one may have been faster.
const courtesy = 100 * time.Millisecond

// ErrNoStart is what Spec.Prepare returns when nothing is to be started any more, because this process is about to stop: a
// Child then waits for its end, and a replacement fails.
var ErrNoStart = errors.New("nothing is started any more")

// quiet marks messages that nobody misses when their child has ended.
type quiet struct{}

// IgnoreDeadLetterLogging is protoactor's mark for such messages.
func (quiet) IgnoreDeadLetterLogging() {}

// Child makes children that are operating system processes. Their Init blocks until the process is ready, their Terminate
// until it is gone; otp allows both. When the start takes too long, the process is killed. When the incarnation is over,
// the process gets SIGTERM, and after Spec.StopTimeout SIGKILL; this does not depend on Terminate, so also after
// otp.Brutal and in a stop in a hurry, which do not wait for it.
//
// A process that was replaced, and is still leaving when its successor fails, does not keep the next one waiting: it
// is on its own then, with its limit unchanged.
func Child(spec Spec) func(otp.Incarnation) otp.Child {
	return func(otp.Incarnation) otp.Child { return &child{spec: spec, courtesy: courtesy} }
}

type child struct {
	spec     Spec
	courtesy time.Duration
	ctx      otp.Context
	root     *actor.RootContext

	current  *proc
	draining bool
	leaving  []*proc
	swap     *swap // nil unless a replacement is under way
}

// Init starts the process. Where the machine has no room for it, a child that has lived before tries again until its start takes
// too long: to fail at once, and often, would take those with it that still have their processes.
func (c *child) Init(ctx otp.Context) error {
	c.ctx, c.root = ctx, ctx.Root().System().Root
	if err := c.spec.Throttle.Wait(ctx); err != nil {
		return err
	}
	err := c.begin()
	for ctx.Incarnation().N > 1 && shortage(err) {
		if c.spec.OnShortage != nil {
			c.spec.OnShortage(err)
		}
		if err = pause(ctx, shortagePause); err == nil {
			err = c.begin()
		}
	}
	return err
}

// begin is one try to start the process.
func (c *child) begin() error {
	spec, err := c.spec.prepare()
	if errors.Is(err, ErrNoStart) {
		<-c.ctx.Done()
		return c.ctx.Err()
	}
	if err != nil {
		return err
	}
	c.current, err = launch(c.ctx, realSystem(), spec, roleChild)
	if err != nil {
		return err
	}
	go c.keep(c.current)
	return nil
}

// shortagePause is the time between two tries when the machine has no room for another process.
const shortagePause = time.Second

// shortage reports whether a start failed for want of processes, memory or descriptors.
func shortage(err error) bool {
	for _, e := range []syscall.Errno{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// keep stays with a process until it is gone.
func (c *child) keep(p *proc) {
	select {
	case <-p.gone:
	case <-p.leave:
		p.end()
	case <-c.ctx.Done():
		p.end()
	}
	c.tell(&exited{p: p})
}

// tell sends a message to this actor, unless its incarnation is over.
func (c *child) tell(message any) {
	if c.ctx.Err() == nil {
		c.root.Send(c.ctx.Self(), message)
	}
}

// Receive never blocks: what takes time is done by the goroutines that keep a process or prepare another one.
func (c *child) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *exited:
		c.exited(m.p)
	case *ended:
		c.failed(m.p)
	case *replace:
		c.replace(m)
	case *replaced:
		c.replaced(m.swap)
	case Drain:
		c.draining = true
		c.current.dismiss()
	case Signal:
		c.current.signal(m.Signal)
		if c.swap != nil {
			c.swap.signals = append(c.swap.signals, m.Signal)
		}
	case Query:
		c.answer(m)
	}
}

// exited decides what the end of a process means. One of a former incarnation is neither current nor leaving.
func (c *child) exited(p *proc) {
	if p == c.current && p.exit.clean() {
		time.AfterFunc(c.courtesy, func() { c.tell(&ended{p: p}) })
		return
	}
	c.failed(p)
	c.leaving = slices.DeleteFunc(c.leaving, func(l *proc) bool { return l == p })
}

// failed ends this incarnation with its process, unless that was told to go meanwhile.
func (c *child) failed(p *proc) {
	if p == c.current && !c.draining {
		c.ctx.Fail(p.exit)
	}
}

func (c *child) answer(q Query) {
	info := Info{PID: c.current.pid, Since: c.current.began, Draining: c.draining}
	for _, p := range c.leaving {
		info.Leaving = append(info.Leaving, p.pid)
	}
	select {
	case q.Reply <- info:
	default:
	}
}

// Terminate waits for the processes; the end of the context is what ends them.
func (c *child) Terminate(reason error) {
	if c.swap != nil {
		<-c.swap.done
		if c.swap.p != nil {
			<-c.swap.p.gone
		}
	}
	<-c.current.gone
	if !errors.Is(reason, otp.ErrShutdown) {
		return
	}
	for _, p := range c.leaving {
		<-p.gone
	}
}

// swap is a replacement under way.
type swap struct {
	reply   chan<- outcome
	signals []syscall.Signal // that came meanwhile: the new process may have done too early what they ask for
	done    chan struct{}    // closed when the start of the new process has succeeded or failed
	p       *proc            // the new process, or nil; read after done is closed
	err     error            // why there is none; read after done is closed
}

// replace begins a replacement: the new process is started beside the old one.
func (c *child) replace(m *replace) {
	switch {
	case c.draining:
		m.reply <- outcome{err: errDraining}
		return
	case c.swap != nil:
		m.reply <- outcome{err: ErrReplacing}
		return
	}
	c.swap = &swap{reply: m.reply, done: make(chan struct{})}
	go c.succeed(c.swap)
}

// succeed starts the new process and keeps it. What becomes of the incarnation meanwhile needs no care here: keep ends
// the process when the incarnation is over.
func (c *child) succeed(s *swap) {
	s.p, s.err = c.second()
	close(s.done)
	c.tell(&replaced{swap: s})
	if s.p != nil {
		c.keep(s.p)
	}
}

func (c *child) second() (*proc, error) {
	spec, err := c.spec.prepare()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.ctx, spec.StartTimeout)
	defer cancel()
	return launch(ctx, realSystem(), spec, roleChild)
}

// replaced ends a replacement: the old process is told to go, or stays.
func (c *child) replaced(s *swap) {
	if c.swap != s {
		return // of a former incarnation, which has ended its process
	}
	c.swap = nil
	switch {
	case s.err != nil:
		s.reply <- outcome{err: s.err}
		return
	case c.draining:
		s.p.dismiss()
		c.leaving = append(c.leaving, s.p)
		s.reply <- outcome{err: errDraining}
		return
	}
	for _, signal := range s.signals {
		s.p.signal(signal)
	}
	old := c.current
	c.current = s.p
	if !old.over() { // else it has been heard of
		c.leaving = append(c.leaving, old)
	}
	old.dismiss()
	s.reply <- outcome{Replacement: Replacement{Old: old.pid, New: s.p.pid, Gone: old.gone}}
}
