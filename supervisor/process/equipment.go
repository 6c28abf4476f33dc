package process

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// equipment are the files for the start of one process.
type equipment struct {
	stdin           *os.File
	input           *os.File   // our end of stdin when it is a pipe, else nil
	inherited       []*os.File // from descriptor 3 on: the sockets, the readiness pipe, the lifeline
	names           []string   // of the sockets
	readyFD         int        // where the process finds its end of the readiness pipe
	lifelineFD      int        // and of the lifeline; -1 for a successor, which has none
	theirs          []*os.File // to be closed here as soon as the process has them
	ready, lifeline *os.File   // our ends
}

func equip(spec Spec, r role) (*equipment, error) {
	e := &equipment{lifelineFD: -1}
	if err := errors.Join(e.openStdin(spec.Input), e.fill(spec.Listeners, r)); err != nil {
		closeAll(e.theirs)
		closeAll(e.ours())
		return nil, err
	}
	return e, nil
}

func (e *equipment) ours() []*os.File { return []*os.File{e.ready, e.lifeline, e.input} }

// openStdin makes a pipe for what the process is to read, /dev/null when that is nil.
func (e *equipment) openStdin(input []byte) (err error) {
	if input == nil {
		e.stdin, err = os.Open(os.DevNull)
	} else {
		e.stdin, e.input, err = os.Pipe()
	}
	if err != nil {
		return fmt.Errorf("stdin: %w", err)
	}
	e.theirs = append(e.theirs, e.stdin)
	return nil
}

func (e *equipment) fill(listeners map[string]syscall.Conn, r role) (err error) {
	e.names = slices.Sorted(maps.Keys(listeners))
	for _, name := range e.names {
		f, err := duplicate(listeners[name], name)
		if err != nil {
			return fmt.Errorf("socket %s: %w", name, err)
		}
		e.add(f)
	}
	var end *os.File
	if e.ready, end, err = os.Pipe(); err != nil {
		return fmt.Errorf("readiness pipe: %w", err)
	}
	e.readyFD = e.add(end)
	if r == roleSuccessor {
		return nil
	}
	if end, e.lifeline, err = os.Pipe(); err != nil {
		return fmt.Errorf("lifeline: %w", err)
	}
	e.lifelineFD = e.add(end)
	return nil
}

// add returns the descriptor that f will have in the process.
func (e *equipment) add(f *os.File) int {
	e.theirs = append(e.theirs, f)
	e.inherited = append(e.inherited, f)
	return firstFD + len(e.inherited) - 1
}

// duplicate does what (*net.TCPListener).File does, but for a trap: the Fd of such a file turns the socket blocking, for
// everybody who shares it (seen with Go 1.26.8). A worker whose accept then blocks in the kernel cannot even
// close its listener until the next connection comes. A file made by os.NewFile leaves the socket as it is.
func duplicate(l syscall.Conn, name string) (*os.File, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	var dupErr error
	err = raw.Control(func(socket uintptr) { fd, dupErr = unix.FcntlInt(socket, unix.F_DUPFD_CLOEXEC, 0) })
	if err := errors.Join(err, dupErr); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// closeAll closes what is not nil. Closing our end of a pipe or a duplicate has no result that could matter.
func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}
