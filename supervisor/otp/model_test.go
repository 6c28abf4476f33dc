package otp_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// model is OTP's rule book, and what this package adds to it, as short as it can be said: no messages, everything at once,
// and time is a number.
type model struct {
	*plan
	world  *world
	parent *model

	state            otp.State
	starts, restarts int
	since            time.Time // of its last start
	attempt          int       // of its back-off
	pause            *pause    // that it waits for

	// Of a supervisor.
	spec     []*model // children that start with it
	children []*model // children now
	window   []time.Time
	current  int // alternative
	pauses   []*pause
}

// world is what all models of a tree share.
type world struct {
	now     time.Time
	log     []string
	dynamic []string // paths of dynamic supervisors, parents first
}

func (m *model) note(what string) {
	m.world.log = append(m.world.log, fmt.Sprintf("%s %s#%d", what, m.path(), m.starts))
}

func (m *model) running() bool { return m.state == otp.StateRunning }

// start is a new incarnation, a supervisor's with the children of its spec and the preferred alternative.
func (m *model) start() error {
	m.starts++
	if m.strategy == nil {
		if m.fails(m.starts, m.parent.alternative()) {
			m.note("fail")
			m.state = otp.StateStopped
			return errInit
		}
		m.note("init")
	} else {
		m.children, m.window, m.current = slices.Clone(m.spec), nil, 0
		if err := m.startAll(); err != nil {
			m.state = otp.StateStopped
			return err
		}
	}
	m.state, m.since = otp.StateRunning, m.world.now
	return nil
}

// startAll starts all children, with what alternatives there are.
func (m *model) startAll() error {
	err := m.startEach()
	for err != nil && m.degrade() {
		err = m.startEach()
	}
	return err
}

func (m *model) startEach() error {
	for _, c := range m.children {
		c.attempt = 0
	}
	for _, c := range m.children {
		if err := c.start(); err != nil {
			m.stopAll()
			return err
		}
	}
	return nil
}

// degrade turns to the next alternative, and forgets the restarts so far.
func (m *model) degrade() bool {
	if m.current+1 >= len(m.alternatives) {
		return false
	}
	m.current++
	m.window = nil
	return true
}

func (m *model) alternative() string {
	if len(m.alternatives) == 0 {
		return ""
	}
	return m.alternatives[m.current]
}

func (m *model) stop() {
	if m.strategy != nil {
		m.stopAll()
	} else if m.running() && m.shutdown != otp.Brutal {
		m.note("term")
	}
	m.state = otp.StateStopped
}

func (m *model) stopAll() {
	for _, p := range slices.Clone(m.pauses) {
		m.abort(p)
	}
	for _, c := range slices.Backward(m.children) {
		c.stop()
	}
}

// ended says that a child ended by itself: normally if reason is nil.
func (m *model) ended(c *model, reason error) {
	if c.restart == otp.Permanent || c.restart == otp.Transient && reason != nil {
		if m.world.now.Sub(c.since) > max(c.backoff.Min, c.backoff.Max) {
			c.attempt = 0
		}
		m.restartGroup(c, nil, reason, c.forgives && errors.Is(reason, errForgiven))
		return
	}
	c.stop()
	m.retire(c)
}

// retire forgets a child that nobody can start again.
func (m *model) retire(c *model) {
	if c.restart == otp.Temporary || m.dynamic {
		m.remove(c)
	}
}

// restartGroup restarts c and whom the strategy names, and along, which are to be started anyway.
func (m *model) restartGroup(c *model, along []*model, reason error, forgiven bool) {
	group := m.group(c, along)
	if !forgiven && m.exceeded() {
		m.collapse(reason)
		return
	}
	var delay time.Duration
	if !forgiven {
		delay = c.nextDelay()
	}
	var starts []*model
	for _, o := range slices.Backward(group) {
		o.stop()
	}
	for _, o := range group {
		if o.restart == otp.Temporary {
			m.remove(o)
			continue
		}
		o.state = otp.StateRestarting
		starts = append(starts, o)
	}
	if delay > 0 {
		c.state = otp.StateBackingOff
		m.wait(&pause{m.world.now.Add(delay), starts})
		return
	}
	m.begin(starts)
}

// begin starts what a restart has stopped. A failed start is a failure like any other.
func (m *model) begin(starts []*model) {
	for i, c := range starts {
		if err := c.start(); err != nil {
			for _, o := range starts[i:] {
				o.state = otp.StateRestarting
			}
			m.restartGroup(c, starts[i:], err, false)
			return
		}
		c.restarts++
	}
}

func (m *model) group(c *model, along []*model) []*model {
	in := map[*model]bool{c: true}
	for _, o := range along {
		in[o] = true
	}
	at := slices.Index(m.children, c)
	for i, o := range m.children {
		switch m.strategy {
		case otp.OneForAll:
			in[o] = true
		case otp.RestForOne:
			in[o] = in[o] || i > at
		case nextToo{}:
			in[o] = in[o] || i == at+1
		}
	}
	for _, o := range m.children {
		if p := o.pause; in[o] && p != nil { // its back-off ends, and with it that of its group
			m.abort(p)
			for _, s := range p.starts {
				in[s] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(m.children), func(o *model) bool { return !in[o] })
}

func (m *model) exceeded() bool {
	n := 0
	m.window = append(m.window, m.world.now)
	for _, at := range m.window {
		if m.world.now.Sub(at) <= m.period {
			n++
		}
	}
	return n > m.limit
}

// collapse is what more restarts than the intensity allows, or a start that failed, lead to.
func (m *model) collapse(reason error) {
	m.stopAll()
	if m.degrade() {
		if reason = m.startAll(); reason == nil {
			return
		}
	}
	m.giveUp(reason)
}

func (m *model) giveUp(reason error) {
	if reason == nil { // the last straw was a normal exit
		reason = errTest
	}
	if m.parent == nil {
		m.state = otp.StateStopped
		return
	}
	m.parent.ended(m, reason)
}

// remove forgets c and what was counted of it and below it, as the tree does.
func (m *model) remove(c *model) {
	m.children = slices.DeleteFunc(m.children, func(o *model) bool { return o == c })
	c.zero()
}

func (m *model) zero() {
	m.starts, m.restarts, m.state, m.children = 0, 0, otp.StateStopped, nil
	for _, c := range m.spec {
		c.zero()
	}
}

func (m *model) path() string {
	if m.parent == nil {
		return m.id
	}
	return m.parent.path() + "/" + m.id
}
