package otp

import (
	"cmp"
	"slices"
	"time"
)

// job is a piece of work over some children: first stop, one after the other, then perhaps pause, then start, one after
// the other. Jobs over different children run side by side; a child belongs to one job at a time, and what concerns
// a child that is taken waits until its job is over.
type job struct {
	members  []*child
	stops    []*child
	starts   []*child
	together bool // stop all at once
	asked    bool // all of them have been asked to

	restart bool          // the starts are restarts
	culprit *child        // whose failure this is about
	cause   error         // the failure; nil for a normal exit
	delay   time.Duration // pause between stop and start
	waiting bool          // in that pause
	timer   Timer         // of the pause

	broken  *child // could not start
	err     error  // why
	aborted bool

	halted func()              // all stops are done
	done   func()              // everything is done
	failed func(*child, error) // a start failed; what was started before it still runs
	aborts func()              // the children were taken away
}

// run takes the members and goes to work.
func (s *supervisor) run(j *job) {
	for _, c := range j.members {
		c.job = j
	}
	s.advance(j)
}

// advance does what can be done now. It is called again whenever a child of the job has stopped or started.
func (s *supervisor) advance(j *job) {
	if j == nil || j.aborted || j.waiting || !s.stopNext(j) {
		return
	}
	if j.broken != nil {
		s.release(j)
		j.failed(j.broken, j.err)
		s.undefer()
		return
	}
	if j.halted != nil {
		j.halted()
		j.halted = nil
	}
	if s.pause(j) {
		s.recall(j)
		s.undefer()
		return
	}
	if len(j.starts) > 0 {
		s.startChild(j.starts[0])
		return
	}
	s.release(j)
	if j.done != nil {
		j.done()
	}
	s.undefer()
}

// stopNext reports whether all stops are done, and sees to it that the next one is under way if not.
func (s *supervisor) stopNext(j *job) bool {
	if j.together && !j.asked {
		j.asked = true
		for _, c := range j.stops {
			s.stopChild(c)
		}
	}
	for len(j.stops) > 0 {
		c := j.stops[0]
		s.stopChild(c)
		if c.cell != nil {
			return false
		}
		j.stops = j.stops[1:]
	}
	return true
}

// mark shows which children of a restart are down and will come back.
func (s *supervisor) mark(j *job) {
	for _, c := range j.starts {
		s.setState(c, StateRestarting)
	}
}

// pause begins the back-off of j, if it has one.
func (s *supervisor) pause(j *job) bool {
	if j.delay == 0 {
		return false
	}
	s.setState(j.culprit, StateBackingOff)
	self := s.ctx.Self()
	j.waiting = true
	j.timer = s.root.clock.AfterFunc(j.delay, func() { s.root.tell(self, &backoffOver{job: j}) })
	j.delay = 0
	return true
}

// resume ends the back-off of j.
func (s *supervisor) resume(j *job) {
	if j.aborted || !j.waiting {
		return
	}
	j.waiting = false
	s.advance(j)
}

// release gives the children back.
func (s *supervisor) release(j *job) {
	s.recall(j)
	for _, c := range j.members {
		if c.job == j {
			c.job = nil
		}
	}
}

// abort gives the children back before the job is done; what has begun of a stop or start goes on by itself.
func (s *supervisor) abort(j *job) {
	if j.aborted {
		return
	}
	j.aborted = true
	if j.timer != nil {
		j.timer.Stop()
	}
	s.release(j)
	if j.aborts != nil {
		j.aborts()
	}
}

func (s *supervisor) abortJobs() {
	for c := range s.children.all() {
		if c.job != nil {
			s.abort(c.job)
		}
		if c.cell == nil && (c.state == StateRestarting || c.state == StateBackingOff) {
			s.setState(c, StateStopped)
		}
	}
}

// deferral is a failure that has to wait.
type deferral struct {
	turn uint64
	f    func()
}

// later puts a failure off until the job that has c ends or pauses.
func (s *supervisor) later(c *child, f func()) {
	s.turn++
	c.deferred = append(c.deferred, deferral{s.turn, f})
}

// recall is the end of what waited for j: undefer takes it up.
func (s *supervisor) recall(j *job) {
	for _, c := range j.members {
		if c.job == j {
			s.deferred = append(s.deferred, c.deferred...)
			s.queue = append(s.queue, c.queue...)
			c.deferred, c.queue = nil, nil
		}
	}
}

// undefer takes up what waited for a job, failures before commands, both in the order of their arrival.
func (s *supervisor) undefer() {
	deferred := s.deferred
	s.deferred = nil
	slices.SortFunc(deferred, func(a, b deferral) int { return cmp.Compare(a.turn, b.turn) })
	for _, d := range deferred {
		d.f()
	}
	if s.phase == phaseRunning && len(s.queue) > 0 {
		s.dequeue()
	}
}
