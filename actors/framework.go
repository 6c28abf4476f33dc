package actors

import (
	"sync"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Frameworks are the two front controllers, by the names web_framework has for them.
const (
	Legacy = "legacy"
	Pecan  = "pecan"
)

// Framework is the strategy of the api supervisor: workers are restarted one for one, with the front controller that
// web_framework prefers; when a worker cannot start, or workers keep dying beyond the intensity, the other front
// controller takes over. The next reload prefers the configured one again.
//
// It is an otp.Alternator and safe for concurrent use.
type Framework struct {
	otp.Strategy // between switches

	mu        sync.Mutex // guards the rest
	preferred string
	current   string
}

var _ otp.Alternator = (*Framework)(nil)

// NewFramework returns the strategy with preferred in use.
func NewFramework(preferred string) *Framework {
	return &Framework{Strategy: otp.OneForOne, preferred: preferred, current: preferred}
}

// Name implements otp.Strategy.
func (f *Framework) Name() string { return "framework" }

// Next implements otp.Alternator: from the preferred to the other, and from there nowhere.
func (f *Framework) Next(error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current != f.preferred {
		return false
	}
	f.current = other(f.preferred)
	return true
}

// Reset implements otp.Alternator.
func (f *Framework) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current = f.preferred
}

// Current implements otp.Alternator.
func (f *Framework) Current() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// Preferred implements otp.Alternator.
func (f *Framework) Preferred() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.preferred
}

// Prefer makes name both preferred and current: what a reload does once an application for it stands.
func (f *Framework) Prefer(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.preferred, f.current = name, name
}

// Stay says that name is in use whatever is preferred: a reload whose worker processes could not be replaced leaves those
// that there are. Health says degraded where the two differ.
func (f *Framework) Stay(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current = name
}

func other(name string) string {
	if name == Legacy {
		return Pecan
	}
	return Legacy
}
