package actors

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Observer is the actor that lets people and programs of this machine look inside: an HTTP server of its own on the admin
// socket. The API does not depend on it: an address that cannot be opened is logged and done without.
type Observer struct {
	// Addresses are where to listen; Listen opens one of them.
	Addresses []string
	Listen    func(ctx context.Context, address string) (net.Listener, error)
	// Handler makes what is served, for the tree that this actor is part of.
	Handler func(*otp.Root) (http.Handler, error)
	// Serve serves until ctx ends, and closes the listeners.
	Serve func(ctx context.Context, h http.Handler, listeners ...net.Listener) error
	Log   zerolog.Logger

	mu   sync.Mutex              // guards open
	open map[string]net.Listener // what the incarnation in force listens on, by the names of Inheritable
}

// Child returns the actor of one incarnation.
func (o *Observer) Child(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		h, err := o.Handler(ctx.(otp.Context).Root())
		if err != nil {
			return err
		}
		listeners := o.listen(ctx)
		defer o.forget()
		ready()
		if len(listeners) == 0 {
			<-ctx.Done()
			return nil
		}
		return o.Serve(ctx, h, listeners...)
	})
}

func (o *Observer) listen(ctx context.Context) []net.Listener {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open = make(map[string]net.Listener)
	var listeners []net.Listener
	for i, address := range o.Addresses {
		l, err := o.Listen(ctx, address)
		if err != nil {
			o.Log.Error().Err(err).Msg("the admin socket cannot be opened, going on without it")
			continue
		}
		o.Log.Info().Msgf("admin socket at %s", address)
		o.open[AdminSocketName(i)] = l
		listeners = append(listeners, l)
	}
	return listeners
}

func (o *Observer) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open = nil
}

// AdminSocketName is the name under which the socket of an address, by its place in Addresses, passes to a successor.
func AdminSocketName(place int) string { return fmt.Sprintf("admin-%d", place) }

// Inheritable are the open sockets, for a successor.
func (o *Observer) Inheritable() map[string]syscall.Conn {
	o.mu.Lock()
	defer o.mu.Unlock()
	sockets := make(map[string]syscall.Conn)
	for name, l := range o.open {
		if c, ok := l.(syscall.Conn); ok {
			sockets[name] = c
		}
	}
	return sockets
}

// Own says that the files of the Unix sockets are this process's from now on: it removes them at its end.
func (o *Observer) Own() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.open {
		if u, ok := l.(interface{ SetUnlinkOnClose(bool) }); ok {
			u.SetUnlinkOnClose(true)
		}
	}
}
