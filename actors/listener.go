package actors

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/listen"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Listener is the actor that owns the listening socket and hands out duplicates. It starts only when the port is bound,
// and outlives every worker. It has no messages: its methods are safe to call from other actors.
type Listener struct {
	// Sockets is the root's table, which keeps the socket across restarts of this actor.
	Sockets *Sockets
	// TLS, when set, is spoken on every connection.
	TLS *listen.Keypair
	Log zerolog.Logger

	mu      sync.Mutex // guards the rest
	address listen.Address
	socket  *listen.Socket
	moved   chan struct{} // closed when socket is another one, and then made anew
}

// NewListener returns a listener for an address, not yet bound.
func NewListener(sockets *Sockets, address listen.Address, log zerolog.Logger) *Listener {
	return &Listener{Sockets: sockets, Log: log, address: address, moved: make(chan struct{})}
}

// Child returns the actor of one incarnation.
func (l *Listener) Child(otp.Incarnation) otp.Child { return (*listening)(l) }

// Addr is the address that is bound, nil before the first start.
func (l *Listener) Addr() net.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket == nil {
		return nil
	}
	return l.socket.Addr()
}

// Duplicate returns a listener of its own on the shared socket, which survives a shortage of descriptors and speaks TLS
// where that is set, and a channel that is closed when the workers are to ask again, because the socket is another one.
func (l *Listener) Duplicate() (net.Listener, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket == nil {
		return nil, nil, fmt.Errorf("listener: %s is not bound", l.address)
	}
	duplicate, err := l.socket.Duplicate()
	if err != nil {
		return nil, nil, err
	}
	accepting, err := listen.NewAcceptor(duplicate, listen.AcceptOptions{OnError: l.acceptFailed})
	if err != nil {
		return nil, nil, err
	}
	if l.TLS == nil {
		return accepting, l.moved, nil
	}
	return listen.NewTLSListener(accepting, l.TLS), l.moved, nil
}

func (l *Listener) acceptFailed(err error) {
	l.Log.Warn().Err(err).Msg("accepting a connection failed, trying again")
}

// Bind makes sure that next can be listened on: it is bound now, or its options are applied if it is the address in use.
// Nothing moves before MoveTo.
func (l *Listener) Bind(ctx context.Context, next listen.Address) (*listen.Socket, error) {
	return l.Sockets.Bind(ctx, next)
}

// MoveTo has the workers go to a socket that Bind has returned, and lets the former one go if it is another.
func (l *Listener) MoveTo(next listen.Address, socket *listen.Socket) error {
	l.mu.Lock()
	former, same := l.address, socket == l.socket
	l.address, l.socket = next, socket
	if !same {
		close(l.moved)
		l.moved = make(chan struct{})
	}
	l.mu.Unlock()
	if same || former.String() == next.String() {
		return nil
	}
	l.announce(next)
	return l.Sockets.Release(former)
}

func (l *Listener) announce(a listen.Address) {
	l.Log.Info().Msgf("Neutron service started, listening on %s", a)
}

type listening Listener

// Init binds the socket, or adopts it after a restart.
func (l *listening) Init(ctx otp.Context) error {
	l.mu.Lock()
	address := l.address
	l.mu.Unlock()
	socket, err := l.Sockets.Bind(ctx, address)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.socket = socket
	l.mu.Unlock()
	(*Listener)(l).announce(address)
	return nil
}

// Receive has nothing to do.
func (l *listening) Receive(actor.Context) {}

// Terminate leaves the socket to the table.
func (l *listening) Terminate(error) {}
