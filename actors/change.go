package actors

import (
	"context"
	"errors"
	"slices"

	"github.com/seed-a8f20362/hadron/actors/listen"
)

// Change is another set of addresses, bound and not yet used. It ends with Commit or Undo.
type Change struct {
	listener  *Listener
	former    []listen.Address
	addresses []listen.Address
	sockets   []*listen.Socket // of the addresses
}

// Prepare makes sure that every address can be listened on: it is bound now, or its options are applied if it is in use
// already. Either that works for all of them, or nothing has changed.
func (l *Listener) Prepare(ctx context.Context, addresses []listen.Address) (*Change, error) {
	l.mu.Lock()
	c := &Change{listener: l, former: l.addresses, addresses: addresses}
	l.mu.Unlock()
	for _, a := range addresses {
		s, err := l.Sockets.Bind(ctx, a)
		if err != nil {
			return nil, errors.Join(err, c.Undo(ctx))
		}
		c.sockets = append(c.sockets, s)
	}
	return c, nil
}

// Undo releases what Prepare has bound and gives the sockets in use their options back.
func (c *Change) Undo(ctx context.Context) error {
	var failed error
	for _, a := range c.addresses[:len(c.sockets)] {
		if !names(c.former, a) {
			failed = errors.Join(failed, c.listener.Sockets.Release(a))
		}
	}
	for _, a := range c.former {
		_, err := c.listener.Sockets.Bind(ctx, a)
		failed = errors.Join(failed, err)
	}
	return failed
}

// Commit has the workers go to the new sockets, and lets those go that are not among them.
func (c *Change) Commit() error {
	l := c.listener
	l.mu.Lock()
	same := slices.Equal(l.sockets, c.sockets)
	l.addresses, l.sockets = c.addresses, c.sockets
	if !same {
		close(l.moved)
		l.moved = make(chan struct{})
	}
	l.mu.Unlock()
	for i, a := range c.addresses {
		if !names(c.former, a) {
			l.announce(a, c.sockets[i])
		}
	}
	var failed error
	for _, a := range c.former {
		if !names(c.addresses, a) {
			failed = errors.Join(failed, l.Sockets.Release(a))
		}
	}
	return failed
}

// names reports whether one of the addresses has the name of a.
func names(addresses []listen.Address, a listen.Address) bool {
	return slices.ContainsFunc(addresses, func(b listen.Address) bool { return b.String() == a.String() })
}
