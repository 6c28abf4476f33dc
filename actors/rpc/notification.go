package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// DefaultNotificationTopic is where notifications go unless [oslo_messaging_notifications] topics says otherwise.
const DefaultNotificationTopic = "notifications"

// The priorities of notifications that oslo.messaging has.
const (
	PriorityAudit    = "audit"
	PriorityDebug    = "debug"
	PriorityInfo     = "info"
	PriorityWarn     = "warn"
	PriorityError    = "error"
	PriorityCritical = "critical"
	PrioritySample   = "sample"
)

// Notification tells whoever listens that something happened. Its JSON form is that of oslo.messaging.
type Notification struct {
	Topic     string          `json:"-"`
	Context   json.RawMessage `json:"-"`
	MessageID string          `json:"message_id"`
	// PublisherID is "<service>.<host>", such as "network.host1".
	PublisherID string `json:"publisher_id"`
	// EventType says what happened, such as "network.create.end".
	EventType string          `json:"event_type"`
	Priority  string          `json:"priority"`
	Payload   json.RawMessage `json:"payload"`
	// Timestamp is UTC, "2006-01-02 15:04:05.000000".
	Timestamp string `json:"timestamp"`
}

// Queue is the topic that listeners of the notification have as theirs.
func (n Notification) Queue() string { return n.Topic + "." + n.Priority }

// Message is the notification as a request: the method is the priority, the arguments are the notification. A server
// on the topic <topic>.<priority> with an endpoint that has the priority as a method receives it.
func (n Notification) Message() (Message, error) {
	if err := n.validate(); err != nil {
		return Message{}, err
	}
	raw, err := json.Marshal(n)
	if err != nil {
		return Message{}, fmt.Errorf("rpc: notification %s: %w", n.EventType, err)
	}
	return Message{ID: NewID(), Method: n.Priority, Version: defaultVersion, Args: raw, Context: n.Context}, nil
}

func (n Notification) validate() error {
	priorities := []string{
		PriorityAudit, PriorityDebug, PriorityInfo, PriorityWarn, PriorityError, PriorityCritical, PrioritySample,
	}
	switch {
	case n.Topic == "" || n.EventType == "":
		return errors.New("rpc: notification without topic or event type")
	case !slices.Contains(priorities, n.Priority):
		return fmt.Errorf("rpc: notification %s: unknown priority %q", n.EventType, n.Priority)
	}
	return nil
}

// Notifier publishes notifications under one name.
type Notifier struct {
	Transport   Transport
	PublisherID string
	// Topics get every notification each.
	Topics []string
	Now    func() time.Time
}

// Notify publishes payload, encoded as JSON, to all topics; it tries them all and returns what failed.
func (n Notifier) Notify(ctx context.Context, priority, eventType string, payload any) error {
	raw, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("rpc: notification %s: %w", eventType, err)
	}
	one := Notification{
		Context: ContextOf(ctx), MessageID: uuid.NewString(), PublisherID: n.PublisherID, EventType: eventType,
		Priority: priority, Payload: raw, Timestamp: n.Now().UTC().Format("2006-01-02 15:04:05.000000"),
	}
	var errs []error
	for _, topic := range n.Topics {
		one.Topic = topic
		errs = append(errs, n.Transport.Notify(ctx, one))
	}
	return errors.Join(errs...)
}
