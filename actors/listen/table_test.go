package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

func port(s *Socket) int { return s.Addr().(*net.TCPAddr).Port }

func TestSameAddressIsSameSocket(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	sockets := make([]*Socket, 16)
	var wg sync.WaitGroup
	for i := range sockets {
		wg.Go(func() { sockets[i], _ = table.Bind(t.Context(), local(Address{})) })
	}
	wg.Wait()
	for _, s := range sockets {
		if s == nil || s != sockets[0] {
			t.Fatalf("got %p, want %p for the same address", s, sockets[0])
		}
	}
	if all := table.Sockets(); len(all) != 1 || all[0].Name() != "127.0.0.1:0" {
		t.Errorf("got the sockets %v", all)
	}
}

func TestBindIsExclusive(t *testing.T) {
	t.Parallel()
	s := bind(t, newTable(t), local(Address{}))
	_, err := newTable(t).Bind(t.Context(), local(Address{Port: port(s)}))
	if !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("got %v from a second table, want the address in use", err)
	}
	greedy := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
		return errors.Join(err, failed)
	}}
	l, err := greedy.Listen(t.Context(), "tcp", s.Addr().String())
	if !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("got %v, %v from a bind with SO_REUSEPORT, want the address in use", l, err)
	}
}

// Time is synctest's: a bind does not wait in the kernel.
func TestRetryWindow(t *testing.T) {
	// Not parallel: another test might be given the port that must stay free.
	for _, c := range []struct {
		window, free time.Duration
		after        time.Duration
		text         string
	}{
		{window: 0, free: time.Hour, after: 0, text: "0"},
		{window: 250 * time.Millisecond, free: time.Hour, after: 250 * time.Millisecond, text: "0"},
		{window: 2 * time.Second, free: time.Hour, after: 2 * time.Second, text: "2"},
		{window: 30 * time.Second, free: 550 * time.Millisecond, after: 600 * time.Millisecond},
	} {
		t.Run(fmt.Sprint(c.window, " ", c.free), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				other, mine := newTable(t), newTable(t)
				s := bind(t, other, local(Address{}))
				free := time.AfterFunc(c.free, func() { check(t, other.Close()) })
				defer free.Stop()
				start := time.Now()
				_, err := mine.Bind(t.Context(), local(Address{Port: port(s), RetryWindow: c.window}))
				if got := time.Since(start); got != c.after {
					t.Errorf("got an answer after %v, want %v", got, c.after)
				}
				if c.text == "" {
					check(t, err)
					return
				}
				want := fmt.Sprintf("Could not bind to 127.0.0.1:%d after trying for %s seconds: ", port(s), c.text)
				if !errors.Is(err, unix.EADDRINUSE) || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("got the error %v, want %q and the cause", err, want)
				}
			})
		})
	}
}

func TestRetryEndsWithContext(t *testing.T) {
	t.Parallel()
	s := bind(t, newTable(t), local(Address{}))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := newTable(t).Bind(ctx, local(Address{Port: port(s), RetryWindow: time.Hour}))
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("got %v, want both the end of the context and why it was waited for", err)
	}
}

// Other errors are not retried: an hour would outlast the test.
func TestOtherErrorsAreFinal(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	table.lookup = func(context.Context, string) ([]net.IPAddr, error) { return nil, errors.New("no such name") }
	for _, c := range []struct {
		a    Address
		is   error
		want string
	}{
		{Address{Host: "192.0.2.77", Port: 9696}, unix.EADDRNOTAVAIL, "Unable to listen on 192.0.2.77:9696: bind: "},
		{Address{Host: "2001:db8::7", Port: 9696}, nil, "Unable to listen on 2001:db8::7:9696: "},
		{Address{Host: "nowhere.invalid", Port: 9696}, nil, "Unable to listen on nowhere.invalid:9696: no such name"},
		{Address{Host: "fe80::1%nosuch0", Port: 9696}, nil, `Unable to listen on fe80::1%nosuch0:9696: scope id "nosuch0": `},
		{local(Address{Port: 70000}), nil, "Unable to listen on 127.0.0.1:70000: port 70000 is not in 0..65535"},
		{local(Address{Backlog: -1}), nil, "Unable to listen on 127.0.0.1:0: backlog -1 is negative"},
		{local(Address{KeepIdle: 24 * time.Hour}), unix.EINVAL, "Unable to listen on 127.0.0.1:0: keep-alive after 24h0m0s: "},
		{Address{Inherited: "api"}, nil, "Unable to listen on api: no socket of this name was inherited"},
		{Address{Path: "/" + strings.Repeat("x", 108)}, nil, "Unable to listen on /" + strings.Repeat("x", 108) +
			": a path of 109 bytes is too long for a Unix socket, "},
		{Address{Path: "@abstract"}, nil, `Unable to listen on @abstract: abstract Unix socket "@abstract" is not supported`},
	} {
		c.a.RetryWindow = time.Hour
		_, err := table.Bind(t.Context(), c.a)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: got %v, want %q", c.a, err, c.want)
		}
	}
	if got := table.Sockets(); len(got) != 0 {
		t.Errorf("failed binds left the sockets %v", got)
	}
}

func TestFirstAddressOfName(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	table.lookup = func(_ context.Context, host string) ([]net.IPAddr, error) {
		if host != "controller" {
			t.Errorf("looked up %q", host)
		}
		return []net.IPAddr{{IP: net.IPv4(127, 0, 0, 2)}, {IP: net.IPv4(127, 0, 0, 1)}}, nil
	}
	s := bind(t, table, Address{Host: "controller"})
	if got := s.Addr().(*net.TCPAddr).IP.String(); got != "127.0.0.2" {
		t.Errorf("bound to %s, want the first address", got)
	}
	table.lookup = func(context.Context, string) ([]net.IPAddr, error) {
		t.Error("a bound address was looked up again")
		return nil, errors.New("name server away")
	}
	if again := bind(t, table, Address{Host: "controller"}); again != s {
		t.Error("the name is another socket the second time")
	}
}

func TestTwoSpellingsOfOnePlace(t *testing.T) {
	// Not parallel: another test might be given the port that must stay free.
	table := newTable(t)
	table.lookup = func(context.Context, string) ([]net.IPAddr, error) {
		return []net.IPAddr{{IP: net.IPv4(127, 0, 0, 1)}}, nil
	}
	first := bind(t, newTable(t), local(Address{}))
	free := port(first)
	check(t, first.close())
	literal, name := local(Address{Port: free}), Address{Host: "me", Port: free}
	s := bind(t, table, literal)
	if bind(t, table, name) != s {
		t.Fatal("the name is another socket than its address")
	}
	check(t, table.Release(literal))
	l := duplicateOf(t, s)
	meet(t, s.Addr(), l)
	check(t, table.Release(name))
	check(t, l.Close())
	refused(t, "tcp", s.Addr().String())
	if err := table.Release(name); err == nil || err.Error() != "release me:"+strconv.Itoa(free)+": not bound" {
		t.Errorf("second release: got %v", err)
	}
}

func TestReleaseAndBindAgain(t *testing.T) {
	// Not parallel: another test might be given the port that must stay free.
	table := newTable(t)
	first := local(Address{})
	s := bind(t, table, first)
	l := duplicateOf(t, s)
	check(t, table.Release(first))
	again := local(Address{Port: port(s)})
	if _, err := table.Bind(t.Context(), again); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("got %v while a duplicate lives, want the address in use", err)
	}
	meet(t, s.Addr(), l)
	check(t, l.Close())
	if got := bind(t, table, again); got.Addr().String() != s.Addr().String() {
		t.Errorf("bound to %v, want %v", got.Addr(), s.Addr())
	}
	if _, err := s.Duplicate(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("duplicate of a released socket: got %v", err)
	}
}

func TestCloseIsForGood(t *testing.T) {
	// Not parallel: another test might be given the port that must stay free.
	table := NewTable()
	s := bind(t, table, local(Address{}))
	check(t, table.Close())
	check(t, table.Close())
	refused(t, "tcp", s.Addr().String())
	for _, a := range []Address{local(Address{}), {Inherited: "api"}} {
		if _, err := table.Bind(t.Context(), a); !errors.Is(err, net.ErrClosed) {
			t.Errorf("bind %s after Close: got %v", a, err)
		}
	}
	if _, _, err := s.Queue(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("queue after Close: got %v", err)
	}
}
