package otp

import (
	"cmp"
	"runtime/debug"
	"slices"

	"github.com/asynkron/protoactor-go/actor"
)

// phase is where a supervisor is in its own life. Outside of phaseRunning one job holds all children.
type phase uint8

const (
	phaseNew      phase = iota
	phaseStarting       // the children are being started
	phaseRunning        // failures and commands are served
	phaseCollapse       // the children are being stopped, then comes an alternative or the end
	phaseFailed         // gave up; waits for the parent to take it away
	phaseStopping       // asked to stop
	phaseOver           // has told protoactor to end it
)

// supervisor is one actor: a queue of jobs over its children (job.go), rules for failures (failure.go), and commands
// (command.go). It never waits in Receive: starts are acknowledged, stops are confirmed and times run out by message.
type supervisor struct {
	root *Root
	cell *cell // its own incarnation, towards the parent
	node *node
	spec Spec
	path string

	ctx      actor.Context
	phase    phase
	children roster[*child]    // in start order
	byID     map[string]*child // the same
	byPID    map[string]*child // those with a live actor
	restarts window
	turn     uint64     // counts what had to wait, so that it is taken up in the order of its arrival
	deferred []deferral // failures to be taken up again; others wait at their child
	queue    []*command // commands to be taken up again, once in phaseRunning; others wait at their child

	acked   bool          // the parent knows that the start is done
	hurry   bool          // a stop that has run out of time
	crashed bool          // panicked once
	settled []func(error) // who asked for the preferred alternative and waits for how that went
	verdict error         // what they are told once all children run: why it is not the preferred one
	retreat string        // the alternative that is being left for the preferred one
}

// child is a supervisor's view of one child.
type child struct {
	sup  *supervisor
	spec ChildSpec
	path string
	node *node

	state       State
	cell        *cell         // the current incarnation; nil when there is none
	pid         *actor.PID    // nil unless its actor is alive
	mailbox     actor.Mailbox // of that actor; nil when its Props brought one
	incarnation int
	attempt     int // restarts since the child last ran for long
	alarm       alarm

	job      *job       // that has the child
	deferred []deferral // failures that wait for this job to end or pause
	queue    []*command // commands that do
}

// Messages to a supervisor, beside those of its children in cell.go.
type (
	// stopRequest asks for an ordered stop; protoactor's Stop would signal all children at once.
	stopRequest struct {
		quiet
		hurry bool
	}
	// alarmRang ends the time limit of a start or stop.
	alarmRang struct {
		quiet
		child *child
		token uint64
	}
	// backoffOver resumes a job.
	backoffOver struct {
		quiet
		job *job
	}
)

func newSupervisor(root *Root, spec Spec, cell *cell, n *node) *supervisor {
	spec = spec.withDefaults()
	return &supervisor{
		root: root, cell: cell, node: n, spec: spec, path: n.info.Path,
		byID: map[string]*child{}, byPID: map[string]*child{},
		restarts: window{limit: spec.Intensity, period: spec.Period},
	}
}

// Receive implements actor.Actor.
func (s *supervisor) Receive(ctx actor.Context) {
	defer s.rescue()
	s.ctx = ctx
	switch m := ctx.Message().(type) {
	case *childStarted:
		s.started(m.cell)
	case *childExited:
		s.exited(m.cell)
	case *actor.Terminated:
		s.terminated(m.Who)
	case *alarmRang:
		s.rang(m)
	case *backoffOver:
		s.resume(m.job)
	case *command:
		s.execute(m)
	case *stopRequest:
		s.stop(m.hurry)
	case *ping:
		close(m.answered)
	case *actor.Started:
		s.begin()
	case *actor.Stopping, *actor.Restarting:
		s.stopping()
	case *actor.Stopped:
		s.stopped()
	}
}

// HandleFailure implements actor.SupervisorStrategy for failures that happen outside the wrapper of a child, in its own
// middleware or mailbox, or that its own actors escalate. protoactor has suspended the child; it can still be stopped.
func (s *supervisor) HandleFailure(_ *actor.ActorSystem, _ actor.Supervisor, who *actor.PID,
	_ *actor.RestartStatistics, reason, _ any) {
	if c := s.byPID[who.Id]; c != nil {
		c.cell.report(&PanicError{Value: reason})
	}
}

// rescue keeps a panic in code that the supervisor calls (a Strategy, an Alternator) from protoactor. The supervisor
// gives up in good order; should even that panic, it stops at once.
func (s *supervisor) rescue() {
	v := recover()
	if v == nil {
		return
	}
	err := &PanicError{Value: v, Stack: debug.Stack()}
	if s.crashed || s.phase > phaseCollapse {
		s.cell.report(err)
		s.ctx.Stop(s.ctx.Self())
		return
	}
	s.crashed = true
	s.collapse(err)
}

// begin starts all children, with the preferred alternative. A supervisor that protoactor was told to restart from
// outside comes here again and ends.
func (s *supervisor) begin() {
	if s.phase != phaseNew {
		s.over()
		return
	}
	for _, spec := range s.spec.initial() {
		s.add(spec)
	}
	s.root.tree.arrange(s.node, s, s.children.all())
	s.prefer()
	s.startAll()
}

func (s *supervisor) add(spec ChildSpec) *child {
	spec = spec.withDefaults()
	n := s.root.tree.child(s.node, spec, s)
	c := &child{sup: s, spec: spec, path: n.info.Path, node: n}
	s.record(c, func(n *node) { c.incarnation = n.info.Incarnation })
	s.children.add(c)
	s.byID[spec.ID] = c
	return c
}

// remove forgets a child that has no actor.
func (s *supervisor) remove(c *child) {
	if !s.children.remove(c) {
		return
	}
	delete(s.byID, c.spec.ID)
	s.root.tree.remove(s.node, c.node, s)
}

// startAll starts every child that is not running, in order.
func (s *supervisor) startAll() {
	s.phase = phaseStarting
	for c := range s.children.all() {
		c.attempt = 0
	}
	s.run(&job{
		members: s.children.list(),
		starts:  s.children.list(),
		done:    s.running,
		failed:  func(_ *child, err error) { s.collapse(err) },
	})
}

// running: all children are up.
func (s *supervisor) running() {
	s.phase = phaseRunning
	s.showOwn(StateRunning)
	s.showAlternative()
	if !s.acked {
		s.acked = true
		s.cell.acknowledge()
	}
	s.settle(s.verdict)
}

// settle is the last step of what it tells about: who gets the answer has seen the events, and finds the outcome in
// the snapshot.
func (s *supervisor) settle(err error) {
	settled := s.settled
	s.settled, s.verdict = nil, nil
	for _, f := range settled {
		f(err)
	}
}

// stopAll takes every child from whatever job has it and stops all in reverse order.
func (s *supervisor) stopAll(done func()) {
	s.abortJobs()
	stops := s.children.list()
	slices.Reverse(stops)
	s.run(&job{
		members:  s.children.list(),
		stops:    stops,
		together: s.hurry || isDynamic(s.spec.Strategy),
		done:     done,
	})
}

// collapse is the end of this try: the children could not be started or fail too often.
func (s *supervisor) collapse(cause error) {
	s.phase = phaseCollapse
	s.showOwn(StateRestarting)
	s.stopAll(func() {
		if s.nextAlternative(cause) {
			s.startAll()
			return
		}
		s.fail(cause)
	})
}

// fail tells the parent, which will ask this supervisor to stop. The topmost one has no parent and ends.
func (s *supervisor) fail(cause error) {
	s.phase = phaseFailed
	s.publishOwn(Event{Type: EventGaveUp, Reason: cause})
	s.reject()
	s.settle(cmp.Or(s.verdict, cause))
	s.cell.report(cause)
	if s.cell.sup == nil {
		s.over()
	}
}

// current returns the child of cell, if that is still its incarnation.
func (s *supervisor) current(cell *cell) (*child, bool) {
	c := cell.child
	return c, c.sup == s && c.cell == cell
}
