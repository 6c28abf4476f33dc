package admin

import (
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Failure is one that an actor had.
type Failure struct {
	Time        time.Time `json:"time"`
	Path        string    `json:"path"`
	Kind        string    `json:"kind"`
	Incarnation int       `json:"incarnation"`
	Reason      string    `json:"reason"`
	// Stack is that of the panic, empty if there was none.
	Stack string `json:"stack,omitempty"`
}

// maxFailures is how many failures are kept; a report with more would be read by nobody.
const maxFailures = 32

// remember keeps a failure instead of the oldest one; mu is held.
func (c *Counters) remember(e otp.Event) {
	f := Failure{Time: e.Time, Path: e.Path, Kind: e.Kind, Incarnation: e.Incarnation, Stack: string(e.Stack)}
	if e.Reason != nil {
		f.Reason = e.Reason.Error()
	}
	if len(c.recent) < maxFailures {
		c.recent = append(c.recent, f)
		return
	}
	c.recent[c.next] = f
	c.next = (c.next + 1) % maxFailures
}

// Failures returns the last failures, the oldest first.
func (c *Counters) Failures() []Failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]Failure, 0, len(c.recent))
	out = append(out, c.recent[c.next:]...)
	return append(out, c.recent[:c.next]...)
}
