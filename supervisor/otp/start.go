package otp

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"
)

// startChild makes the next incarnation of c. Its acknowledgement, its failure or its alarm carries on.
func (s *supervisor) startChild(c *child) {
	c.incarnation++
	inc := Incarnation{Path: c.path, ID: c.spec.ID, N: c.incarnation, Alternative: s.alternative()}
	c.cell, c.mailbox = newCell(s.root, s.ctx.Self(), c, inc), nil
	s.setState(c, StateStarting) // before the actor can look itself up
	pid, err := s.spawn(c)
	if err != nil {
		c.cell.report(fmt.Errorf("spawn: %w", err))
		return
	}
	c.pid = pid
	s.byPID[pid.Id] = c
	s.show(c)
	c.alarm.arm(c, c.spec.StartTimeout)
}

// spawn makes the actor. SpawnNamed panics on unfit Props.
func (s *supervisor) spawn(c *child) (pid *actor.PID, err error) {
	err = attempt(func() error {
		pid, err = s.ctx.SpawnNamed(s.props(c), s.freeName(c.spec.ID))
		return err
	})
	return pid, err
}

func (s *supervisor) props(c *child) *actor.Props {
	cell, mailbox := c.cell, actor.WithMailbox(c.makeMailbox)
	if c.spec.Sup != nil {
		nested := newSupervisor(s.root, *c.spec.Sup, cell, c.node)
		return actor.PropsFromProducer(func() actor.Actor { return nested }, mailbox)
	}
	props := actor.PropsFromProducer(func() actor.Actor { return &worker{cell: cell, produce: c.spec.New} }, mailbox)
	props.Configure(c.spec.Props...)
	if c.spec.Mailbox != nil {
		props.Configure(mailbox)
	}
	return props
}

// makeMailbox is the actor.MailboxProducer of c. It remembers the mailbox for snapshots, which so learn its length
// without a single step more on the way of a message.
func (c *child) makeMailbox() actor.Mailbox {
	produce := c.spec.Mailbox
	if produce == nil {
		produce = actor.Unbounded()
	}
	c.mailbox = produce()
	return c.mailbox
}

// freeName is the child's ID, unless an actor that would not stop has that name. Such a name is not used again even
// when its actor ends after all: the late Terminated would hit the successor.
func (s *supervisor) freeName(id string) string {
	name := id
	for n := 2; s.root.stragglers.knows(s.ctx.Self().Id + "/" + name); n++ {
		name = fmt.Sprintf("%s~%d", id, n)
	}
	return name
}

// started is the acknowledgement of a child.
func (s *supervisor) started(cell *cell) {
	c, ok := s.current(cell)
	if !ok || c.state != StateStarting || c.job == nil {
		return
	}
	c.alarm.disarm()
	cell.runningSince = s.root.clock.Now()
	e := Event{Type: EventStarted}
	if c.job.restart {
		e = Event{Type: EventRestarted, Reason: c.job.cause}
		s.record(c, func(n *node) { n.info.Restarts++ })
	}
	s.setState(c, StateRunning)
	s.publish(c, e)
	if c.job.starting(c) {
		c.job.starts = c.job.starts[1:]
		s.advance(c.job)
	}
}

// breakStart stops what there is of a child that failed to start; then its job has failed. If that job was aborted
// meanwhile, the child belongs to one that stops it.
func (s *supervisor) breakStart(c *child, err error) {
	if !c.job.starting(c) {
		s.stopChild(c)
		s.advance(c.job)
		return
	}
	c.job.broken, c.job.err = c, startError(c.path, err)
	c.job.stops = []*child{c}
	s.advance(c.job)
}

// starting reports whether j waits for c to start.
func (j *job) starting(c *child) bool { return j != nil && len(j.starts) > 0 && j.starts[0] == c }
