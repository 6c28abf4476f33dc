package actors

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/listen"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Listener is the actor that owns the listening sockets and hands out duplicates. It starts only when every address is
// bound, and outlives every worker. It has no messages: its methods are safe to call from other actors.
type Listener struct {
	// Sockets is the root's table, which keeps the sockets across restarts of this actor.
	Sockets *Sockets
	// Release, when set, is called when many connections have gone idle and what they used can be given back to the
	// machine. It may take a while.
	Release func()
	Log     zerolog.Logger

	plain protocol                 // of Unix sockets, for ever
	tcp   atomic.Pointer[protocol] // of TCP sockets
	idle  quiet                    // counts the connections that went idle

	mu        sync.Mutex // guards the rest
	addresses []listen.Address
	sockets   []*listen.Socket // one for each address; none before the first start
	moved     chan struct{}    // closed when sockets are others, and then made anew
	suspended bool
	out       map[*Duplicate]struct{} // not closed yet
}

// protocol is what is spoken on connections from the moment they are accepted.
type protocol struct {
	keypair *listen.Keypair // nil for plain HTTP
	former  atomic.Bool     // something else is spoken now: its connections are closed behind their next answer
}

// NewListener returns a listener for addresses, not yet bound, which speaks plain HTTP.
func NewListener(sockets *Sockets, addresses []listen.Address, log zerolog.Logger) *Listener {
	l := &Listener{
		Sockets: sockets, Log: log, addresses: addresses, moved: make(chan struct{}), out: make(map[*Duplicate]struct{}),
	}
	l.tcp.Store(&protocol{})
	return l
}

// Child returns the actor of one incarnation.
func (l *Listener) Child(otp.Incarnation) otp.Child { return (*listening)(l) }

// Addrs are where the sockets are bound, in the order of the addresses; none before the first start.
func (l *Listener) Addrs() []net.Addr {
	var all []net.Addr
	for _, s := range l.bound() {
		all = append(all, s.Addr())
	}
	return all
}

// Addr is the first TCP address that is bound, or the first of any kind where there is none; nil before the first start.
func (l *Listener) Addr() net.Addr {
	all := l.Addrs()
	if i := slices.IndexFunc(all, func(a net.Addr) bool { return a.Network() == "tcp" }); i >= 0 {
		return all[i]
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

// bound are the sockets, each once.
func (l *Listener) bound() []*listen.Socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	return distinct(l.sockets)
}

// distinct leaves out sockets that two addresses name.
func distinct(sockets []*listen.Socket) []*listen.Socket {
	var once []*listen.Socket
	for _, s := range sockets {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

// Keypair is what TLS is spoken with on TCP sockets, nil for plain HTTP.
func (l *Listener) Keypair() *listen.Keypair { return l.tcp.Load().keypair }

// Speak has TLS spoken with that pair, nil for plain HTTP, on every connection that TCP sockets accept from now on.
// Connections that were accepted before keep what they speak and are closed behind their next answer. All workers
// change at the same moment: who was told that the server speaks TLS finds nobody who does not.
//
// Unix sockets never speak TLS: what comes through one has not crossed a network.
func (l *Listener) Speak(k *listen.Keypair) {
	if l.tcp.Load().keypair == k {
		return
	}
	l.tcp.Swap(&protocol{keypair: k}).former.Store(true)
}

// protocol is what a connection speaks that was accepted on s just now.
func (l *Listener) protocol(s *listen.Socket) *protocol {
	if s.Addr().Network() == "unix" {
		return &l.plain
	}
	return l.tcp.Load()
}

// Suspend has nobody accept until Resume: connections wait in the kernel's queue, and none is refused before that is
// full. Duplicates that are handed out meanwhile are suspended too.
func (l *Listener) Suspend() error {
	return l.each(true, (*listen.Acceptor).Suspend)
}

// Resume has everybody accept again.
func (l *Listener) Resume() error {
	return l.each(false, (*listen.Acceptor).Resume)
}

func (l *Listener) each(suspended bool, do func(*listen.Acceptor) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspended = suspended
	var failed error
	for d := range l.out {
		failed = errors.Join(failed, ignoreClosed(do(d.Acceptor)))
	}
	return failed
}

// parked is told of every connection that is parked.
func (l *Listener) parked() {
	if l.Release != nil {
		l.idle.note(l.Release)
	}
}

// Inheritable are the sockets for a process that is to accept on them too, or instead of this one, by names that
// process.Spec.Listeners takes. A socket that this process was given by its name keeps that name.
func (l *Listener) Inheritable() map[string]syscall.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	sockets, seen := make(map[string]syscall.Conn), make(map[*listen.Socket]bool)
	for i, s := range l.sockets {
		if seen[s] {
			continue
		}
		seen[s] = true
		name := l.addresses[i].Inherited
		if name == "" {
			name = fmt.Sprintf("api-%d", i)
		}
		sockets[name] = s
	}
	return sockets
}

// announce names an address as it was asked for, but for a free port and a socket that somebody else has bound.
func (l *Listener) announce(a listen.Address, s *listen.Socket) {
	text := a.String()
	if a.Inherited != "" || a.Path == "" && a.Port == 0 {
		text = s.Addr().String()
	}
	l.Log.Info().Msgf("Neutron service started, listening on %s", text)
}

type listening Listener

// Init binds the sockets, or finds them in the table after a restart. What the table has inherited and nobody asks for is
// closed: clients would wait on it for ever.
func (l *listening) Init(ctx otp.Context) error {
	l.mu.Lock()
	addresses := l.addresses
	l.mu.Unlock()
	var sockets []*listen.Socket
	for _, a := range addresses {
		s, err := l.Sockets.Bind(ctx, a)
		if err != nil {
			return err
		}
		sockets = append(sockets, s)
	}
	l.mu.Lock()
	l.sockets = sockets
	l.mu.Unlock()
	for i, a := range addresses {
		(*Listener)(l).announce(a, sockets[i])
	}
	unused, err := l.Sockets.Prune()
	if len(unused) > 0 {
		l.Log.Warn().Strs("sockets", unused).Msg("inherited sockets that the configuration does not ask for are closed")
	}
	return err
}

// Receive has nothing to do.
func (l *listening) Receive(actor.Context) {}

// Terminate leaves the sockets to the table.
func (l *listening) Terminate(error) {}
