package otp

import (
	"context"
	"errors"
	"fmt"
)

// errEnded: the incarnation was over before it answered.
var errEnded = errors.New("ended meanwhile")

// Request sends message to the child at path and waits until something has come on reply, which needs room for it. It returns
// ErrNotRunning when the child has none to give the message to, or ends before it has answered: a message that waits in the
// mailbox of a child that fails is lost.
func Request[T any](ctx context.Context, root *Root, path string, message any, reply <-chan T) (T, error) {
	ended := make(chan struct{}, 1)
	events := root.System().EventStream
	sub := events.Subscribe(func(event any) {
		if e, ok := event.(Event); ok && e.Path == path && (e.Type == EventStopped || e.Type == EventLeaked) {
			select {
			case ended <- struct{}{}:
			default:
			}
		}
	})
	defer events.Unsubscribe(sub)
	var none T
	if err := root.Send(path, message); err != nil {
		return none, err
	}
	select {
	case answer := <-reply:
		return answer, nil
	case <-ended: // perhaps with the message unread
	case <-root.Done():
	case <-ctx.Done():
		return none, ctx.Err()
	}
	select {
	case answer := <-reply:
		return answer, nil
	default:
		return none, fmt.Errorf("otp: %s: %w: %w", path, ErrNotRunning, errEnded)
	}
}
