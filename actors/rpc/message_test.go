package rpc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
)

func TestVersionsAreCompatibleWithinAMajor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		offered, wanted string
		want            bool
	}{
		{"1.0", "1.0", true}, {"1.9", "1.0", true}, {"1.9", "1.9", true}, {"1.9", "1.10", false}, {"1.10", "1.9", true},
		{"2.0", "1.0", false}, {"1.0", "2.0", false}, {"1.2.3", "1.2.3", true}, {"1.2.3", "1.2.4", false},
		{"1.2", "1.2.1", false}, {"1.3", "1.2.9", true}, {"1.0", "1", false}, {"1.0", "one", false}, {"1.0", "", false},
		{"1.0", "1.-0", false}, {"1.0", "1.0.0.0", false}, {"", "1.0", false},
	} {
		if got := rpc.Compatible(c.offered, c.wanted); got != c.want {
			t.Errorf("an endpoint of %q serving %q: got %t, want %t", c.offered, c.wanted, got, c.want)
		}
	}
}

// TestCompatibilityIsAnOrderWithinAMajor: who serves a version serves every older one of the same major.
func TestCompatibilityIsAnOrderWithinAMajor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := func(label string) int { return rapid.IntRange(0, 20).Draw(t, label) }
		major, offered, wanted := n("major"), n("offered"), n("wanted")
		a, b := fmt.Sprintf("%d.%d", major, offered), fmt.Sprintf("%d.%d", major, wanted)
		if got, want := rpc.Compatible(a, b), wanted <= offered; got != want {
			t.Fatalf("an endpoint of %s serving %s: got %t, want %t", a, b, got, want)
		}
		if other := fmt.Sprintf("%d.%d", major+1, wanted); rpc.Compatible(a, other) || rpc.Compatible(other, a) {
			t.Fatalf("%s and %s count as compatible", a, other)
		}
	})
}

func TestMessageIDsHave32HexDigitsAndDiffer(t *testing.T) {
	t.Parallel()
	a, b := rpc.NewID(), rpc.NewID()
	if a == b || len(a) != 32 || strings.Trim(a, "0123456789abcdef") != "" {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestMessagesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]rpc.Message{
		"without method": {},
		"args a list":    {Method: "m", Args: json.RawMessage(`[1]`)},
		"args broken":    {Method: "m", Args: json.RawMessage(`{"a"`)},
		"context a text": {Method: "m", Context: json.RawMessage(`"x"`)},
	} {
		if err := m.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ok := rpc.Message{Method: "m", Args: json.RawMessage(" {}"), Context: json.RawMessage(`{"a":1}`)}
	if err := ok.Validate(); err != nil {
		t.Error(err)
	}
}

func TestTargetsAreChecked(t *testing.T) {
	t.Parallel()
	if err := (rpc.Target{}).CheckSend(false); err == nil {
		t.Error("a send without topic passes")
	}
	if err := (rpc.Target{Topic: "t", Fanout: true}).CheckSend(true); err == nil {
		t.Error("a call to all passes")
	}
	if err := (rpc.Target{Topic: "t", Fanout: true}).CheckSend(false); err != nil {
		t.Error(err)
	}
	for _, target := range []rpc.Target{{Topic: "t"}, {Server: "h"}} {
		if err := target.CheckListen(); err == nil {
			t.Errorf("a server on %+v passes", target)
		}
	}
}

func TestTransportErrorsSayWhere(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"rpc: call m: no server has ever listened on neutron/t.h": &rpc.UndeliverableError{Queue: "neutron/t.h", Method: "m"},
		"rpc: queue neutron/t is full (2 messages)":               &rpc.QueueFullError{Queue: "neutron/t", Size: 2},
		`rpc: a topic is required to send: exchange "e", topic "", server "h", fanout true`: rpc.Target{
			Exchange: "e", Server: "h", Fanout: true}.CheckSend(false),
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

// TestNotificationsReachTheListenerOfTheirPriority with the fields that oslo.messaging gives them.
func TestNotificationsReachTheListenerOfTheirPriority(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	got := make(chan json.RawMessage, 2)
	d := dispatcher(t, rpc.Endpoint{Methods: map[string]rpc.Method{
		"info": func(_ context.Context, args json.RawMessage) (any, error) { got <- args; return nil, nil },
	}})
	run(t, transport, rpc.Target{Topic: "notifications.info", Server: "listener"}, d)
	n := rpc.Notifier{
		Transport: transport, PublisherID: "network.host1", Topics: []string{rpc.DefaultNotificationTopic},
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC) },
	}
	if err := n.Notify(t.Context(), rpc.PriorityError, "network.create.error", nil); err != nil {
		t.Errorf("a notification nobody listens to: %v", err)
	}
	if err := n.Notify(t.Context(), rpc.PriorityInfo, "network.create.end", map[string]any{"id": 1}); err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(<-got, &fields); err != nil {
		t.Fatal(err)
	}
	if id, _ := fields["message_id"].(string); len(id) != 36 {
		t.Errorf("message_id: got %q", id)
	}
	delete(fields, "message_id")
	want := map[string]any{
		"publisher_id": "network.host1", "event_type": "network.create.end", "priority": "info",
		"payload": map[string]any{"id": 1.0}, "timestamp": "2026-01-02 03:04:05.000006",
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := transport.Stats().Unroutable; got != 1 {
		t.Errorf("unroutable: got %d, want 1", got)
	}
}

func TestNotificationsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	n := rpc.Notifier{Transport: local.New(local.Defaults()), Topics: []string{"a", "b"}, Now: time.Now}
	err := n.Notify(t.Context(), "loud", "x", nil)
	if err == nil || strings.Count(err.Error(), `unknown priority "loud"`) != 2 {
		t.Errorf("unknown priority on two topics: got %v", err)
	}
	if err := n.Notify(t.Context(), "info", "", nil); err == nil {
		t.Error("no event type: no error")
	}
	if err := n.Notify(t.Context(), "info", "x", func() {}); err == nil {
		t.Error("a payload that is no JSON: no error")
	}
}
