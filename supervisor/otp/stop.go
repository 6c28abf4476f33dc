package otp

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

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

// stragglers are the actors that were left behind.
type stragglers struct {
	mu    sync.Mutex
	leaks map[*cell]straggler // guarded by mu; those that have not ended yet
	names map[string]bool     // guarded by mu; of all, for ever
	count int                 // guarded by mu; of all
}

type straggler struct {
	leak Leak
	turn int // oldest first
}

func (t *stragglers) add(c *cell, name string, l Leak) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.leaks == nil {
		t.leaks, t.names = map[*cell]straggler{}, map[string]bool{}
	}
	t.names[name] = true
	t.count++
	if !c.ended() { // else remove has been here already
		t.leaks[c] = straggler{l, t.count}
	}
}

func (t *stragglers) remove(c *cell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.leaks, c)
}

func (t *stragglers) knows(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.names[name]
}

func (t *stragglers) list() []Leak {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := slices.SortedFunc(maps.Values(t.leaks), func(a, b straggler) int { return cmp.Compare(a.turn, b.turn) })
	out := make([]Leak, len(list))
	for i, s := range list {
		out[i] = s.leak
	}
	return out
}
