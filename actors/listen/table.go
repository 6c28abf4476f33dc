package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// retryInterval is Neutron's pause between two tries of an address in use.
const retryInterval = 100 * time.Millisecond

// Table owns bound sockets. It is safe for concurrent use.
type Table struct {
	lookup resolver

	mu      sync.Mutex // guards what is below
	bound   map[string]*Socket
	adopted map[string]*Socket // inherited ones that no Bind has asked for yet
	closed  bool
}

// NewTable returns an empty table.
func NewTable() *Table {
	return &Table{
		lookup:  net.DefaultResolver.LookupIPAddr,
		bound:   make(map[string]*Socket),
		adopted: make(map[string]*Socket),
	}
}

// Bind returns the socket of an address: the one bound before, an inherited one of that name or place, or a new one. The
// backlog and KeepIdle of a are applied to it in every case, for connections to come. An address in use is tried again
// within the window, unless it is this table that uses it; any other failure is final at once.
func (t *Table) Bind(ctx context.Context, a Address) (*Socket, error) {
	if err := a.check(); err != nil {
		return nil, unable(a, err)
	}
	if s, err := t.known(a); s != nil || err != nil {
		return s, err
	}
	p, err := a.resolve(ctx, t.lookup)
	if err != nil {
		return nil, unable(a, err)
	}
	return t.retry(ctx, a, p)
}

func unable(a Address, err error) error {
	return fmt.Errorf("Unable to listen on %s: %w", a.text(), err)
}

// known finds the socket without resolving the address, so that a restart does not depend on a name server.
func (t *Table) known(a Address) (*Socket, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.claim(a)
	switch {
	case t.closed:
		return nil, unable(a, net.ErrClosed)
	case s == nil && a.Inherited != "":
		return nil, unable(a, errors.New("no socket of this name was inherited"))
	case s == nil:
		return nil, nil
	}
	if err := s.tune(a); err != nil {
		return nil, unable(a, err)
	}
	return s, nil
}

// claim returns the socket that has the name of a. An inherited one is bound from now on.
func (t *Table) claim(a Address) *Socket {
	if s, ok := t.bound[a.String()]; ok {
		return s
	}
	if s, ok := t.adopted[a.Inherited]; ok {
		delete(t.adopted, a.Inherited)
		t.bound[a.String()] = s
		return s
	}
	return nil
}

func (t *Table) retry(ctx context.Context, a Address, p place) (*Socket, error) {
	deadline := time.Now().Add(a.RetryWindow)
	for {
		s, err := t.try(ctx, a, p)
		left := time.Until(deadline)
		switch {
		case err == nil:
			return s, nil
		case !errors.Is(err, unix.EADDRINUSE):
			return nil, unable(a, err)
		case left <= 0:
			return nil, fmt.Errorf("Could not bind to %s after trying for %d seconds: %w",
				a.text(), int(a.RetryWindow.Seconds()), err)
		}
		if sleep(ctx, min(left, retryInterval)) != nil {
			return nil, fmt.Errorf("bind to %s: %w, last: %w", a.text(), context.Cause(ctx), err)
		}
	}
}

// try binds once. The directory of a Unix socket is locked before the table is: the lock may take a while, and must not
// keep others from their sockets.
func (t *Table) try(ctx context.Context, a Address, p place) (*Socket, error) {
	if a.Path != "" {
		unlock, err := lockDirectory(ctx, a.Path)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, net.ErrClosed
	}
	s := t.claim(a)
	if s == nil {
		s = t.claimPlace(a, p)
	}
	if s != nil {
		return s, s.tune(a)
	}
	s, err := open(a, p)
	if err != nil {
		return nil, t.blames(err, p)
	}
	t.bound[a.String()] = s
	return s, nil
}

// claimPlace returns a socket that has another name in the table, but is bound to the very place: an inherited one, or
// one asked for by another spelling of its host.
func (t *Table) claimPlace(a Address, p place) *Socket {
	for name, s := range t.adopted {
		if s.isAt(p) {
			delete(t.adopted, name)
			t.bound[a.String()] = s
			return s
		}
	}
	for _, s := range t.bound {
		if s.isAt(p) {
			t.bound[a.String()] = s
			return s
		}
	}
	return nil
}

// Adopt takes a duplicate of a listening socket that this process inherited, an *os.File or a listener of package net,
// which stays the caller's. It is for the next Bind that asks for this name, or for the place the socket is bound to. The
// file of a Unix socket stays its former owner's until Own.
func (t *Table) Adopt(name string, f syscall.Conn) (*Socket, error) {
	if name == "" {
		return nil, errors.New("adopt socket: it needs a name")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, fmt.Errorf("adopt socket %q: %w", name, net.ErrClosed)
	}
	if t.adopted[name] != nil || t.bound[Address{Inherited: name}.String()] != nil {
		return nil, fmt.Errorf("adopt socket %q: the name is taken", name)
	}
	s, err := adopt(name, f)
	if err != nil {
		return nil, fmt.Errorf("adopt socket %q: %w", name, err)
	}
	t.adopted[name] = s
	return s, nil
}

// Own has this process remove the files of the Unix sockets that were bound by their path, its own and those it has
// adopted: their former owner has handed them over (see Socket.SetUnlinkOnClose). The file of a socket that was bound by
// its inherited name belongs to who made it, a service manager for instance.
func (t *Table) Own() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var failed error
	for name, s := range t.bound {
		if strings.HasPrefix(name, unixPrefix) {
			failed = errors.Join(failed, s.KeepFile(false))
		}
	}
	return failed
}

// Prune closes the inherited sockets that nobody has asked for, and names them: a client that connected to one would
// wait for ever.
func (t *Table) Prune() ([]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var names []string
	var failed error
	for name, s := range t.adopted {
		names = append(names, name)
		failed = errors.Join(failed, s.close())
	}
	clear(t.adopted)
	slices.Sort(names)
	return names, failed
}

// Release closes the socket of an address, unless it has another name here that is still bound. Its queue lives until
// the last duplicate is closed too.
func (t *Table) Release(a Address) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.bound[a.String()]
	if !ok {
		return fmt.Errorf("release %s: not bound", a)
	}
	delete(t.bound, a.String())
	for _, other := range t.bound {
		if other == s {
			return nil
		}
	}
	return s.close()
}

// Sockets are all sockets of the table, ordered by name.
func (t *Table) Sockets() []*Socket {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.all()
	slices.SortFunc(all, func(a, b *Socket) int { return strings.Compare(a.Name(), b.Name()) })
	return all
}

// all holds each socket once, whatever number of names it has.
func (t *Table) all() []*Socket {
	seen := make(map[*Socket]bool)
	for _, s := range t.bound {
		seen[s] = true
	}
	for _, s := range t.adopted {
		seen[s] = true
	}
	all := make([]*Socket, 0, len(seen))
	for s := range seen {
		all = append(all, s)
	}
	return all
}

// Close closes every socket for good. Connections are refused as soon as the last duplicate is closed too.
func (t *Table) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var failed error
	for _, s := range t.all() {
		failed = errors.Join(failed, s.close())
	}
	t.closed = true
	clear(t.bound)
	clear(t.adopted)
	return failed
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
