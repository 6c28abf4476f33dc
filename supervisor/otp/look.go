package otp

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"
)

// Tree returns a snapshot. It waits for no actor.
func (r *Root) Tree() Node {
	n, _ := r.tree.snapshot(func() (*node, error) { return r.tree.top, nil })
	return n
}

// Node returns a snapshot of the part of the tree at path.
func (r *Root) Node(path string) (Node, error) {
	return r.tree.snapshot(func() (*node, error) { return r.tree.find(path) })
}

// Children returns snapshots of the children of the supervisor at path, in start order (which_children).
func (r *Root) Children(path string) ([]Node, error) {
	n, err := r.tree.snapshot(func() (*node, error) { return r.tree.supervisor(path) })
	return n.Children, err
}

// Count counts the children of the supervisor at path (count_children).
func (r *Root) Count(path string) (Count, error) {
	r.tree.mu.RLock()
	defer r.tree.mu.RUnlock()
	n, err := r.tree.supervisor(path)
	if err != nil {
		return Count{}, err
	}
	count := Count{Specs: n.children.len()}
	for c := range n.children.all() {
		if c.pid != nil {
			count.Active++
		}
		if c.isSup {
			count.Supervisors++
		} else {
			count.Workers++
		}
	}
	return count, nil
}

// PID returns the current address of the child at path; false when there is none at the moment. A PID stays valid over
// restarts unless the child leaked.
func (r *Root) PID(path string) (*actor.PID, bool) {
	r.tree.mu.RLock()
	defer r.tree.mu.RUnlock()
	n := r.tree.byPath[path]
	if n == nil || n.pid == nil {
		return nil, false
	}
	return n.pid, true
}

// Send sends msg to the child at path.
func (r *Root) Send(path string, msg any) error {
	r.tree.mu.RLock()
	n, err := r.tree.find(path)
	var pid *actor.PID
	if err == nil {
		pid = n.pid
	}
	r.tree.mu.RUnlock()
	if err == nil && pid == nil {
		err = fmt.Errorf("otp: %s: %w", path, ErrNotRunning)
	}
	if err != nil {
		return err
	}
	r.system.Root.Send(pid, msg)
	return nil
}
