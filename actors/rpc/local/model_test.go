package local_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
)

const modelQueueSize = 3

// model is what a transport must hold: queues by name, and the fan-out queue of each listener.
type model struct {
	t         *rapid.T
	transport *local.Transport
	queues    map[string][]string
	servers   []*modelServer
	sent      int
}

type modelServer struct {
	listener      rpc.Listener
	topic, server string
	fanout        []string
}

func (m *model) next() string { m.sent++; return strconv.Itoa(m.sent) }

func (m *model) pick(label string) (*modelServer, bool) {
	if len(m.servers) == 0 {
		return nil, false
	}
	return m.servers[rapid.IntRange(0, len(m.servers)-1).Draw(m.t, label)], true
}

func (m *model) join(t *rapid.T) {
	s := &modelServer{topic: topic(t), server: server(t)}
	l, err := m.transport.Listen(rpc.Target{Topic: s.topic, Server: s.server})
	if err != nil {
		t.Fatal(err)
	}
	s.listener = l
	m.servers = append(m.servers, s)
	for _, name := range []string{s.topic, s.topic + "." + s.server} {
		m.queues[name] = append([]string{}, m.queues[name]...)
	}
}

func (m *model) leave(t *rapid.T) {
	s, ok := m.pick("leaves")
	if !ok {
		t.Skip("nobody there")
	}
	if err := s.listener.Close(); err != nil {
		t.Fatal(err)
	}
	m.servers = slices.DeleteFunc(m.servers, func(o *modelServer) bool { return o == s })
}

// cast leaves out what would have to wait for room: nothing takes meanwhile.
func (m *model) cast(t *rapid.T) {
	target := rpc.Target{Topic: topic(t)}
	name := target.Topic
	if rapid.Bool().Draw(t, "to a server") {
		target.Server = server(t)
		name += "." + target.Server
	}
	queue, exists := m.queues[name]
	id := m.next()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // a full queue fails at once
	err := m.transport.Cast(ctx, target, message(id))
	if full := len(queue) == modelQueueSize; full != (err != nil) {
		t.Fatalf("cast to %s with %d waiting: %v", name, len(queue), err)
	}
	if exists && err == nil {
		m.queues[name] = append(queue, id)
	}
}

func (m *model) fanout(t *rapid.T) {
	target, id, full := rpc.Target{Topic: topic(t), Fanout: true}, m.next(), false
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := m.transport.Cast(ctx, target, message(id))
	for _, s := range m.servers {
		switch {
		case s.topic != target.Topic:
		case len(s.fanout) == modelQueueSize:
			full = true
		default:
			s.fanout = append(s.fanout, id)
		}
	}
	if full != (err != nil) {
		t.Fatalf("fan-out to %s: full %t, got %v", target.Topic, full, err)
	}
}

// take must give the head of one of the three queues of a server.
func (m *model) take(t *rapid.T) {
	s, ok := m.pick("takes")
	if !ok {
		t.Skip("nobody there")
	}
	own := s.topic + "." + s.server
	if len(m.queues[s.topic])+len(m.queues[own])+len(s.fanout) == 0 {
		t.Skip("nothing there")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	d, err := s.listener.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{s.topic, own} {
		if q := m.queues[name]; len(q) > 0 && q[0] == d.Message.ID {
			m.queues[name] = q[1:]
			return
		}
	}
	if len(s.fanout) == 0 || s.fanout[0] != d.Message.ID {
		t.Fatalf("took %s; waiting are %v, %v and %v", d.Message.ID, m.queues[s.topic], m.queues[own], s.fanout)
	}
	s.fanout = s.fanout[1:]
}

// check compares all lengths.
func (m *model) check(t *rapid.T) {
	want := map[string]int{}
	for name, q := range m.queues {
		want["neutron/"+name] = len(q)
	}
	for _, s := range m.servers {
		want["neutron/"+s.topic+"_fanout"] += len(s.fanout)
	}
	got := map[string]int{}
	for _, q := range m.transport.Stats().Queues {
		got[q.Name] += q.Length
	}
	if !maps.Equal(want, got) {
		t.Fatalf("queues: got %v, want %v", got, want)
	}
}

func topic(t *rapid.T) string  { return rapid.SampledFrom([]string{"t", "u"}).Draw(t, "topic") }
func server(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b"}).Draw(t, "server") }

// TestTransportIsItsModel drives random joins, leaves, casts, fan-outs and takes, one after the other.
func TestTransportIsItsModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{t: t, queues: map[string][]string{}}
		m.transport = local.New(local.Options{QueueSize: modelQueueSize})
		t.Repeat(map[string]func(*rapid.T){
			"join": m.join, "leave": m.leave, "cast": m.cast, "fanout": m.fanout, "take": m.take, "": m.check,
		})
	})
}

// TestNothingIsLostOrDoubledWhileServersComeAndGo runs random numbers of senders and of servers that join, take a few
// messages and leave, all at the same time. Every message is taken exactly once, and each server sees the messages of
// one sender in the order in which they were sent.
func TestNothingIsLostOrDoubledWhileServersComeAndGo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		senders := rapid.IntRange(1, 4).Draw(t, "senders")
		each := rapid.IntRange(0, 30).Draw(t, "messages")
		stays := rapid.SliceOfN(rapid.IntRange(0, 10), 1, 12).Draw(t, "messages a server takes before it leaves")
		transport := local.New(local.Options{
			QueueSize: rapid.IntRange(1, 40).Draw(t, "queue size"), FullWait: time.Minute,
		})
		first, err := transport.Listen(rpc.Target{Topic: "t", Server: "h"}) // makes the queue, and takes last
		if err != nil {
			t.Fatal(err)
		}
		r := &record{want: senders * each, all: make(chan struct{})}
		if r.want == 0 {
			close(r.all)
		}
		var working sync.WaitGroup
		for s := range senders {
			working.Go(func() { r.send(transport, s, each) })
		}
		for _, stay := range stays {
			working.Go(func() { r.serve(transport, stay) })
		}
		working.Go(func() { r.drain(first) })
		working.Wait()
		if err := r.verdict(senders, each); err != nil {
			t.Fatal(err)
		}
	})
}

// record is what all servers together have taken.
type record struct {
	want int
	all  chan struct{} // closed when want messages have been taken

	mu    sync.Mutex
	taken [][]string // guarded by mu: by server
	count int        // guarded by mu
	errs  []error    // guarded by mu
}

func (r *record) note(server *[]string, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*server = append(*server, id)
	if r.count++; r.count == r.want {
		close(r.all)
	}
}

func (r *record) add(server []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken = append(r.taken, server)
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

func (r *record) send(transport *local.Transport, sender, each int) {
	for i := range each {
		m := rpc.Message{ID: fmt.Sprintf("%d %d", sender, i), Method: "m"}
		if err := transport.Cast(context.Background(), rpc.Target{Topic: "t"}, m); err != nil {
			r.add(nil, err)
		}
	}
}

// serve joins, takes up to stay messages, and leaves.
func (r *record) serve(transport *local.Transport, stay int) {
	l, err := transport.Listen(rpc.Target{Topic: "t", Server: "h"})
	if err != nil {
		r.add(nil, err)
		return
	}
	r.add(r.takeFrom(l, stay), nil)
}

func (r *record) drain(l rpc.Listener) { r.add(r.takeFrom(l, r.want), nil) }

func (r *record) takeFrom(l rpc.Listener, limit int) (taken []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	go func() { // ends with ctx
		select {
		case <-r.all:
			cancel()
		case <-ctx.Done():
		}
	}()
	for len(taken) < limit {
		d, err := l.Receive(ctx)
		if err != nil {
			break
		}
		r.note(&taken, d.Message.ID)
	}
	if err := l.Close(); err != nil {
		r.add(nil, err)
	}
	return taken
}

func (r *record) verdict(senders, each int) error {
	seen := map[string]int{}
	for _, server := range r.taken {
		last := map[int]int{}
		for _, id := range server {
			var sender, i int
			if _, err := fmt.Sscan(id, &sender, &i); err != nil {
				return err
			}
			if before, ok := last[sender]; ok && before >= i {
				return fmt.Errorf("one server took %d of sender %d after %d", i, sender, before)
			}
			last[sender] = i
			seen[id]++
		}
	}
	for s := range senders {
		for i := range each {
			if id := fmt.Sprintf("%d %d", s, i); seen[id] != 1 {
				return fmt.Errorf("message %q was taken %d times (errors: %v)", id, seen[id], r.errs)
			}
		}
	}
	if len(r.errs) > 0 {
		return fmt.Errorf("errors: %v", r.errs)
	}
	return nil
}
