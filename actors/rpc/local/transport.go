package local

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-a8f20362/hadron/actors/rpc"
)

// Scheme is the driver's name in transport_url.
const Scheme = "fake"

// Options are the limits of a transport. Defaults fills them.
type Options struct {
	// Exchange is the scope of targets that name none (control_exchange).
	Exchange string
	// QueueSize is how many messages wait in one queue.
	QueueSize int
	// FullWait is how long a sender waits for room in a full queue.
	FullWait time.Duration
}

// Defaults returns Neutron's exchange, queues long enough for the fan-outs of a large bulk request, and a wait that is
// short beside an API client's patience.
func Defaults() Options {
	return Options{Exchange: "neutron", QueueSize: 4096, FullWait: 5 * time.Second}
}

// Driver opens transports with these options for rpc.Open.
func Driver(o Options) rpc.Driver {
	return func(rpc.URL) (rpc.Transport, error) { return New(o), nil }
}

// Transport carries messages within the process.
type Transport struct {
	options Options
	closed  chan struct{}

	mu      sync.Mutex
	over    bool                // guarded by mu: closed is closed
	queues  map[string]*queue   // guarded by mu: of topics and servers, by name
	fanouts map[string][]*queue // guarded by mu: of listeners, by exchange and topic

	unroutable, expired atomic.Uint64
}

var _ rpc.Transport = (*Transport)(nil)

// New returns a transport without any queue. Zero options mean those of Defaults.
func New(o Options) *Transport {
	d := Defaults()
	if o.Exchange == "" {
		o.Exchange = d.Exchange
	}
	if o.QueueSize <= 0 {
		o.QueueSize = d.QueueSize
	}
	if o.FullWait <= 0 {
		o.FullWait = d.FullWait
	}
	return &Transport{
		options: o, closed: make(chan struct{}), queues: map[string]*queue{}, fanouts: map[string][]*queue{},
	}
}

// Cast implements rpc.Transport.
func (t *Transport) Cast(ctx context.Context, target rpc.Target, m rpc.Message) error {
	if err := target.CheckSend(false); err != nil {
		return err
	}
	if err := m.Validate(); err != nil {
		return err
	}
	queues, err := t.route(target)
	if err != nil {
		return err
	}
	if len(queues) == 0 {
		t.unroutable.Add(1)
	}
	return t.putAll(ctx, queues, m)
}

// Call implements rpc.Transport.
func (t *Transport) Call(
	ctx context.Context, target rpc.Target, m rpc.Message, timeout time.Duration,
) (json.RawMessage, error) {
	if err := target.CheckSend(true); err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	queues, err := t.route(target)
	if err != nil {
		return nil, err
	}
	if len(queues) == 0 {
		t.unroutable.Add(1)
		return nil, &rpc.UndeliverableError{Queue: t.key(target, target.Server), Method: m.Method}
	}
	d := &delivery{message: m, reply: make(chan rpc.Reply, 1)}
	if timeout > 0 {
		d.expires = time.Now().Add(timeout)
		late := &rpc.TimeoutError{ID: m.ID, Topic: target.Topic, Method: m.Method}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, late)
		defer cancel()
	}
	if err := t.put(ctx, queues[0], d); err != nil {
		return nil, err
	}
	return t.await(ctx, d)
}

func (t *Transport) await(ctx context.Context, d *delivery) (json.RawMessage, error) {
	select {
	case r := <-d.reply:
		if r.Failure != nil {
			return nil, r.Failure
		}
		return r.Result, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-t.closed:
		return nil, rpc.ErrClosed
	}
}

// Notify implements rpc.Transport. A notification that nobody has ever listened for is dropped and counted.
func (t *Transport) Notify(ctx context.Context, n rpc.Notification) error {
	m, err := n.Message()
	if err != nil {
		return err
	}
	return t.Cast(ctx, rpc.Target{Topic: n.Queue()}, m)
}

// Listen implements rpc.Transport.
func (t *Transport) Listen(target rpc.Target) (rpc.Listener, error) {
	if err := target.CheckListen(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return nil, rpc.ErrClosed
	}
	topic := t.key(target, "")
	l := &listener{
		transport: t, fanoutKey: topic, closed: make(chan struct{}),
		topic: t.queue(topic), server: t.queue(t.key(target, target.Server)),
		fanout: newQueue(topic+"_fanout", t.options.QueueSize),
	}
	for _, q := range []*queue{l.topic, l.server, l.fanout} {
		q.listeners++
	}
	t.fanouts[topic] = append(t.fanouts[topic], l.fanout)
	return l, nil
}

// Close implements rpc.Transport. What waits in queues is gone.
func (t *Transport) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.over = true
		close(t.closed)
	}
	return nil
}

// key names the queue of a topic, or of a server on it.
func (t *Transport) key(target rpc.Target, server string) string {
	exchange := target.Exchange
	if exchange == "" {
		exchange = t.options.Exchange
	}
	name := exchange + "/" + target.Topic
	if server != "" {
		name += "." + server
	}
	return name
}

// queue returns the queue of that name, new if need be; mu is held.
func (t *Transport) queue(name string) *queue {
	q, ok := t.queues[name]
	if !ok {
		q = newQueue(name, t.options.QueueSize)
		t.queues[name] = q
	}
	return q
}

// route returns the queues that a message to target goes to; none if nobody has ever listened there.
func (t *Transport) route(target rpc.Target) ([]*queue, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return nil, rpc.ErrClosed
	}
	if target.Fanout {
		return slices.Clone(t.fanouts[t.key(target, "")]), nil
	}
	if q, ok := t.queues[t.key(target, target.Server)]; ok {
		return []*queue{q}, nil
	}
	return nil, nil
}

// Stats are what a transport has counted and what waits in it now.
type Stats struct {
	// Unroutable counts messages to where nobody has ever listened; Expired counts calls that nobody took in time.
	Unroutable, Expired uint64
	// Queues are sorted by name.
	Queues []QueueStats
}

// QueueStats is the state of one queue.
type QueueStats struct {
	Name              string
	Length, Listeners int
}

// Stats returns a snapshot.
func (t *Transport) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Stats{Unroutable: t.unroutable.Load(), Expired: t.expired.Load()}
	for _, q := range t.queues {
		s.Queues = append(s.Queues, q.stats())
	}
	for _, fanout := range t.fanouts {
		for _, q := range fanout {
			s.Queues = append(s.Queues, q.stats())
		}
	}
	slices.SortStableFunc(s.Queues, func(a, b QueueStats) int { return strings.Compare(a.Name, b.Name) })
	return s
}
