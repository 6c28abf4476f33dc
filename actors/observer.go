package actors

import (
	"context"
	"net"
	"net/http"

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
	// Serve serves until ctx ends.
	Serve func(ctx context.Context, h http.Handler, listeners ...net.Listener) error
	Log   zerolog.Logger
}

// Child returns the actor of one incarnation.
func (o *Observer) Child(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		h, err := o.Handler(ctx.(otp.Context).Root())
		if err != nil {
			return err
		}
		listeners := o.open(ctx)
		ready()
		if len(listeners) == 0 {
			<-ctx.Done()
			return nil
		}
		return o.Serve(ctx, h, listeners...)
	})
}

func (o *Observer) open(ctx context.Context) []net.Listener {
	var listeners []net.Listener
	for _, address := range o.Addresses {
		l, err := o.Listen(ctx, address)
		if err != nil {
			o.Log.Error().Err(err).Msg("the admin socket cannot be opened, going on without it")
			continue
		}
		o.Log.Info().Msgf("admin socket at %s", address)
		listeners = append(listeners, l)
	}
	return listeners
}
