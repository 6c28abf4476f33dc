package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// socketFile is the file of a Unix socket, known by what the file system calls it: one that took its path since is not
// removed.
type socketFile struct {
	path string
	info fs.FileInfo
}

// bindFile binds fd to its path and sets its permissions. Nobody connects before they are set: the socket does not
// listen yet. The caller holds the lock of the directory.
func bindFile(fd int, sa *unix.SockaddrUnix, mode fs.FileMode) (socketFile, error) {
	err := unix.Bind(fd, sa)
	if errors.Is(err, unix.EADDRINUSE) {
		if err := removeStale(sa); err != nil {
			return socketFile{}, err
		}
		err = unix.Bind(fd, sa)
	}
	if err != nil {
		return socketFile{}, &fs.PathError{Op: "bind", Path: sa.Name, Err: err}
	}
	file := socketFile{path: sa.Name}
	if file.info, err = os.Lstat(sa.Name); err != nil {
		return socketFile{}, err
	}
	if mode != 0 {
		if err := os.Chmod(sa.Name, mode); err != nil {
			return socketFile{}, errors.Join(err, file.remove())
		}
	}
	return file, nil
}

// removeStale removes a socket file that nobody answers on. It answers EADDRINUSE for one that is in use, and for one
// that cannot be asked.
func removeStale(sa *unix.SockaddrUnix) error {
	info, err := os.Lstat(sa.Name)
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s exists and is not a socket", sa.Name)
	}
	fd, err := newSocket(unix.AF_UNIX)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	answer := unix.Connect(fd, sa)
	if err := unix.Close(fd); err != nil {
		return os.NewSyscallError("close", err)
	}
	if !errors.Is(answer, unix.ECONNREFUSED) {
		return &fs.PathError{Op: "bind", Path: sa.Name, Err: unix.EADDRINUSE}
	}
	return os.Remove(sa.Name)
}

func (f socketFile) remove() error {
	if f.path == "" {
		return nil
	}
	now, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, f.info) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Remove(f.path)
}

// KeepFile says whether the file of a Unix socket stays when the socket is closed. The file of a socket bound here is
// removed, that of an inherited one stays. A process that hands its sockets to its successor keeps the file, and the
// successor takes the duty to remove it.
func (s *Socket) KeepFile(keep bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if keep || s.addr.Network() != "unix" {
		s.file = socketFile{}
		return nil
	}
	path := s.addr.String()
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	s.file = socketFile{path: path, info: info}
	return nil
}

// SetUnlinkOnClose is KeepFile for those who know a listener of package net: an upgrade calls it on what it has handed
// over.
func (s *Socket) SetUnlinkOnClose(unlink bool) { _ = s.KeepFile(!unlink) } // keeping a file cannot fail

const (
	lockInterval = 10 * time.Millisecond
	// lockPatience is far longer than a bind takes: whoever holds the lock longer is not one of us.
	lockPatience = 5 * time.Second
)

// lockDirectory keeps daemons that start at the same time from removing each other's fresh sockets as stale: between
// bind and listen a socket refuses connections as a stale one does. The lock is on the directory, so that no lock file
// is left behind.
func lockDirectory(ctx context.Context, path string) (unlock func(), err error) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	for {
		err := unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { _ = dir.Close() }, nil
		}
		if err != unix.EWOULDBLOCK && err != unix.EINTR || sleep(ctx, lockInterval) != nil {
			return nil, errors.Join(fmt.Errorf("lock directory %s: %w", dir.Name(), err), dir.Close())
		}
	}
}
