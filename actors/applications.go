package actors

import (
	"net/http"
	"sync"
	"sync/atomic"
)

// Builder makes an application for one of the web frameworks from the configuration as it is now.
type Builder func(framework string) (http.Handler, error)

// Applications has the generations of the application: the current one, which gets every new request, and older ones
// until their last request has ended. It is safe for concurrent use.
type Applications struct {
	build   Builder
	current atomic.Pointer[Generation]

	mu     sync.Mutex // serialises changes of current, guards number
	number int
}

// NewApplications returns an empty set.
func NewApplications(build Builder) *Applications { return &Applications{build: build} }

// Generation is one application and the requests it is serving.
type Generation struct {
	// Number counts from 1, Framework is "legacy" or "pecan".
	Number    int
	Framework string

	app     http.Handler
	users   atomic.Int64 // requests in flight, plus one while it is the current generation
	drained chan struct{}
}

// Drained is closed when the generation has been replaced and its last request has ended.
func (g *Generation) Drained() <-chan struct{} { return g.drained }

func (g *Generation) release() {
	if g.users.Add(-1) == 0 {
		close(g.drained)
	}
}

// Current is the generation that new requests get, nil before the first Ensure.
func (a *Applications) Current() *Generation { return a.current.Load() }

// Ensure builds an application for framework unless the current one is for it and fresh is false.
func (a *Applications) Ensure(framework string, fresh bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if g := a.current.Load(); g != nil && g.Framework == framework && !fresh {
		return nil
	}
	app, err := a.build(framework)
	if err != nil {
		return err
	}
	a.install(framework, app)
	return nil
}

// Swap makes app the current generation and returns it with its predecessor, which drains (nil if there was none).
func (a *Applications) Swap(framework string, app http.Handler) (current, previous *Generation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.install(framework, app)
}

func (a *Applications) install(framework string, app http.Handler) (current, previous *Generation) {
	a.number++
	g := &Generation{Number: a.number, Framework: framework, app: app, drained: make(chan struct{})}
	g.users.Store(1)
	previous = a.current.Swap(g)
	if previous != nil {
		previous.release()
	}
	return g, previous
}

// Clear drops the current generation, so that the next Ensure builds one.
func (a *Applications) Clear() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if g := a.current.Swap(nil); g != nil {
		g.release()
	}
}

// acquire returns the current generation with this request counted, nil if there is none. A generation that was
// replaced and drained in between is not revived: its count is zero, and then the new one is taken.
func (a *Applications) acquire() *Generation {
	for {
		g := a.current.Load()
		if g == nil {
			return nil
		}
		for n := g.users.Load(); n > 0; n = g.users.Load() {
			if g.users.CompareAndSwap(n, n+1) {
				return g
			}
		}
	}
}
