package otp

import (
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// stop is an orderly stop. A second request may add that there is no time left.
func (s *supervisor) stop(hurry bool) {
	s.hurry = s.hurry || hurry
	switch {
	case s.phase == phaseOver:
	case s.phase == phaseStopping:
		s.rush()
	default:
		s.phase = phaseStopping
		s.showOwn(StateStopping)
		s.reject()
		s.settle(ErrStopping)
		s.stopAll(s.over)
	}
}

// over ends the actor; its children are gone or left behind, so protoactor has nothing to wait for.
func (s *supervisor) over() {
	s.phase = phaseOver
	s.ctx.Stop(s.ctx.Self())
}

// stopping is protoactor's stop. Unless the supervisor asked for it, somebody outside did, and protoactor is about to
// signal all children at once: all that is left to do is to tell them why.
func (s *supervisor) stopping() {
	if s.phase == phaseOver {
		return
	}
	s.phase = phaseOver
	s.reject()
	s.settle(ErrStopping)
	s.abortJobs()
	s.cell.report(ErrExited)
	for c := range s.children.all() {
		if c.cell != nil {
			c.cell.cancel()
		}
	}
}

func (s *supervisor) stopped() {
	for c := range s.children.all() {
		c.alarm.disarm()
	}
	s.cell.finish()
	if s.cell.sup == nil {
		s.root.finish(s.cell)
	}
}

// alarm is the time limit of a start or stop.
type alarm struct {
	timer Timer
	token uint64 // tells a ring of this limit from a late one
	limit time.Duration
}

func (a *alarm) arm(c *child, limit time.Duration) {
	a.disarm()
	a.limit = limit
	if limit == Infinity {
		return
	}
	root, self, token := c.sup.root, c.sup.ctx.Self(), a.token
	a.timer = root.clock.AfterFunc(limit, func() { root.tell(self, &alarmRang{child: c, token: token}) })
}

func (a *alarm) disarm() {
	a.token++
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
}

// stopChild asks a child to stop, its context first. It does nothing for one without an incarnation or already asked.
func (s *supervisor) stopChild(c *child) {
	switch {
	case c.cell == nil || c.state == StateStopping:
	case c.pid == nil: // could not be spawned, or ended by itself
		s.ended(c)
	case c.spec.Sup != nil:
		s.setState(c, StateStopping)
		c.alarm.arm(c, c.spec.Shutdown)
		s.root.tell(c.pid, &stopRequest{hurry: s.hurry})
	default:
		s.setState(c, StateStopping)
		c.alarm.arm(c, s.limit(c))
		c.cell.brutal.Store(c.spec.Shutdown == Brutal)
		c.cell.cancel()
		s.ctx.Stop(c.pid)
	}
}

// limit is the time that a worker has to stop.
func (s *supervisor) limit(c *child) time.Duration {
	if c.spec.Shutdown == Brutal || s.hurry {
		return BrutalGrace
	}
	return c.spec.Shutdown
}

// rush shortens a stop that is under way: everybody at once, and no worker gets more than BrutalGrace from now.
func (s *supervisor) rush() {
	for c := range s.children.all() {
		if c.state != StateStopping {
			continue
		}
		if c.spec.Sup != nil {
			s.root.tell(c.pid, &stopRequest{hurry: true})
		} else {
			c.alarm.arm(c, BrutalGrace)
		}
	}
	for _, c := range s.children.list() {
		if c.job != nil && !c.job.together {
			c.job.together = true
			s.advance(c.job)
		}
	}
}

// terminated is protoactor's word that an actor has ended. Its name is free.
func (s *supervisor) terminated(pid *actor.PID) {
	c := s.byPID[pid.Id]
	if c == nil {
		return
	}
	delete(s.byPID, pid.Id)
	c.pid = nil
	if c.state == StateStopping || s.phase == phaseOver {
		s.ended(c)
		s.advance(c.job)
		return
	}
	s.vanished(c)
}

// vanished: an actor ended that this supervisor did not stop. A worker that stopped itself, or was poisoned, has made
// a normal exit. protoactor's Terminated overtakes what the child has said before; that counts nevertheless.
func (s *supervisor) vanished(c *child) {
	s.show(c)
	cell := c.cell
	if cell.acked.Load() {
		s.started(cell)
	}
	s.exited(cell)
}

// ended closes the books on an incarnation whose actor is no more.
func (s *supervisor) ended(c *child) {
	c.alarm.disarm()
	if err := c.cell.terminateErr; err != nil {
		s.noteFailure(c, fmt.Errorf("terminate: %w", err))
	}
	c.cell = nil
	s.setState(c, StateStopped)
	s.publish(c, Event{Type: EventStopped})
}

// rang: a child took too long.
func (s *supervisor) rang(m *alarmRang) {
	c := m.child
	if c.sup != s || c.alarm.token != m.token {
		return
	}
	switch c.state {
	case StateStarting:
		err := fmt.Errorf("did not start in %s", c.alarm.limit)
		c.cell.exit.CompareAndSwap(nil, &exit{err})
		c.cell.noted = true
		s.noteFailure(c, err)
		s.breakStart(c, err)
	case StateStopping:
		s.leak(c)
	}
}

// leak leaves an actor behind that does not stop. protoactor counts it among the children of this actor and would
// wait for it for ever, so the supervisor sends itself the Terminated that does not come.
func (s *supervisor) leak(c *child) {
	l := Leak{Path: c.path, Limit: c.alarm.limit}
	s.root.stragglers.add(c.cell, c.pid.Id, l)
	delete(s.byPID, c.pid.Id)
	self := s.ctx.Self()
	if p, ok := s.root.system.ProcessRegistry.Get(self); ok {
		p.SendSystemMessage(self, &actor.Terminated{Who: c.pid})
	}
	c.alarm.disarm()
	c.cell, c.pid = nil, nil
	s.setState(c, StateLeaked)
	s.publish(c, Event{Type: EventLeaked, Reason: errors.New(l.String())})
	s.advance(c.job)
}
