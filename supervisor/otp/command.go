package otp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// command is a request of Root to one supervisor.
type command struct {
	quiet
	op    func(s *supervisor, c *command) // runs in phaseRunning; may queue the command again
	id    string                          // the child meant
	spec  ChildSpec                       // of a child to be started
	reply chan error                      // buffered; gets one answer, behind all events and the snapshot of what was done
	turn  uint64                          // by the order of arrival; set when it had to wait
}

func (c *command) answer(err error) { c.reply <- err }

// execute serves a command now or, while all children are being started, later.
func (s *supervisor) execute(c *command) {
	switch s.phase {
	case phaseRunning:
		c.op(s, c)
	case phaseNew, phaseStarting, phaseCollapse:
		s.enqueue(&s.queue, c)
	default:
		c.answer(ErrStopping)
	}
}

// enqueue makes a command wait.
func (s *supervisor) enqueue(queue *[]*command, c *command) {
	if c.turn == 0 {
		s.turn++
		c.turn = s.turn
	}
	*queue = append(*queue, c)
}

// dequeue serves the commands that had to wait.
func (s *supervisor) dequeue() {
	queue := s.queue
	s.queue = nil
	slices.SortFunc(queue, func(a, b *command) int { return cmp.Compare(a.turn, b.turn) })
	for _, c := range queue {
		s.execute(c)
	}
}

// reject answers them when the supervisor is about to end.
func (s *supervisor) reject() {
	for _, c := range s.queue {
		c.answer(ErrStopping)
	}
	s.queue = nil
	for k := range s.children.all() {
		for _, c := range k.queue {
			c.answer(ErrStopping)
		}
		k.queue = nil
	}
}

// serve runs a job for a command and answers it.
func (s *supervisor) serve(c *command, j *job) {
	done, failed := j.done, j.failed
	j.done = func() {
		if done != nil {
			done()
		}
		c.answer(j.err)
	}
	j.failed = func(k *child, err error) {
		if failed != nil {
			failed(k, err)
		}
		c.answer(err)
	}
	j.aborts = func() { c.answer(ErrStopping) }
	s.run(j)
}

// opStart adds a child and starts it. Under a dynamic strategy the zero fields of its spec come from the template. A
// child that cannot start is not added.
func (s *supervisor) opStart(c *command) {
	spec := c.spec
	if isDynamic(s.spec.Strategy) {
		spec = s.spec.Children[0]
		spec.ID = c.spec.ID
	}
	if err := spec.validate(s.path); err != nil {
		c.answer(err)
		return
	}
	if s.byID[spec.ID] != nil {
		c.answer(fmt.Errorf("otp: %s/%s: %w", s.path, spec.ID, ErrDuplicate))
		return
	}
	k := s.add(spec)
	s.serve(c, &job{members: []*child{k}, starts: []*child{k}, failed: func(*child, error) { s.remove(k) }})
}

// opTerminate stops a child. Its spec stays, except that of a temporary or dynamic one.
func (s *supervisor) opTerminate(c *command) {
	k, ok := s.target(c)
	if !ok {
		return
	}
	if k.job != nil && !k.job.waiting {
		s.enqueue(&k.queue, c)
		return
	}
	if k.job != nil {
		s.withdraw(k)
	}
	j := &job{members: []*child{k}, stops: []*child{k}}
	j.done = func() {
		if k.state == StateLeaked {
			j.err = &StopError{Leaks: []Leak{{Path: k.path, Limit: k.alarm.limit}}}
		}
		s.retire(k)
	}
	s.serve(c, j)
}

// withdraw takes a child out of a job that is in its back-off. The others still wait for it to end.
func (s *supervisor) withdraw(k *child) {
	j := k.job
	k.job = nil
	j.starts = without(j.starts, k)
	j.members = without(j.members, k)
	s.setState(k, StateStopped)
}

// opRestart starts a child that is stopped.
func (s *supervisor) opRestart(c *command) {
	k, ok := s.target(c)
	if !ok {
		return
	}
	if k.cell != nil || k.job != nil {
		c.answer(fmt.Errorf("otp: %s: %w", k.path, ErrRunning))
		return
	}
	s.serve(c, &job{members: []*child{k}, starts: []*child{k}})
}

// opDelete forgets a child that is stopped.
func (s *supervisor) opDelete(c *command) {
	k, ok := s.target(c)
	if !ok {
		return
	}
	if k.cell != nil || k.job != nil {
		c.answer(fmt.Errorf("otp: %s: %w", k.path, ErrRunning))
		return
	}
	s.remove(k)
	c.answer(nil)
}

// opPrefer goes back to the preferred alternative.
func (s *supervisor) opPrefer(c *command) {
	a, ok := s.spec.Strategy.(Alternator)
	if !ok {
		c.answer(fmt.Errorf("otp: %s: %w", s.path, ErrNoAlternatives))
		return
	}
	if a.Current() == a.Preferred() {
		s.showAlternative()
		c.answer(nil)
		return
	}
	s.phase = phaseCollapse
	s.showOwn(StateRestarting)
	s.settled = append(s.settled, c.answer)
	s.stopAll(func() {
		s.prefer()
		s.restarts.reset()
		s.startAll()
	})
}

func (s *supervisor) target(c *command) (*child, bool) {
	k := s.byID[c.id]
	if k == nil {
		c.answer(fmt.Errorf("otp: %s/%s: %w", s.path, c.id, ErrNotFound))
	}
	return k, k != nil
}

func without(list []*child, c *child) []*child {
	var out []*child
	for _, o := range list {
		if o != c {
			out = append(out, o)
		}
	}
	return out
}

// StartChild adds a child to the running supervisor at path and returns once it has started. Under a dynamic strategy
// only the ID of spec counts, the rest is the template's.
func (r *Root) StartChild(ctx context.Context, path string, spec ChildSpec) error {
	return r.command(ctx, path, &command{op: (*supervisor).opStart, spec: spec})
}

// TerminateChild stops the child at path and returns once it has stopped; a *StopError says that it did not. The child
// stays known and can be started by RestartChild, unless it is temporary or dynamic.
func (r *Root) TerminateChild(ctx context.Context, path string) error {
	return r.commandChild(ctx, path, (*supervisor).opTerminate)
}

// RestartChild starts a child that is stopped: after TerminateChild, or because it ended and its restart type did not
// ask for a restart.
func (r *Root) RestartChild(ctx context.Context, path string) error {
	return r.commandChild(ctx, path, (*supervisor).opRestart)
}

// DeleteChild forgets a child that is stopped.
func (r *Root) DeleteChild(ctx context.Context, path string) error {
	return r.commandChild(ctx, path, (*supervisor).opDelete)
}

// Prefer tells the supervisor at path, whose Strategy is an Alternator, to go back to its preferred alternative: its
// children stop and start again. If the preferred one cannot start, the next one takes over as ever, and once it has, the
// cause is returned. Where the preferred alternative is in use already, because the children can change it while they run, nothing
// is restarted and the snapshot says so from now on.
func (r *Root) Prefer(ctx context.Context, path string) error {
	return r.command(ctx, path, &command{op: (*supervisor).opPrefer})
}
