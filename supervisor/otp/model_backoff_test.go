package otp_test

import (
	"slices"
	"time"
)

// pause is a back-off.
type pause struct {
	due    time.Time
	starts []*model
}

// nextDelay is the pause before the restart of m: each twice as long as the one before.
func (m *model) nextDelay() time.Duration {
	if m.backoff.Min == 0 {
		return 0
	}
	d := min(m.backoff.Min<<m.attempt, max(m.backoff.Min, m.backoff.Max))
	m.attempt++
	return time.Duration(float64(d) * (1 + m.backoff.Jitter*(2*modelRandom-1)))
}

func (m *model) wait(p *pause) {
	m.pauses = append(m.pauses, p)
	for _, c := range p.starts {
		c.pause = p
	}
}

func (m *model) abort(p *pause) {
	m.pauses = slices.DeleteFunc(m.pauses, func(o *pause) bool { return o == p })
	for _, c := range p.starts {
		c.pause = nil
	}
}

// pass lets time pass, and with it the back-offs that end meanwhile.
func (m *model) pass(d time.Duration) {
	end := m.world.now.Add(d)
	for {
		sup, p := m.nextPause(nil, nil)
		if p == nil || p.due.After(end) {
			m.world.now = end
			return
		}
		m.world.now = p.due
		sup.abort(p)
		sup.begin(p.starts)
	}
}

func (m *model) nextPause(sup *model, next *pause) (*model, *pause) {
	for _, p := range m.pauses {
		if next == nil || p.due.Before(next.due) {
			sup, next = m, p
		}
	}
	for _, c := range m.children {
		sup, next = c.nextPause(sup, next)
	}
	return sup, next
}
