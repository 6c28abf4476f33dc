package listen

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

func newAcceptor(t *testing.T, l net.Listener, o AcceptOptions) *Acceptor {
	t.Helper()
	a, err := NewAcceptor(l, o)
	check(t, err)
	return a
}

// script is a listener that answers each Accept with the next of its errors; nil is a connection.
type script struct {
	net.Listener
	answers []error
}

func (s *script) Accept() (net.Conn, error) {
	err := s.answers[0]
	s.answers = s.answers[1:]
	if err != nil {
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", err)}
	}
	return &net.TCPConn{}, nil
}

func (s *script) SetDeadline(time.Time) error { return nil }
func (s *script) Addr() net.Addr              { return &net.TCPAddr{} }
func (s *script) Close() error                { return nil }

func TestAcceptSurvives(t *testing.T) {
	t.Parallel()
	passing := []error{unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ECONNABORTED, unix.EPROTO}
	synctest.Test(t, func(t *testing.T) {
		var told []error
		a := newAcceptor(t, &script{answers: append(passing, nil, unix.EINVAL)},
			AcceptOptions{OnError: func(err error) { told = append(told, err) }})
		start := time.Now()
		c, err := a.Accept()
		if c == nil || err != nil {
			t.Fatalf("got %v, %v", c, err)
		}
		if got, want := time.Since(start), time.Duration(len(passing))*100*time.Millisecond; got != want {
			t.Errorf("paused %v, want %v", got, want)
		}
		for i, want := range passing {
			if !errors.Is(told[i], want) {
				t.Errorf("told of %v, want %v", told[i], want)
			}
		}
		stats := a.Stats()
		if stats.Accepted != 1 || stats.Failed != uint64(len(passing)) || !errors.Is(stats.Last, unix.EPROTO) {
			t.Errorf("got %+v", stats)
		}
		if _, err := a.Accept(); !errors.Is(err, unix.EINVAL) || time.Since(start) != 600*time.Millisecond {
			t.Errorf("got %v after %v, want a broken listener to be told at once", err, time.Since(start))
		}
	})
}

func TestPauseIsAnOptionAndEndsWithClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAcceptor(t, &script{answers: []error{unix.EMFILE, unix.EMFILE, net.ErrClosed}}, AcceptOptions{Pause: time.Hour})
		start := time.Now()
		defer time.AfterFunc(90*time.Minute, func() { check(t, a.Close()) }).Stop()
		if _, err := a.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v", err)
		}
		if got := time.Since(start); got != 90*time.Minute {
			t.Errorf("ended after %v", got)
		}
	})
}

func TestAcceptorNeedsDeadlines(t *testing.T) {
	t.Parallel()
	_, err := NewAcceptor(struct{ net.Listener }{}, AcceptOptions{})
	if err == nil || !strings.Contains(err.Error(), "has no SetDeadline") {
		t.Errorf("got %v", err)
	}
}

// serveExhausted is a child that has no descriptor left to accept with until its input ends.
func serveExhausted() error {
	s, err := NewTable().Bind(context.Background(), Address{Host: "127.0.0.1"})
	if err != nil {
		return err
	}
	l, err := s.Duplicate()
	if err != nil {
		return err
	}
	held, err := exhaust()
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	a, err := NewAcceptor(l, AcceptOptions{Pause: time.Millisecond, OnError: func(err error) {
		select {
		case failed <- err:
		default:
		}
	}})
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- serveOne(a) }()
	fmt.Println(s.Addr())
	fmt.Println(<-failed)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	for _, f := range held {
		if err := f.Close(); err != nil {
			return err
		}
	}
	return <-served
}

// exhaust opens files up to a limit that it sets first.
func exhaust() ([]*os.File, error) {
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 64, Max: 64}); err != nil {
		return nil, err
	}
	var held []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if errors.Is(err, unix.EMFILE) {
			return held, nil
		}
		if err != nil {
			return nil, err
		}
		held = append(held, f)
	}
}

func serveOne(a *Acceptor) error {
	c, err := a.Accept()
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(c, "accepted ", a.Stats().Accepted, " in spite of it")
	return errors.Join(err, c.Close())
}

func TestAcceptWithoutDescriptors(t *testing.T) {
	t.Parallel()
	c := startChild(t, "exhausted")
	addr, err := net.ResolveTCPAddr("tcp", c.line(t))
	check(t, err)
	client := dial(t, addr)
	if got := c.line(t); !strings.Contains(got, unix.EMFILE.Error()) {
		t.Fatalf("the child's accept failed with %q", got)
	}
	check(t, c.in.Close())
	got, err := io.ReadAll(client)
	check(t, err)
	if string(got) != "accepted 1 in spite of it" {
		t.Errorf("got %q", got)
	}
	check(t, c.Wait())
}

// watched tells when its Accept is called, which is behind the gate of the Acceptor, and when it is given up.
type watched struct {
	pausable
	entered, left chan struct{}
}

func (w *watched) Accept() (net.Conn, error) {
	signal(w.entered)
	c, err := w.pausable.Accept()
	if err != nil {
		signal(w.left)
	}
	return c, err
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func TestSuspendLeavesConnectionsInTheQueue(t *testing.T) {
	t.Parallel()
	s := bind(t, newTable(t), local(Address{}))
	l := &watched{pausable: duplicateOf(t, s).(pausable), entered: make(chan struct{}, 1), left: make(chan struct{}, 1)}
	a := newAcceptor(t, l, AcceptOptions{})
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			c, err := a.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	<-l.entered
	check(t, a.Suspend())
	check(t, a.Suspend())
	select {
	case <-l.left:
	case <-time.After(patience):
		t.Fatalf("waited %v for a suspended accept to leave the queue", patience)
	}
	client := dial(t, s.Addr())
	await(t, "the connection in the queue", func() bool {
		waiting, _, err := s.Queue()
		check(t, err)
		return waiting == 1
	})
	if stats := a.Stats(); stats.Accepted != 0 || !stats.Suspended || stats.Failed != 0 {
		t.Errorf("suspended: got %+v", stats)
	}
	check(t, a.Resume())
	check(t, a.Resume())
	c := <-accepted
	if c.RemoteAddr().String() != client.LocalAddr().String() {
		t.Errorf("accepted %v, want %v", c.RemoteAddr(), client.LocalAddr())
	}
	check(t, c.Close())
	check(t, a.Suspend())
	check(t, a.Close())
	if c, open := <-accepted; open {
		t.Errorf("accepted %v after Close", c)
	}
	if err := a.Resume(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("resume after Close: got %v", err)
	}
}

// echo answers each connection's line until the listener is closed.
func echo(l net.Listener) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		wg.Go(func() {
			defer func() { _ = c.Close() }()
			if line, err := bufio.NewReader(c).ReadString('\n'); err == nil {
				_, _ = io.WriteString(c, line)
			}
		})
	}
}

func TestSuspendUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	s := bind(t, newTable(t), local(Address{}))
	var workers, clients sync.WaitGroup
	var acceptors []*Acceptor
	for range 2 {
		a := newAcceptor(t, duplicateOf(t, s), AcceptOptions{})
		acceptors = append(acceptors, a)
		workers.Go(func() { echo(a) })
	}
	for id := range 8 {
		clients.Go(func() {
			for i := range 150 {
				if err := ask(s.Addr(), fmt.Sprintf("%d.%d\n", id, i)); err != nil {
					t.Errorf("client %d, request %d: %v", id, i, err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { clients.Wait(); close(done) }()
	toggle(t, acceptors, done)
	for _, a := range acceptors {
		check(t, a.Close())
	}
	workers.Wait()
	if got := acceptors[0].Stats().Accepted + acceptors[1].Stats().Accepted; got != 8*150 {
		t.Errorf("accepted %d connections, want %d", got, 8*150)
	}
}

// toggle suspends both, then each alone, until the clients are done.
func toggle(t *testing.T, acceptors []*Acceptor, done <-chan struct{}) {
	for i := 0; ; i++ {
		for _, a := range acceptors {
			check(t, a.Suspend())
		}
		<-time.After(time.Millisecond)
		check(t, acceptors[i%2].Resume())
		select {
		case <-time.After(time.Millisecond):
		case <-done:
			return
		}
		check(t, acceptors[(i+1)%2].Resume())
	}
}

func ask(a net.Addr, line string) error {
	c, err := net.DialTimeout(a.Network(), a.String(), patience)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := io.WriteString(c, line); err != nil {
		return err
	}
	got, err := io.ReadAll(c)
	if err == nil && string(got) != line {
		err = fmt.Errorf("got %q, want %q", got, line)
	}
	return err
}
