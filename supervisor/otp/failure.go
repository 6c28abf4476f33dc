package otp

import (
	"context"
	"errors"
	"slices"
	"time"
)

// exited is a child's word that it has ended by its own doing. Its actor is still there and idle, unless it vanished.
func (s *supervisor) exited(cell *cell) {
	c, ok := s.current(cell)
	if !ok || cell.noted || s.phase == phaseOver {
		return
	}
	cell.noted = true
	reason := cell.exit.Load().reason
	cancelled := c.state == StateStopping && errors.Is(reason, context.Canceled)
	if reason != nil && !cancelled {
		s.noteFailure(c, reason)
	}
	if c.state == StateStarting && reason != nil {
		s.breakStart(c, reason)
		return
	}
	s.handleExit(c, cell, reason)
}

func (s *supervisor) noteFailure(c *child, reason error) {
	s.record(c, func(n *node) { n.info.LastFailure = reason.Error() })
	s.publish(c, Event{Type: EventFailed, Reason: reason})
}

// handleExit applies the restart type, once nothing else is going on with the child.
func (s *supervisor) handleExit(c *child, cell *cell, reason error) {
	switch {
	case c.cell != cell:
		return // stopped meanwhile, with or without a successor
	case c.job != nil:
		s.later(c, func() { s.handleExit(c, cell, reason) })
	case c.spec.Restart == Permanent, c.spec.Restart == Transient && reason != nil:
		s.restart(c, reason, nil, reason != nil && c.spec.Forgive != nil && c.spec.Forgive(reason))
	default:
		s.run(&job{members: []*child{c}, stops: []*child{c}, done: func() { s.retire(c) }})
	}
}

// retire forgets a stopped child that nobody can start again.
func (s *supervisor) retire(c *child) {
	if c.spec.Restart == Temporary || isDynamic(s.spec.Strategy) {
		s.remove(c)
	}
}

// restart counts a restart because of culprit, unless it is forgiven, and begins it within the intensity. along are more
// children to be started, which an earlier restart did not come to. As in OTP a group starts completely, including those
// of its members that had ended before.
func (s *supervisor) restart(culprit *child, cause error, along []*child, forgiven bool) {
	group, busy := s.group(culprit, along)
	if busy != nil {
		cell := culprit.cell
		s.later(busy, func() {
			if culprit.job == nil && culprit.cell == cell && (cell != nil || culprit.state == StateRestarting) {
				s.restart(culprit, cause, along, forgiven)
			}
		})
		return
	}
	if !forgiven && s.restarts.exceeded(s.root.clock.Now()) {
		s.collapse(&IntensityError{Path: s.path, Child: culprit.spec.ID, Intensity: s.restarts.limit,
			Period: s.restarts.period, Last: cause})
		return
	}
	j := s.restartJob(group, culprit, cause)
	s.settleBackoff(culprit)
	if !forgiven {
		j.delay = s.backoff(culprit)
	}
	s.run(j)
}

func (s *supervisor) restartJob(group []*child, culprit *child, cause error) *job {
	j := &job{members: group, stops: slices.Clone(group), restart: true, culprit: culprit, cause: cause}
	slices.Reverse(j.stops)
	for _, c := range group {
		if c.spec.Restart != Temporary {
			j.starts = append(j.starts, c)
		}
	}
	j.halted = func() {
		for _, c := range group {
			if c.spec.Restart == Temporary {
				s.remove(c)
			}
		}
		s.mark(j)
	}
	j.failed = func(c *child, err error) {
		s.mark(j)
		s.restart(c, err, j.starts, false)
	}
	return j
}

// group is who has to be restarted because of culprit, in start order. busy is one of them that another job has; only
// a job in its back-off lets go of them, and then its children join.
func (s *supervisor) group(culprit *child, along []*child) (group []*child, busy *child) {
	in := map[*child]bool{culprit: true}
	for _, c := range along {
		in[c] = true
	}
	if !alone(s.spec.Strategy) {
		s.affect(culprit, in)
	}
	for c := range in {
		if c.job != nil && !c.job.waiting {
			return nil, c
		}
	}
	s.absorb(in)
	if len(in) == 1 {
		return []*child{culprit}, nil
	}
	for c := range s.children.all() {
		if in[c] {
			group = append(group, c)
		}
	}
	return group, nil
}

// affect adds to in whom the strategy wants to be restarted along with culprit.
func (s *supervisor) affect(culprit *child, in map[*child]bool) {
	list := s.children.list()
	failed := member(slices.Index(list, culprit), culprit)
	for i, c := range list {
		if !in[c] && s.spec.Strategy.Affected(failed, member(i, c)) {
			in[c] = true
		}
	}
}

func member(i int, c *child) Member {
	return Member{Index: i, ID: c.spec.ID, Kind: c.spec.Kind, Restart: c.spec.Restart}
}

// absorb ends the back-offs that hold children of the group, and adds the rest of what they would have started.
func (s *supervisor) absorb(in map[*child]bool) {
	var held []*job
	for c := range in {
		if c.job != nil {
			held = append(held, c.job)
		}
	}
	for _, j := range held {
		s.abort(j)
		for _, c := range j.starts {
			in[c] = true
		}
	}
}

// settleBackoff lets the back-off of c begin anew if c has run for long.
func (s *supervisor) settleBackoff(c *child) {
	b := c.spec.Backoff
	if c.cell != nil && !c.cell.runningSince.IsZero() && s.root.clock.Now().Sub(c.cell.runningSince) > max(b.Min, b.Max) {
		c.attempt = 0
	}
}

// backoff is the pause before the restart of c.
func (s *supervisor) backoff(c *child) time.Duration {
	b := c.spec.Backoff
	if b.Min == 0 {
		return 0
	}
	c.attempt++
	return b.Delay(c.attempt-1, s.root.random())
}

// alternative is the name for Incarnation.Alternative.
func (s *supervisor) alternative() string {
	if a, ok := s.spec.Strategy.(Alternator); ok {
		return a.Current()
	}
	return ""
}

// prefer turns to the preferred alternative and remembers the one it came from.
func (s *supervisor) prefer() {
	if a, ok := s.spec.Strategy.(Alternator); ok {
		if a.Current() != a.Preferred() {
			s.retreat = a.Current()
		}
		a.Reset()
	}
}

// nextAlternative turns to the next one, if there is one and the supervisor itself is sound.
func (s *supervisor) nextAlternative(cause error) bool {
	a, ok := s.spec.Strategy.(Alternator)
	if !ok || s.crashed {
		return false
	}
	from := a.Current()
	if !a.Next(cause) {
		return false
	}
	s.retreat = ""
	s.restarts.reset()
	s.publishOwn(Event{Type: EventDegraded, Reason: cause, From: from, To: a.Current()})
	if s.verdict == nil {
		s.verdict = cause
	}
	return true
}

// showAlternative: all children run; say with what.
func (s *supervisor) showAlternative() {
	a, ok := s.spec.Strategy.(Alternator)
	if !ok {
		return
	}
	now, degraded := a.Current(), a.Current() != a.Preferred()
	s.recordOwn(func(n *node) {
		if n.degraded && s.retreat == "" {
			s.retreat = n.info.Alternative
		}
		n.info.Alternative, n.degraded = now, degraded
	})
	if degraded {
		s.retreat = ""
		return
	}
	if s.retreat != "" {
		s.publishOwn(Event{Type: EventRecovered, From: s.retreat, To: now})
		s.retreat = ""
	}
}
