package process

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Ask returns the state of the Child at path; otp.ErrNotRunning while it has no process.
func Ask(ctx context.Context, root *otp.Root, path string) (Info, error) {
	reply := make(chan Info, 1)
	info, err := request(ctx, root, path, Query{Reply: reply}, reply)
	if err != nil {
		return Info{}, fmt.Errorf("ask %s: %w", path, err)
	}
	return info, nil
}

// errEnded: the incarnation was over before it answered.
var errEnded = errors.New("ended meanwhile")

// request sends a message to the child at path and waits for the answer, the end of the incarnation, or that of ctx.
func request[T any](ctx context.Context, root *otp.Root, path string, message any, reply <-chan T) (T, error) {
	ended := make(chan struct{}, 1)
	events := root.System().EventStream
	sub := events.Subscribe(func(event any) {
		if e, ok := event.(otp.Event); ok && e.Path == path && (e.Type == otp.EventStopped || e.Type == otp.EventLeaked) {
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
	case <-ctx.Done():
		return none, ctx.Err()
	}
	select {
	case answer := <-reply:
		return answer, nil
	default:
		return none, fmt.Errorf("%w: %w", otp.ErrNotRunning, errEnded)
	}
}
