package local

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/seed-a8f20362/hadron/actors/rpc"
)

// queue is a bounded queue. A channel is exactly that: first in first out, each message taken by one receiver, and a
// receive that is given up takes nothing.
type queue struct {
	name      string
	messages  chan *delivery
	gone      chan struct{} // closed with the only listener of a fan-out queue
	listeners int           // guarded by Transport.mu
}

func newQueue(name string, size int) *queue {
	return &queue{name: name, messages: make(chan *delivery, size), gone: make(chan struct{})}
}

// stats is for who holds Transport.mu.
func (q *queue) stats() QueueStats {
	return QueueStats{Name: q.name, Length: len(q.messages), Listeners: q.listeners}
}

// delivery is a message in a queue.
type delivery struct {
	message rpc.Message
	reply   chan rpc.Reply // with room for one; nil for a cast
	expires time.Time      // zero: never
}

// answer gives the caller its reply. Only the first one counts: the channel has room for no other.
func (d *delivery) answer(_ context.Context, r rpc.Reply) error {
	select {
	case d.reply <- r:
	default:
	}
	return nil
}

// putAll gives every queue its own copy. A queue that is full does not keep the message from the others.
func (t *Transport) putAll(ctx context.Context, queues []*queue, m rpc.Message) error {
	var errs []error
	for _, q := range queues {
		errs = append(errs, t.put(ctx, q, &delivery{message: m}))
	}
	return errors.Join(errs...)
}

// put appends d to q, and waits for room where somebody may make it.
func (t *Transport) put(ctx context.Context, q *queue, d *delivery) error {
	select {
	case q.messages <- d:
		return nil
	default:
	}
	full := &rpc.QueueFullError{Queue: q.name, Size: cap(q.messages)}
	if !t.hasListeners(q) {
		return full
	}
	patience := time.NewTimer(t.options.FullWait)
	defer patience.Stop()
	select {
	case q.messages <- d:
		return nil
	case <-q.gone:
		return nil // who would have got it has left
	case <-patience.C:
		return full
	case <-ctx.Done():
		return errors.Join(full, context.Cause(ctx))
	case <-t.closed:
		return rpc.ErrClosed
	}
}

func (t *Transport) hasListeners(q *queue) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return q.listeners > 0
}

// listener takes from the three queues of a server.
type listener struct {
	transport             *Transport
	topic, server, fanout *queue
	fanoutKey             string
	once                  sync.Once
	closed                chan struct{}
}

// Receive implements rpc.Listener.
func (l *listener) Receive(ctx context.Context) (rpc.Delivery, error) {
	for {
		d, err := l.next(ctx)
		if err != nil {
			return rpc.Delivery{}, err
		}
		if !d.expires.IsZero() && !time.Now().Before(d.expires) {
			l.transport.expired.Add(1)
			continue
		}
		out := rpc.Delivery{Message: d.message}
		if d.reply != nil {
			out.Answer = d.answer
		}
		return out, nil
	}
}

// next looks for an end first: a select with several ready cases would take a message now and then.
func (l *listener) next(ctx context.Context) (*delivery, error) {
	if err := l.ended(ctx); err != nil {
		return nil, err
	}
	select {
	case d := <-l.topic.messages:
		return d, nil
	case d := <-l.server.messages:
		return d, nil
	case d := <-l.fanout.messages:
		return d, nil
	case <-ctx.Done():
	case <-l.closed:
	case <-l.transport.closed:
	}
	return nil, l.ended(ctx)
}

func (l *listener) ended(ctx context.Context) error {
	select {
	case <-l.closed:
		return rpc.ErrClosed
	case <-l.transport.closed:
		return rpc.ErrClosed
	default:
		return ctx.Err()
	}
}

// Close implements rpc.Listener.
func (l *listener) Close() error {
	l.once.Do(l.leave)
	return nil
}

func (l *listener) leave() {
	t := l.transport
	t.mu.Lock()
	defer t.mu.Unlock()
	close(l.closed)
	close(l.fanout.gone)
	for _, q := range []*queue{l.topic, l.server, l.fanout} {
		q.listeners--
	}
	rest := slices.DeleteFunc(t.fanouts[l.fanoutKey], func(q *queue) bool { return q == l.fanout })
	if len(rest) == 0 {
		delete(t.fanouts, l.fanoutKey)
		return
	}
	t.fanouts[l.fanoutKey] = rest
}
