package otp

import (
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// State is where a child is in its life.
type State uint8

// The states of a child.
const (
	StateStopped State = iota
	StateStarting
	StateRunning
	StateStopping
	StateRestarting // stopped because of a failure, will be started again
	StateBackingOff // failed, waits for its back-off
	StateLeaked     // did not stop in time
	StateDegraded   // a running supervisor that does not use its preferred alternative
)

// String returns the lower-case name.
func (s State) String() string {
	names := [...]string{"stopped", "starting", "running", "stopping", "restarting", "backing_off", "leaked", "degraded"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText makes the name appear in JSON.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Node is a snapshot of a child and all below it.
type Node struct {
	Path        string    `json:"path"`
	ID          string    `json:"id"`
	Kind        string    `json:"kind"`
	Strategy    string    `json:"strategy,omitempty"`    // supervisors only
	Alternative string    `json:"alternative,omitempty"` // supervisors with alternatives only
	State       State     `json:"state"`
	Restarts    int       `json:"restarts"` // successful ones, over the life of the tree
	Since       time.Time `json:"since"`    // when State was entered
	Incarnation int       `json:"incarnation"`
	// Mailbox is the number of user messages that wait in the mailbox of the child's actor (0 for a mailbox that was
	// given in ChildSpec.Props instead of ChildSpec.Mailbox, because it is not known).
	Mailbox     int    `json:"mailbox"`
	LastFailure string `json:"last_failure,omitempty"`
	Children    []Node `json:"children,omitempty"`
}

// Count is the number of children of one supervisor, as OTP's count_children.
type Count struct {
	// Specs counts all children, Active those with a live actor.
	Specs, Active, Supervisors, Workers int
}

// node is the shared record of one child. Its supervisor writes it, snapshots read it; tree.mu guards all of it. A
// supervisor that was left behind as leaked still lives for a while, so owner and sup say whose word counts.
type node struct {
	owner    *supervisor // of the child
	sup      *supervisor // the child itself, if it is one
	info     Node        // without Mailbox and Children
	degraded bool
	isSup    bool
	pid      *actor.PID    // nil without a live actor
	gone     chan struct{} // closed when the actor behind pid has ended
	mailbox  actor.Mailbox // of that actor, if known
	children roster[*node]
}

// tree holds the nodes of one root. A lock is held only to copy fields, never while anything is waited for.
type tree struct {
	mu     sync.RWMutex
	top    *node
	byPath map[string]*node
}

func newTree(top *node) *tree {
	return &tree{top: top, byPath: map[string]*node{top.info.Path: top}}
}

// update runs f on n under the lock.
func (t *tree) update(n *node, f func(n *node)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(n)
}

// child returns the node of spec below parent and gives it to owner. It is a new one unless an earlier incarnation of
// the supervisor had it: so incarnations and restarts go on counting.
func (t *tree) child(parent *node, spec ChildSpec, owner *supervisor) *node {
	t.mu.Lock()
	defer t.mu.Unlock()
	path := parent.info.Path + "/" + spec.ID
	n := t.byPath[path]
	if n == nil {
		n = newNode(path, spec)
		parent.children.add(n)
		t.byPath[path] = n
	}
	n.owner = owner
	return n
}

// arrange gives parent to sup, puts its children in the order of list and drops those that are not in it.
func (t *tree) arrange(parent *node, sup *supervisor, list iter.Seq[*child]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	parent.sup = sup
	for n := range parent.children.all() {
		t.forget(n)
	}
	parent.children = roster[*node]{}
	for c := range list {
		parent.children.add(c.node)
		t.remember(c.node)
	}
}

// remember is the opposite of forget.
func (t *tree) remember(n *node) {
	t.byPath[n.info.Path] = n
	for c := range n.children.all() {
		t.remember(c)
	}
}

// remove drops one child of parent, if owner still has it.
func (t *tree) remove(parent, n *node, owner *supervisor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n.owner != owner {
		return
	}
	parent.children.remove(n)
	t.forget(n)
}

func (t *tree) forget(n *node) {
	delete(t.byPath, n.info.Path)
	for c := range n.children.all() {
		t.forget(c)
	}
}

func newNode(path string, spec ChildSpec) *node {
	n := &node{info: Node{Path: path, ID: spec.ID, Kind: spec.Kind}, isSup: spec.Sup != nil}
	if n.isSup {
		n.info.Strategy = spec.Sup.withDefaults().Strategy.Name()
	}
	return n
}

// find is the node at path; mu is held.
func (t *tree) find(path string) (*node, error) {
	n := t.byPath[path]
	if n == nil {
		return nil, fmt.Errorf("otp: %s: %w", path, ErrNotFound)
	}
	return n, nil
}

// supervisor is find for a supervisor; mu is held.
func (t *tree) supervisor(path string) (*node, error) {
	n, err := t.find(path)
	if err == nil && !n.isSup {
		err = fmt.Errorf("otp: %s: %w", path, ErrNotSupervisor)
	}
	return n, err
}

// snapshot copies the node that pick chooses and all below it. The mailboxes are counted without the lock, because
// theirs may be foreign code.
func (t *tree) snapshot(pick func() (*node, error)) (Node, error) {
	var out Node
	var counts []count
	t.mu.RLock()
	n, err := pick()
	if err == nil {
		n.copyTo(&out, &counts)
	}
	t.mu.RUnlock()
	for _, c := range counts {
		*c.to = c.mailbox.UserMessageCount()
	}
	return out, err
}

// count is a mailbox to be counted and where the result belongs.
type count struct {
	mailbox actor.Mailbox
	to      *int
}

// copyTo copies n and all below it; mu is held.
func (n *node) copyTo(out *Node, counts *[]count) {
	*out = n.info
	if n.degraded && out.State == StateRunning {
		out.State = StateDegraded
	}
	if n.pid != nil && n.mailbox != nil {
		*counts = append(*counts, count{n.mailbox, &out.Mailbox})
	}
	if n.children.len() > 0 {
		out.Children = make([]Node, n.children.len())
	}
	i := 0
	for c := range n.children.all() {
		c.copyTo(&out.Children[i], counts)
		i++
	}
}
