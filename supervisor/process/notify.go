package process

import (
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Notifier tells a service manager about the state of this process, in systemd's protocol. The zero value tells nobody.
type Notifier struct {
	// Socket is $NOTIFY_SOCKET: a path, or @name for an abstract socket.
	Socket string
}

// Ready says that the service is up, with a text for people.
func (n Notifier) Ready(status string) error { return n.send("READY=1", "STATUS="+status) }

// Reloading says that a reload has begun; Ready ends it.
func (n Notifier) Reloading() error {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	usec := time.Duration(now.Nano()).Microseconds()
	return n.send("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", usec))
}

// Stopping says that the service is going down.
func (n Notifier) Stopping() error { return n.send("STOPPING=1") }

// Status is a text for people, about a state that has not changed otherwise.
func (n Notifier) Status(text string) error { return n.send("STATUS=" + text) }

// Watchdog is a sign of life; due within every WatchdogInterval.
func (n Notifier) Watchdog() error { return n.send("WATCHDOG=1") }

// MainPID says that another process is the service from now on. The manager believes it from the former one.
func (n Notifier) MainPID(pid int) error { return n.send(fmt.Sprintf("MAINPID=%d", pid)) }

// notifyLimit bounds the wait for a service manager that does not read: it must not hold up a stop.
const notifyLimit = time.Second

func (n Notifier) send(lines ...string) error {
	if n.Socket == "" {
		return nil
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.Socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	defer c.Close()
	if err := c.SetWriteDeadline(time.Now().Add(notifyLimit)); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	if _, err := c.Write([]byte(strings.Join(lines, "\n"))); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}
