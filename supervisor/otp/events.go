package otp

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// EventType says what happened.
type EventType uint8

const (
	// EventStarted: a child acknowledged its start for the first time, or after somebody asked for it.
	EventStarted EventType = iota
	// EventStopped: the actor of a child has ended; nothing of it is left.
	EventStopped
	// EventFailed: a child failed or could not start. Reason says why, Stack is set after a panic.
	EventFailed
	// EventRestarted: a child acknowledged its start after a restart; Reason is what caused the restart.
	EventRestarted
	// EventLeaked: a child did not stop in time and was left behind.
	EventLeaked
	// EventGaveUp: a supervisor has stopped its children and fails towards its parent. The path is its own.
	EventGaveUp
	// EventDegraded: a supervisor with alternatives turned from From to To because of Reason. The path is its own.
	EventDegraded
	// EventRecovered: it runs its preferred alternative To again.
	EventRecovered
)

// String returns the lower-case name.
func (t EventType) String() string {
	names := [...]string{"started", "stopped", "failed", "restarted", "leaked", "gave_up", "degraded", "recovered"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("event(%d)", uint8(t))
}

// MarshalText makes the name appear in JSON.
func (t EventType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Event is one step in the life of a child or supervisor. On the ActorSystem's event stream it appears as a value.
type Event struct {
	Type        EventType
	Path        string
	Kind        string
	Time        time.Time
	Incarnation int
	// Reason is the cause, nil where there is none (a normal start, an ordered stop).
	Reason error
	// Stack is that of the panic behind Reason, if there was one.
	Stack []byte
	// From and To name alternatives in EventDegraded and EventRecovered.
	From, To string
}

// publish hands e to everybody who listens; own is Spec.OnEvent of the supervisor that publishes.
func (r *Root) publish(own func(Event), e Event) {
	if own != nil {
		r.deliver(e, own)
	}
	if r.onEvent != nil {
		r.deliver(e, r.onEvent)
	}
	r.deliver(e, func(e Event) { r.system.EventStream.Publish(e) })
}

// deliver keeps a panicking listener from taking the supervisor with it.
func (r *Root) deliver(e Event, to func(Event)) {
	defer func() {
		if v := recover(); v != nil {
			r.system.Logger().Error("otp: event handler panicked", slog.String("event", e.Type.String()),
				slog.String("path", e.Path), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
		}
	}()
	to(e)
}
