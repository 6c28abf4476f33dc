package process

import (
	"fmt"
	"os"
	"syscall"
)

// ExitError is the end of a process, also a successful one: a worker that ends unasked has failed. The texts are the
// original's.
type ExitError struct {
	PID int
	// Status is the exit status; -1 when a signal ended the process.
	Status int
	// Signal is the one that ended the process, or 0.
	Signal syscall.Signal
	// Told says that the process had been told to go, and the signal is then that of its end: SIGKILL, if it did not go in time.
	Told bool
	// Err says why the system does not know how the process ended, as when SIGCHLD is ignored.
	Err error
}

// Error implements error.
func (e *ExitError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("Child %d exited: %v", e.PID, e.Err)
	case e.Signal != 0:
		return fmt.Sprintf("Child %d killed by signal %d", e.PID, int(e.Signal))
	}
	return fmt.Sprintf("Child %d exited with status %d", e.PID, e.Status)
}

// Unwrap returns Err.
func (e *ExitError) Unwrap() error { return e.Err }

// clean reports whether the process ended by itself and with success.
func (e *ExitError) clean() bool { return e.Err == nil && e.Signal == 0 && e.Status == 0 }

// reap waits for the end of p.
func reap(p *os.Process) *ExitError {
	state, err := p.Wait()
	if err != nil {
		return &ExitError{PID: p.Pid, Status: -1, Err: err}
	}
	e := &ExitError{PID: p.Pid, Status: state.ExitCode()}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.Signal = status.Signal()
	}
	return e
}
