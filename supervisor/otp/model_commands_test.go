package otp_test

import (
	"slices"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// The commands of Root, as the model has them.

func (m *model) child(id string) *model {
	i := slices.IndexFunc(m.children, func(c *model) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	return m.children[i]
}

// startChild adds c, which keeps no count of an earlier life.
func (m *model) startChild(c *model) error {
	switch {
	case !m.running():
		return otp.ErrNotRunning
	case m.child(c.id) != nil:
		return otp.ErrDuplicate
	}
	m.children = append(m.children, c)
	c.attempt = 0
	err := c.start()
	if err != nil {
		m.remove(c)
	}
	return err
}

func (m *model) terminateChild(id string) error {
	c := m.child(id)
	switch {
	case !m.running():
		return otp.ErrNotRunning
	case c == nil:
		return otp.ErrNotFound
	}
	if p := c.pause; p != nil { // the others go on waiting
		p.starts = slices.DeleteFunc(p.starts, func(o *model) bool { return o == c })
		c.pause = nil
	}
	c.stop()
	m.retire(c)
	return nil
}

func (m *model) restartChild(id string) error {
	c, err := m.stopped(id)
	if err != nil {
		return err
	}
	return c.start()
}

func (m *model) deleteChild(id string) error {
	c, err := m.stopped(id)
	if err != nil {
		return err
	}
	m.remove(c)
	return nil
}

func (m *model) stopped(id string) (*model, error) {
	c := m.child(id)
	switch {
	case !m.running():
		return nil, otp.ErrNotRunning
	case c == nil:
		return nil, otp.ErrNotFound
	case c.state != otp.StateStopped:
		return nil, otp.ErrRunning
	}
	return c, nil
}

// prefer returns why the preferred alternative could not start, even if another one could.
func (m *model) prefer() error {
	switch {
	case !m.running():
		return otp.ErrNotRunning
	case len(m.alternatives) == 0:
		return otp.ErrNoAlternatives
	case m.current == 0:
		return nil
	}
	m.stopAll()
	m.current, m.window = 0, nil
	first := m.startEach()
	if first != nil {
		m.collapse(first)
	}
	return first
}
