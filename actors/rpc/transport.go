package rpc

import (
	"context"
	"encoding/json"
	"time"
)

// Transport is the seam to a broker. All methods are safe for concurrent use.
type Transport interface {
	// Cast sends m to one server on the target's topic, to the target's Server, or with Fanout to all of them, and
	// does not wait for anybody to take it. Nobody there is no error, as with a broker.
	Cast(ctx context.Context, target Target, m Message) error
	// Call sends m like Cast and waits for the answer, at most for timeout (0: until ctx ends). It returns a
	// *TimeoutError when none came, and what the server's endpoint failed with as *RemoteError.
	Call(ctx context.Context, target Target, m Message, timeout time.Duration) (json.RawMessage, error)
	// Notify publishes n to who listens to its topic and priority.
	Notify(ctx context.Context, n Notification) error
	// Listen makes the queues of a server (topic, topic.server, fan-out) and returns the way to take from them. What
	// is sent from then on waits there.
	Listen(target Target) (Listener, error)
	// Close ends the transport; listeners and calls in progress get ErrClosed.
	Close() error
}

// Listener is where a server takes its messages from. It is safe for concurrent use.
type Listener interface {
	// Receive waits for the next message. A message it returns has left its queue for good; when ctx ends first, none
	// has been taken.
	Receive(ctx context.Context) (Delivery, error)
	// Close ends the listening. The queues of the topic and the server keep what is in them for other and later
	// listeners; the fan-out queue goes away.
	Close() error
}

// Delivery is a message that a server has taken.
type Delivery struct {
	Message Message
	// Answer sends the reply to the caller; nil for a cast, which has none.
	Answer func(context.Context, Reply) error
}

// Reply is the end of a call: a result or a failure.
type Reply struct {
	Result  json.RawMessage
	Failure *RemoteError
}
