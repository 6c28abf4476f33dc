package rpc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Errors that callers branch on.
var (
	// ErrClosed: the transport or the listener is closed.
	ErrClosed = errors.New("closed")
	// ErrNotBuiltIn: transport_url names a driver that Neutron has and this program does not have yet.
	ErrNotBuiltIn = errors.New("not built in yet")
)

// The modules that the classes of RemoteErrors live in.
const (
	moduleBuiltins   = "builtins"
	moduleDispatcher = "oslo_messaging.rpc.dispatcher"
	moduleNeutron    = "neutron_lib.exceptions"
)

// RemoteError is an error on its way through RPC, in either direction: the exception's class and module, and its text.
// Its JSON form is the "failure" of oslo.messaging's reply.
type RemoteError struct {
	Class     string         `json:"class"`
	Module    string         `json:"module"`
	Text      string         `json:"message"`
	Traceback []string       `json:"tb"`
	Args      []any          `json:"args"`
	Kwargs    map[string]any `json:"kwargs"`
}

// NewRemoteError returns an error of the given class, as Python's raise of it with text alone would make it.
func NewRemoteError(module, class, text string) *RemoteError {
	return &RemoteError{
		Class: class, Module: module, Text: text, Traceback: []string{}, Args: []any{text}, Kwargs: map[string]any{},
	}
}

// Error returns class and text.
func (e *RemoteError) Error() string { return e.Class + ": " + e.Text }

// Failure is the form in which err travels: a *RemoteError as it is, an error of the API as Neutron's exception, a
// panic with its stack, anything else as RuntimeError.
func Failure(err error) *RemoteError {
	if p, ok := errors.AsType[*otp.PanicError](err); ok { // first: its value may be one of the others
		failure := NewRemoteError(moduleBuiltins, "RuntimeError", p.Error())
		failure.Traceback = strings.SplitAfter(string(p.Stack), "\n")
		return failure
	}
	if remote, ok := errors.AsType[*RemoteError](err); ok {
		return remote
	}
	if api, ok := errors.AsType[*neutron.Error](err); ok {
		return NewRemoteError(moduleNeutron, api.Type, api.Message)
	}
	return NewRemoteError(moduleBuiltins, "RuntimeError", err.Error())
}

func noSuchMethod(method string) *RemoteError {
	return NewRemoteError(moduleDispatcher, "NoSuchMethod", "Endpoint does not support RPC method "+method)
}

func unsupportedVersion(version, method string) *RemoteError {
	return NewRemoteError(moduleDispatcher, "UnsupportedVersion",
		fmt.Sprintf("Endpoint does not support RPC version %s. Attempted method: %s", version, method))
}

// Expected marks an error of an endpoint as part of its contract: the caller gets it as always, the log only at debug.
func Expected(err error) error {
	if err == nil {
		return nil
	}
	return &expected{err}
}

type expected struct{ err error }

func (e *expected) Error() string { return e.err.Error() }
func (e *expected) Unwrap() error { return e.err }

// TimeoutError: nobody answered a call in time.
type TimeoutError struct {
	// ID is that of the message.
	ID            string
	Topic, Method string
}

// Error says so in oslo.messaging's words, and who was asked for what.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("Timed out waiting for a reply to message ID %s (topic %s, method %s)", e.ID, e.Topic, e.Method)
}

// UndeliverableError: a call went to a topic or server that has never been there, so nobody can ever answer.
type UndeliverableError struct{ Queue, Method string }

// Error names the queue.
func (e *UndeliverableError) Error() string {
	return fmt.Sprintf("rpc: call %s: no server has ever listened on %s", e.Method, e.Queue)
}

// QueueFullError: a queue had no room for a message, and got none in time.
type QueueFullError struct {
	Queue string
	Size  int
}

// Error names the queue and its size.
func (e *QueueFullError) Error() string {
	return fmt.Sprintf("rpc: queue %s is full (%d messages)", e.Queue, e.Size)
}

// InvalidTargetError: a target lacks what the operation needs.
type InvalidTargetError struct {
	Reason string
	Target Target
}

// Error says what is missing, and shows the target.
func (e *InvalidTargetError) Error() string {
	return fmt.Sprintf("rpc: %s: exchange %q, topic %q, server %q, fanout %t",
		e.Reason, e.Target.Exchange, e.Target.Topic, e.Target.Server, e.Target.Fanout)
}

// CheckSend reports a target that nothing can be sent to; call says that an answer is wanted.
func (t Target) CheckSend(call bool) error {
	switch {
	case t.Topic == "":
		return &InvalidTargetError{Reason: "a topic is required to send", Target: t}
	case call && t.Fanout:
		return &InvalidTargetError{Reason: "a call cannot be used with fanout", Target: t}
	}
	return nil
}

// CheckListen reports a target that no server can have.
func (t Target) CheckListen() error {
	if t.Topic == "" || t.Server == "" {
		return &InvalidTargetError{Reason: "a server's target must have topic and server names", Target: t}
	}
	return nil
}
