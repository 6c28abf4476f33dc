package actors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// MessagingOptions say how a server speaks with its agents.
type MessagingOptions struct {
	// URL is transport_url, Exchange is control_exchange.
	URL, Exchange string
	// Drivers open transports by scheme. That of fake:// is always there.
	Drivers map[string]rpc.Driver
	Log     zerolog.Logger
}

// NewMessagingOptions takes them from a configuration.
func NewMessagingOptions(s *conf.Snapshot, log zerolog.Logger) MessagingOptions {
	return MessagingOptions{URL: s.Text(conf.TransportURL), Exchange: s.Text(conf.ControlExchange), Log: log}
}

// Messaging is the actor that keeps the transport to the agents: it starts only when the transport is open. What speaks
// through it starts behind it, keeps its Wire, and need not be restarted with it.
//
// The in-process transport belongs to this shared side, as sockets belong to the root's table: the queues and what waits
// in them survive a restart of the actor. A driver's transport, which is a connection, is opened with each incarnation
// and closed with it.
//
// A URL whose driver is not built in does not stop the server: messages then stay within the process, where nobody but
// this server's own parts can send or read them, and Degraded says so.
type Messaging struct {
	url       rpc.URL
	open      rpc.Driver // nil: in-process
	inProcess *local.Transport
	degraded  error
	log       zerolog.Logger

	mu      sync.Mutex
	current rpc.Transport // guarded by mu; nil while down
	opened  chan struct{} // guarded by mu; closed while there is a transport
	warned  bool          // guarded by mu
}

// NewMessaging checks the URL and finds its driver. What is wrong with either is an error, unless the driver is one that
// Neutron has and this program does not have yet.
func NewMessaging(o MessagingOptions) (*Messaging, error) {
	u, err := rpc.ParseURL(o.URL)
	if err != nil {
		return nil, err
	}
	queues := local.Defaults()
	if o.Exchange != "" {
		queues.Exchange = o.Exchange
	}
	m := &Messaging{url: u, inProcess: local.New(queues), opened: make(chan struct{}), log: o.Log}
	drivers := maps.Clone(o.Drivers)
	if drivers == nil {
		drivers = map[string]rpc.Driver{}
	}
	drivers[local.Scheme] = nil
	m.open, err = rpc.FindDriver(u, drivers)
	switch {
	case errors.Is(err, rpc.ErrNotBuiltIn):
		m.degraded = err
	case err != nil:
		return nil, err
	}
	return m, nil
}

// Child returns the actor of one incarnation.
func (m *Messaging) Child(otp.Incarnation) otp.Child { return (*messaging)(m) }

// Transport is the open transport, nil while there is none. Wire is what to keep.
func (m *Messaging) Transport() rpc.Transport {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current
}

// Await returns when there is a transport, or with the error of ctx.
func (m *Messaging) Await(ctx context.Context) error {
	m.mu.Lock()
	opened := m.opened
	m.mu.Unlock()
	select {
	case <-opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wire is a transport that always means the present one: it may be made before the actor starts and outlives its
// incarnations. While there is none it says rpc.ErrClosed. Closing it does nothing.
func (m *Messaging) Wire() rpc.Transport { return wire{m} }

// InProcess reports whether messages stay within this process, as transport_url asks for or for want of a driver.
func (m *Messaging) InProcess() bool { return m.open == nil }

// Degraded is why messages stay within this process although transport_url says otherwise, nil where all is well.
func (m *Messaging) Degraded() error { return m.degraded }

// Close drops what waits in the process's queues and ends the calls in progress. It is for the end of the server, when
// the tree has stopped.
func (m *Messaging) Close() error { return m.inProcess.Close() }

type messaging Messaging

// Init opens the transport. A driver may block on I/O, which is this actor's whole purpose: nobody needs its mailbox
// meanwhile.
func (m *messaging) Init(otp.Context) error {
	transport, err := m.transport()
	if err != nil {
		return err
	}
	m.mu.Lock()
	warned := m.warned
	m.current, m.warned = transport, true
	close(m.opened)
	m.mu.Unlock()
	if m.degraded != nil && !warned {
		name, _, _ := strings.Cut(m.url.Driver, "+")
		m.log.Warn().Str("driver", name).Err(m.degraded).
			Msg("Messages stay within this process, no agent can be reached.")
	}
	return nil
}

func (m *messaging) transport() (rpc.Transport, error) {
	if m.open == nil {
		return m.inProcess, nil
	}
	t, err := m.open(m.url)
	if err != nil {
		return nil, fmt.Errorf("transport_url %s: %w", m.url, err)
	}
	return t, nil
}

// Receive has nothing to do.
func (m *messaging) Receive(actor.Context) {}

// Terminate closes a driver's transport and leaves the in-process one alone.
func (m *messaging) Terminate(error) {
	m.mu.Lock()
	transport := m.current
	if transport != nil {
		m.current, m.opened = nil, make(chan struct{})
	}
	m.mu.Unlock()
	if transport == nil || m.open == nil {
		return
	}
	if err := transport.Close(); err != nil {
		m.log.Error().Err(err).Stringer("transport_url", m.url).Msg("closing the transport failed")
	}
}
