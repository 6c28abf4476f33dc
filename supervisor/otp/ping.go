package otp

import (
	"context"
	"fmt"
	"strings"

	"github.com/asynkron/protoactor-go/actor"
)

// PingError names the supervisors that did not answer a Ping.
type PingError struct {
	// Paths are theirs, parents before children.
	Paths []string
	// Err is that of the context.
	Err error
}

// Error implements error.
func (e *PingError) Error() string {
	return fmt.Sprintf("otp: no answer from %s: %v", strings.Join(e.Paths, ", "), e.Err)
}

// Unwrap returns the error of the context.
func (e *PingError) Unwrap() error { return e.Err }

// ping is a message that a supervisor answers when it comes to it.
type ping struct {
	quiet
	path     string
	pid      *actor.PID
	gone     <-chan struct{} // closed when the actor of the supervisor has ended
	answered chan struct{}
}

// Ping sends a message through the mailbox of every running supervisor, all at once, and waits for the answers. It
// returns nil when all have come; when ctx ends before that, a *PingError names the supervisors that are missing. So it
// is a heartbeat: unlike a snapshot it shows that the tree still acts on failures. A supervisor that stops, restarts or
// is left behind as leaked meanwhile is not missing. A tree that has stopped is an error, ErrNotRunning.
func (r *Root) Ping(ctx context.Context) error {
	pings := r.pings()
	if len(pings) == 0 {
		return fmt.Errorf("otp: %s: %w", r.name, ErrNotRunning)
	}
	for _, p := range pings {
		r.tell(p.pid, p)
	}
	var silent []*ping
	for _, p := range pings {
		if !p.wait(ctx) {
			silent = append(silent, p)
		}
	}
	paths := r.running(silent)
	if len(paths) == 0 {
		return nil
	}
	return &PingError{Paths: paths, Err: ctx.Err()}
}

// wait reports whether the supervisor has answered, or ended, before ctx did.
func (p *ping) wait(ctx context.Context) bool {
	select {
	case <-p.answered:
		return true
	case <-p.gone:
		return true
	case <-ctx.Done():
	}
	select { // both may be true; the answer counts
	case <-p.answered:
		return true
	case <-p.gone:
		return true
	default:
		return false
	}
}

// pings makes one for every supervisor that has an actor.
func (r *Root) pings() []*ping {
	r.tree.mu.RLock()
	defer r.tree.mu.RUnlock()
	var pings []*ping
	r.tree.top.supervisors(func(n *node) {
		pings = append(pings, &ping{path: n.info.Path, pid: n.pid, gone: n.gone, answered: make(chan struct{})})
	})
	return pings
}

// running returns the paths of those supervisors that are still part of the tree.
func (r *Root) running(pings []*ping) []string {
	r.tree.mu.RLock()
	defer r.tree.mu.RUnlock()
	current := map[<-chan struct{}]bool{}
	r.tree.top.supervisors(func(n *node) { current[n.gone] = true })
	var paths []string
	for _, p := range pings {
		if current[p.gone] {
			paths = append(paths, p.path)
		}
	}
	return paths
}

// supervisors calls f for every supervisor with an actor, from n down; mu is held. What is below one without an actor
// belongs to a supervisor that was left behind.
func (n *node) supervisors(f func(n *node)) {
	if !n.isSup || n.pid == nil {
		return
	}
	f(n)
	for c := range n.children.all() {
		c.supervisors(f)
	}
}
