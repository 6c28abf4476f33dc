package process

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// system is every effect on the operating system that tests replace.
type system struct {
	environ    func() []string
	lookup     func(key string) (string, bool)
	unset      func(key string) error
	pid        func() int
	executable func() (string, error)
	start      func(name string, argv []string, attr *os.ProcAttr) (*os.Process, error)
	adopt      func(fd int, name string) (*os.File, error)
}

func realSystem() system {
	return system{
		environ: os.Environ, lookup: os.LookupEnv, unset: os.Unsetenv, pid: os.Getpid,
		executable: os.Executable, start: os.StartProcess, adopt: adopt,
	}
}

// adopt makes a file of an inherited descriptor, and keeps it from processes that this one starts.
func adopt(fd int, name string) (*os.File, error) {
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
		return nil, fmt.Errorf("inherited descriptor %d (%s): %w", fd, name, err)
	}
	// Nonblocking, so that a read waits in the poller and ends when the file is closed.
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("inherited descriptor %d (%s): %w", fd, name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// running is the path of the program that this process runs. When the file there has been replaced meanwhile, it is the
// kernel's own link: workers must be of the same version as their parent.
func (s system) running() (string, error) {
	const link = "/proc/self/exe"
	path, err := s.executable()
	mine, linkErr := os.Stat(link)
	if linkErr != nil {
		return path, err // no such file system; the path is the best there is
	}
	if there, statErr := os.Stat(path); err == nil && statErr == nil && os.SameFile(mine, there) {
		return path, nil
	}
	return link, nil
}
