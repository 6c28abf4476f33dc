package otp

import "sync"

// Alternator is a Strategy with something else to try. Where another supervisor would give up (a child cannot start,
// the intensity is exceeded), one with an Alternator stops its children in reverse, calls Next, forgets the restarts
// counted so far, and starts all children again. It gives up only when Next finds nothing.
//
// The methods are called on the supervisor's goroutine; Current may be called from anywhere.
type Alternator interface {
	Strategy
	// Next switches to the next alternative because of cause; false means that there is none left.
	Next(cause error) bool
	// Reset goes back to the preferred alternative. A fresh supervisor begins with it, Root.Prefer asks for it.
	Reset()
	// Current and Preferred name the alternatives; they differ while the supervisor is degraded.
	Current() string
	Preferred() string
}

// Alternatives is the Alternator over a list of names. Children learn the name from Incarnation.Alternative. It has
// state: each supervisor needs its own, so that a template of dynamic children must not contain one.
type Alternatives struct {
	inner Strategy
	names []string

	mu      sync.Mutex
	current int // guarded by mu
}

var (
	_ Alternator = (*Alternatives)(nil)
	_ Dynamic    = (*Alternatives)(nil)
)

// NewAlternatives wraps inner (nil is OneForOne), which decides about ordinary restarts; preferred and others are tried
// in this order.
func NewAlternatives(inner Strategy, preferred string, others ...string) *Alternatives {
	if inner == nil {
		inner = OneForOne
	}
	return &Alternatives{inner: inner, names: append([]string{preferred}, others...)}
}

// Name is that of the inner strategy.
func (a *Alternatives) Name() string { return a.inner.Name() }

// Affected asks the inner strategy.
func (a *Alternatives) Affected(failed, other Member) bool { return a.inner.Affected(failed, other) }

// Dynamic asks the inner strategy.
func (a *Alternatives) Dynamic() bool { return isDynamic(a.inner) }

// Next implements Alternator.
func (a *Alternatives) Next(error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current+1 == len(a.names) {
		return false
	}
	a.current++
	return true
}

// Reset implements Alternator.
func (a *Alternatives) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = 0
}

// Current implements Alternator.
func (a *Alternatives) Current() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.names[a.current]
}

// Preferred implements Alternator.
func (a *Alternatives) Preferred() string { return a.names[0] }
