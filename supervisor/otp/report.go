package otp

// showOwn tells snapshots what the supervisor does to all of its children; its parent only knows that it is up. The
// topmost one has nobody else to do it.
func (s *supervisor) showOwn(state State) {
	if !s.acked && s.cell.sup != nil {
		return
	}
	now := s.root.clock.Now()
	s.recordOwn(func(n *node) {
		if n.info.State != state {
			n.info.State, n.info.Since = state, now
		}
	})
}

// record writes what snapshots show of a child.
func (s *supervisor) record(c *child, f func(n *node)) {
	s.root.tree.update(c.node, func(n *node) {
		if n.owner == s {
			f(n)
		}
	})
}

// recordOwn does so for the supervisor itself.
func (s *supervisor) recordOwn(f func(n *node)) {
	s.root.tree.update(s.node, func(n *node) {
		if n.sup == s {
			f(n)
		}
	})
}

// publishOwn publishes an event about the supervisor itself.
func (s *supervisor) publishOwn(e Event) {
	e.Path, e.Kind, e.Incarnation = s.path, s.node.info.Kind, s.cell.inc.N
	s.emit(e)
}

func (s *supervisor) publish(c *child, e Event) {
	e.Path, e.Kind, e.Incarnation = c.path, c.spec.Kind, c.incarnation
	s.emit(e)
}

func (s *supervisor) emit(e Event) {
	e.Time = s.root.clock.Now()
	e.Stack = stackOf(e.Reason)
	s.root.publish(s.spec.OnEvent, e)
}

func (s *supervisor) setState(c *child, state State) {
	c.state = state
	s.show(c)
}

// show copies what a snapshot needs.
func (s *supervisor) show(c *child) {
	now := s.root.clock.Now()
	s.record(c, func(n *node) {
		n.info.State, n.info.Since, n.info.Incarnation = c.state, now, c.incarnation
		n.pid, n.mailbox = c.pid, c.mailbox
		if c.pid == nil {
			n.mailbox = nil // must not outlive its actor
		}
		if c.cell != nil {
			n.gone = c.cell.gone
		}
	})
}
