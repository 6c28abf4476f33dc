package process

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Parent is the process that started this one, as a Child or with Upgrade, and what it passed. A nil *Parent stands for
// nobody: it has no sockets, wants no word and never dies. It is safe for concurrent use.
type Parent struct {
	pid   int
	role  role
	title string

	lifeline *os.File // nil for a successor
	died     chan struct{}

	mu      sync.Mutex // guards the fields below
	sockets []Socket   // not yet taken
	ready   *os.File   // nil when the word has been said
}

// Inherited returns the parent of this process, nil when it was started by something else. To be called once and early,
// before this process starts others: it clears the variables and makes the descriptors close-on-exec.
func Inherited() (*Parent, error) { return inherited(realSystem()) }

func inherited(sys system) (*Parent, error) {
	text, ok := sys.lookup(envParent)
	if !ok {
		return nil, nil
	}
	p, ready, lifeline, err := parseParent(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %q: %w", envParent, text, err)
	}
	if err := clearVariables(sys, envParent); err != nil {
		return nil, err
	}
	if p.ready, err = sys.adopt(ready, "ready"); err != nil {
		return nil, err
	}
	if p.sockets, err = inheritedSockets(sys); err != nil {
		return nil, err
	}
	if p.role == roleSuccessor {
		return p, nil
	}
	if p.lifeline, err = sys.adopt(lifeline, "lifeline"); err != nil {
		return nil, err
	}
	go p.watch()
	return p, nil
}

// parseParent reads role:pid:ready:lifeline.
func parseParent(text string) (p *Parent, ready, lifeline int, err error) {
	fields := strings.Split(text, ":")
	if len(fields) != 4 {
		return nil, 0, 0, fmt.Errorf("has %d fields, not 4", len(fields))
	}
	p = &Parent{role: role(fields[0]), title: os.Args[0], died: make(chan struct{})}
	if p.role != roleChild && p.role != roleSuccessor {
		return nil, 0, 0, fmt.Errorf("unknown role %q", fields[0])
	}
	for i, to := range []*int{&p.pid, &ready, &lifeline} {
		if *to, err = strconv.Atoi(fields[i+1]); err != nil {
			return nil, 0, 0, fmt.Errorf("field %d is not a number", i+2)
		}
	}
	if ready < firstFD || p.role == roleChild && lifeline < firstFD {
		return nil, 0, 0, fmt.Errorf("a descriptor is below %d", firstFD)
	}
	return p, ready, lifeline, nil
}

// watch waits for the end of the lifeline. Nothing is ever written to it.
func (p *Parent) watch() {
	if _, err := io.Copy(io.Discard, p.lifeline); errors.Is(err, os.ErrClosed) {
		return // Close
	}
	close(p.died)
}

// PID is that of the parent, 0 for nobody.
func (p *Parent) PID() int {
	if p == nil {
		return 0
	}
	return p.pid
}

// Title is what the parent calls this process (argv[0], Spec.Title).
func (p *Parent) Title() string {
	if p == nil {
		return ""
	}
	return p.title
}

// Successor says that this process was started by Upgrade: it takes over from its parent, and outlives it.
func (p *Parent) Successor() bool { return p != nil && p.role == roleSuccessor }

// Lifeline is closed when the parent of a child has died; for a successor or nobody, never. The child then ends at once:
// what it would finish, a new worker of a new parent might be doing already.
func (p *Parent) Lifeline() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.died
}

// Names lists the sockets that have not been taken yet.
func (p *Parent) Names() []string {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for _, s := range p.sockets {
		names = append(names, s.Name)
	}
	return names
}

// Listener takes the inherited socket of that name. It is shared with the parent and its other workers: closing it
// leaves the socket, and the connections in its queue, to them.
func (p *Parent) Listener(name string) (net.Listener, error) {
	if p == nil {
		return nil, fmt.Errorf("socket %s: no parent passed one", name)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range p.sockets {
		if s.Name == name {
			p.sockets = append(p.sockets[:i:i], p.sockets[i+1:]...)
			return s.Listener()
		}
	}
	return nil, fmt.Errorf("socket %s: not passed by the parent, or taken already", name)
}

// Ready tells the parent that this process does its work. Of Ready and Failed only the first call counts.
func (p *Parent) Ready() error { return p.say(sayReady) }

// Failed tells the parent why this process cannot start. The process should then exit: soon it is killed.
func (p *Parent) Failed(err error) error {
	text := strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	if len(text) > maxLine/2 {
		text = text[:maxLine/2]
	}
	return p.say(sayFailed + text)
}

func (p *Parent) say(line string) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready == nil {
		return nil
	}
	_, err := p.ready.WriteString(line + "\n")
	err = errors.Join(err, p.ready.Close())
	p.ready = nil
	if err != nil {
		return fmt.Errorf("tell parent %d: %w", p.pid, err)
	}
	return nil
}

// Close lets go of everything that has not been taken: the word to the parent remains unsaid, and its death unnoticed.
func (p *Parent) Close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	files := []*os.File{p.ready, p.lifeline}
	for _, s := range p.sockets {
		files = append(files, s.File)
	}
	closeAll(files)
	p.sockets, p.ready = nil, nil
}

// Sockets takes all inherited sockets that have not been taken yet. The files are the caller's.
func (p *Parent) Sockets() []Socket {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.sockets
	p.sockets = nil
	return taken
}
