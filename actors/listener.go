package actors

import (
	"fmt"
	"net"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Listener is the actor that owns the listening socket and hands out duplicates. It starts only when the port is bound,
// and outlives every worker. It has no messages: Duplicate is safe to call from other actors.
type Listener struct {
	// Sockets is the root's table, which keeps the socket across restarts of this actor.
	Sockets *Sockets
	// Address is where to listen.
	Address Address
	Log     zerolog.Logger

	socket atomic.Pointer[net.TCPListener]
}

// Child returns the actor of one incarnation.
func (l *Listener) Child(otp.Incarnation) otp.Child { return (*listening)(l) }

// Addr is the address that is bound, nil before the first start.
func (l *Listener) Addr() net.Addr {
	if s := l.socket.Load(); s != nil {
		return s.Addr()
	}
	return nil
}

// Duplicate returns a listener of its own on the shared socket.
func (l *Listener) Duplicate() (net.Listener, error) {
	s := l.socket.Load()
	if s == nil {
		return nil, fmt.Errorf("listener: %s is not bound", l.Address)
	}
	return newDuplicate(s, l.Address.KeepIdle)
}

type listening Listener

// Init binds the socket, or adopts it after a restart.
func (l *listening) Init(ctx otp.Context) error {
	s, err := l.Sockets.Bind(ctx, l.Address)
	if err != nil {
		return err
	}
	l.socket.Store(s)
	l.Log.Info().Msgf("Neutron service started, listening on %s", l.Address)
	return nil
}

// Receive has nothing to do.
func (l *listening) Receive(actor.Context) {}

// Terminate leaves the socket to the table.
func (l *listening) Terminate(error) {}
