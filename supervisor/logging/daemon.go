package logging

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// daemon is the way to a log daemon that may be away, or slow. It is connected again when the daemon has been restarted, and
// never keeps the server waiting for longer than patience: what cannot be sent is dropped and counted.
type daemon struct {
	what    string // for errors
	network string // udp, or unixgram; a Unix socket that wants a stream gets one
	address string

	conn    net.Conn
	raw     syscall.RawConn
	stream  bool
	stalled bool   // the daemon takes nothing, and was waited for
	dropped uint64 // since something was sent last
}

// patience is how long one record waits for a daemon that takes none. Those behind it do not wait until it takes one again.
const patience = 100 * time.Millisecond

// errDropped is what a record costs that cannot be sent.
var errDropped = errors.New("the record is dropped")

// send sends b with the files in rights, connecting first where need be, and again where the connection is broken.
func (d *daemon) send(b, rights []byte) error {
	err := d.try(b, rights)
	if err == nil || errors.Is(err, unix.EMSGSIZE) || errors.Is(err, unix.EAGAIN) || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	if d.network != "udp" { // there the error is that of a packet before, and the name of the host is not looked up again
		d.hangUp()
	}
	return d.try(b, rights) // the daemon may be another one by now
}

// drop counts a record that err has kept from being sent. Only the first of a row is an error to report: a daemon that is away
// is not reported with every record.
func (d *daemon) drop(err error) error {
	if d.dropped++; d.dropped > 1 {
		return errSilently
	}
	return fmt.Errorf("%s: %w: %w", d.what, errDropped, err)
}

// errSilently is a loss that was reported before.
var errSilently = fmt.Errorf("%w, as others before", errDropped)

func (d *daemon) try(b, rights []byte) error {
	if d.conn == nil {
		if err := d.dial(); err != nil {
			return err
		}
	}
	if d.stream {
		return d.trySlowly(b)
	}
	err := d.transmit(b, rights, false)
	if !errors.Is(err, unix.EAGAIN) {
		d.stalled = false
		return err
	}
	if d.stalled {
		return err
	}
	if err := d.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	err = d.transmit(b, rights, true)
	d.stalled = errors.Is(err, os.ErrDeadlineExceeded)
	return errors.Join(err, d.conn.SetWriteDeadline(time.Time{}))
}

// transmit sends one datagram, and waits until it can be sent or the deadline has passed if it may.
func (d *daemon) transmit(b, rights []byte, wait bool) error {
	var failed error
	err := d.raw.Write(func(fd uintptr) bool {
		_, failed = unix.SendmsgN(int(fd), b, rights, nil, unix.MSG_DONTWAIT)
		return !wait || !errors.Is(failed, unix.EAGAIN)
	})
	if err != nil {
		return err
	}
	return failed
}

// trySlowly writes to a stream, which ends when a record is only written in part.
func (d *daemon) trySlowly(b []byte) error {
	if err := d.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := d.conn.Write(b)
	if err != nil {
		d.hangUp()
	}
	return err
}

// dial connects. A Unix socket that is no datagram socket is tried as a stream, as syslog(3) does.
func (d *daemon) dial() error {
	conn, err := net.DialTimeout(d.network, d.address, patience)
	d.stream = false
	if errors.Is(err, unix.EPROTOTYPE) {
		conn, err = net.DialTimeout("unix", d.address, patience)
		d.stream = err == nil
	}
	if err != nil {
		return err
	}
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return errors.Join(fmt.Errorf("a connection of type %T has no descriptor", conn), conn.Close())
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	d.conn, d.raw, d.stalled = conn, raw, false
	return nil
}

// hangUp forgets a connection of which nothing more is expected.
func (d *daemon) hangUp() {
	if d.conn != nil {
		_ = d.conn.Close() // nothing is buffered in it
	}
	d.conn, d.raw = nil, nil
}

func (d *daemon) close() error {
	d.hangUp()
	return nil
}
