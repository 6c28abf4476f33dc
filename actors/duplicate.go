package actors

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-a8f20362/hadron/actors/listen"
)

// Duplicate is a worker's own listener on a socket that it shares with the others. It survives a shortage of descriptors.
type Duplicate struct {
	*listen.Acceptor
	owner  *Listener
	socket *listen.Socket
}

// Close gives the duplicate back. The socket stays.
func (d *Duplicate) Close() error {
	d.owner.mu.Lock()
	delete(d.owner.out, d)
	d.owner.mu.Unlock()
	return d.Acceptor.Close()
}

// Duplicates returns a duplicate of every socket, and a channel that is closed when they are to be asked for again,
// because the sockets are others. Those of have whose socket is still in use are among them; the others are the caller's
// to close.
func (l *Listener) Duplicates(have ...*Duplicate) ([]*Duplicate, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sockets) == 0 {
		return nil, nil, fmt.Errorf("listener: %s is not bound", l.addresses)
	}
	var all, fresh []*Duplicate
	for _, s := range distinct(l.sockets) {
		if i := slices.IndexFunc(have, func(d *Duplicate) bool { return d.socket == s }); i >= 0 {
			all = append(all, have[i])
			continue
		}
		d, err := l.duplicate(s)
		if err != nil {
			for _, d := range fresh {
				delete(l.out, d)
				err = errors.Join(err, d.Acceptor.Close())
			}
			return nil, nil, err
		}
		all, fresh = append(all, d), append(fresh, d)
	}
	return all, l.moved, nil
}

func (l *Listener) duplicate(s *listen.Socket) (*Duplicate, error) {
	shared, err := s.Duplicate()
	if err != nil {
		return nil, err
	}
	a, err := listen.NewAcceptor(shared, listen.AcceptOptions{OnError: l.acceptFailed})
	if err != nil {
		return nil, errors.Join(err, shared.Close())
	}
	if l.suspended {
		if err := a.Suspend(); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	d := &Duplicate{Acceptor: a, owner: l, socket: s}
	l.out[d] = struct{}{}
	return d, nil
}

func (l *Listener) acceptFailed(err error) {
	l.Log.Warn().Err(err).Msg("accepting a connection failed, trying again")
}
