package listen

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

const tcpKeepIdle = unix.TCP_KEEPALIVE

// newSocket cannot have close-on-exec from the start here: ForkLock keeps a child from being born in between.
func newSocket(family int) (int, error) {
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

func acceptQueue(int) (waiting, limit int, err error) { return 0, 0, errors.ErrUnsupported }
