package actors

import (
	"context"
	"encoding/json"
	"time"

	"github.com/seed-a8f20362/hadron/actors/rpc"
)

// wire is the transport of Messaging.Wire.
type wire struct{ *Messaging }

// Cast implements rpc.Transport.
func (w wire) Cast(ctx context.Context, target rpc.Target, m rpc.Message) error {
	t, err := w.now()
	if err != nil {
		return err
	}
	return t.Cast(ctx, target, m)
}

// Call implements rpc.Transport.
func (w wire) Call(
	ctx context.Context, target rpc.Target, m rpc.Message, timeout time.Duration,
) (json.RawMessage, error) {
	t, err := w.now()
	if err != nil {
		return nil, err
	}
	return t.Call(ctx, target, m, timeout)
}

// Notify implements rpc.Transport.
func (w wire) Notify(ctx context.Context, n rpc.Notification) error {
	t, err := w.now()
	if err != nil {
		return err
	}
	return t.Notify(ctx, n)
}

// Listen implements rpc.Transport. The listener belongs to the transport of this moment.
func (w wire) Listen(target rpc.Target) (rpc.Listener, error) {
	t, err := w.now()
	if err != nil {
		return nil, err
	}
	return t.Listen(target)
}

// Close implements rpc.Transport; the transport is the actor's to close.
func (w wire) Close() error { return nil }

func (w wire) now() (rpc.Transport, error) {
	if t := w.Transport(); t != nil {
		return t, nil
	}
	return nil, rpc.ErrClosed
}
