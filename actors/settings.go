package actors

import (
	"sync"
	"time"
)

// Settings are the options of all servers of an API. A change reaches them while they run. It is safe for concurrent use.
type Settings struct {
	mu      sync.Mutex // guards the rest
	options ServerOptions
	changed chan struct{} // closed at the next change
}

// NewSettings returns Settings with these options.
func NewSettings(o ServerOptions) *Settings {
	return &Settings{options: o, changed: make(chan struct{})}
}

// Get returns the options in force, and a channel that is closed when others are.
func (s *Settings) Get() (ServerOptions, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.options, s.changed
}

// DrainTimeout is that of the options in force.
func (s *Settings) DrainTimeout() time.Duration {
	o, _ := s.Get()
	return o.DrainTimeout
}

// Set puts other options into force.
func (s *Settings) Set(o ServerOptions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o != s.options {
		s.options = o
		close(s.changed)
		s.changed = make(chan struct{})
	}
}
