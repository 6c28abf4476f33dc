package listen

import (
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func option(t *testing.T, c net.Conn, level, name int) int {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	check(t, err)
	var value int
	var failed error
	check(t, raw.Control(func(fd uintptr) { value, failed = unix.GetsockoptInt(int(fd), level, name) }))
	check(t, failed)
	return value
}

func TestKeepAliveOfConnections(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	s := bind(t, table, local(Address{}))
	l := duplicateOf(t, s)
	interval, err := unix.GetsockoptInt(s.fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL)
	check(t, err)
	for _, c := range []struct {
		keepIdle time.Duration
		on, idle int
	}{
		{0, 0, -1},
		{600 * time.Second, 1, 600},
		{0, 1, 600}, // left as it is
		{29*time.Second + 1, 1, 30},
		{-1, 0, -1},
	} {
		bind(t, table, local(Address{KeepIdle: c.keepIdle}))
		dial(t, s.Addr())
		conn := accept(t, l)
		if got := option(t, conn, unix.SOL_SOCKET, unix.SO_KEEPALIVE); got != c.on {
			t.Errorf("KeepIdle %v: SO_KEEPALIVE is %d, want %d", c.keepIdle, got, c.on)
		}
		if got := option(t, conn, unix.IPPROTO_TCP, tcpKeepIdle); c.idle >= 0 && got != c.idle {
			t.Errorf("KeepIdle %v: TCP_KEEPIDLE is %d, want %d", c.keepIdle, got, c.idle)
		}
		if got := option(t, conn, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL); got != interval {
			t.Errorf("KeepIdle %v: TCP_KEEPINTVL is %d, want the kernel's %d", c.keepIdle, got, interval)
		}
		check(t, conn.Close())
	}
}

func TestBacklog(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	s := bind(t, table, local(Address{Backlog: 7}))
	limit := func(want int) {
		t.Helper()
		if _, got, err := s.Queue(); err != nil || got != want {
			t.Errorf("backlog %d, %v, want %d", got, err, want)
		}
	}
	limit(7)
	bind(t, table, local(Address{Backlog: 3}))
	limit(3)
	bind(t, table, local(Address{}))
	limit(3)
	for range 3 {
		dial(t, s.Addr())
	}
	await(t, "three connections in the queue", func() bool {
		waiting, _, err := s.Queue()
		check(t, err)
		return waiting == 3
	})
}

func TestDefaultBacklog(t *testing.T) {
	t.Parallel()
	var want int
	text, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	check(t, err)
	for _, digit := range text[:len(text)-1] {
		want = want*10 + int(digit-'0')
	}
	s := bind(t, newTable(t), Address{Host: "127.0.0.1"})
	if _, got, err := s.Queue(); err != nil || got != min(want, DefaultBacklog) {
		t.Errorf("backlog %d, %v, want %d", got, err, min(want, DefaultBacklog))
	}
}

// A connection that is queued while one duplicate is closed is another's.
func TestDuplicatesShareOneQueue(t *testing.T) {
	t.Parallel()
	s := bind(t, newTable(t), local(Address{}))
	first, second := duplicateOf(t, s), duplicateOf(t, s)
	meet(t, s.Addr(), first)
	meet(t, s.Addr(), second)
	client := dial(t, s.Addr())
	check(t, first.Close())
	server := accept(t, second)
	if server.RemoteAddr().String() != client.LocalAddr().String() {
		t.Errorf("accepted %v, want %v", server.RemoteAddr(), client.LocalAddr())
	}
	check(t, second.Close())
	queued := dial(t, s.Addr())
	if got := accept(t, duplicateOf(t, s)).RemoteAddr().String(); got != queued.LocalAddr().String() {
		t.Errorf("accepted %v, want %v", got, queued.LocalAddr())
	}
}

// The flag belongs to the socket, not to the descriptor: a blocking one would hang every Accept of the process.
func TestFileLeavesSocketNonBlocking(t *testing.T) {
	t.Parallel()
	s := bind(t, newTable(t), local(Address{}))
	duplicateOf(t, s)
	f, err := s.File()
	check(t, err)
	f.Fd()
	flags, err := unix.FcntlInt(uintptr(s.fd), unix.F_GETFL, 0)
	check(t, err)
	if flags&unix.O_NONBLOCK == 0 {
		t.Error("asking for the number of the descriptor made the socket blocking")
	}
	flags, err = unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
	check(t, err)
	if flags&unix.FD_CLOEXEC == 0 {
		t.Error("every child would inherit the descriptor")
	}
	check(t, f.Close())
	reuse, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR)
	check(t, err)
	if reuse == 0 {
		t.Error("SO_REUSEADDR is off: a restart would wait for connections in TIME_WAIT")
	}
}
