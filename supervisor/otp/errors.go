package otp

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors that callers branch on.
var (
	// ErrShutdown is the reason that Terminate gets when the supervisor stops a child that has not failed.
	ErrShutdown = errors.New("stopped by the supervisor")
	// ErrNotFound: no child has this path.
	ErrNotFound = errors.New("no such child")
	// ErrNotSupervisor: the path names a worker where a supervisor is needed.
	ErrNotSupervisor = errors.New("not a supervisor")
	// ErrNotRunning: the child has no actor at the moment.
	ErrNotRunning = errors.New("not running")
	// ErrRunning: the child runs, or is on its way to.
	ErrRunning = errors.New("already running")
	// ErrDuplicate: a sibling has this ID.
	ErrDuplicate = errors.New("duplicate child ID")
	// ErrStopping: the supervisor is stopping, or has given up.
	ErrStopping = errors.New("supervisor is stopping")
	// ErrNoAlternatives: the strategy of the supervisor is no Alternator.
	ErrNoAlternatives = errors.New("strategy has no alternatives")
	// ErrExited: an actor ended although nobody in the tree asked it to.
	ErrExited = errors.New("actor was stopped from outside the tree")
)

// PanicError is a recovered panic.
type PanicError struct {
	// Value is what was given to panic.
	Value any
	// Stack is the stack of the panicking goroutine.
	Stack []byte
}

// Error returns the value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value when it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// StartError says which child could not start.
type StartError struct {
	Path string
	Err  error
}

// Error implements error.
func (e *StartError) Error() string { return fmt.Sprintf("otp: start %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }

// startError names path as the culprit, unless a child further down is named already.
func startError(path string, err error) *StartError {
	if deeper, ok := errors.AsType[*StartError](err); ok {
		return deeper
	}
	return &StartError{Path: path, Err: err}
}

// IntensityError is the reason of a supervisor that gave up.
type IntensityError struct {
	// Path is that of the supervisor, Child that of the child that failed last.
	Path, Child string
	Intensity   int
	Period      time.Duration
	// Last is the failure that was one too many; nil for a normal exit.
	Last error
}

// Error implements error.
func (e *IntensityError) Error() string {
	last := "ended"
	if e.Last != nil {
		last = e.Last.Error()
	}
	return fmt.Sprintf("otp: %s: more than %d restarts in %s, last %s: %s", e.Path, e.Intensity, e.Period, e.Child, last)
}

// Unwrap returns the last failure.
func (e *IntensityError) Unwrap() error { return e.Last }

// Leak is an actor that was told to stop and did not.
type Leak struct {
	// Path is that of the child.
	Path string
	// Limit is how long the supervisor waited.
	Limit time.Duration
}

// String names the child and the time.
func (l Leak) String() string { return fmt.Sprintf("%s did not stop in %s", l.Path, l.Limit) }

// StopError lists what did not stop in time.
type StopError struct {
	Leaks []Leak
}

// Error implements error.
func (e *StopError) Error() string {
	names := make([]string, len(e.Leaks))
	for i, l := range e.Leaks {
		names[i] = l.String()
	}
	return "otp: stop: " + strings.Join(names, "; ")
}
