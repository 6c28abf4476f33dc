package otp_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// told renders an event with all that it carries, its stack by what panicked there.
func told(e otp.Event) string {
	s := fmt.Sprintf("%s %s %s#%d", e.Type, e.Kind, strings.TrimPrefix(e.Path, "top/"), e.Incarnation)
	if e.From+e.To != "" {
		s += fmt.Sprintf(" %s>%s", e.From, e.To)
	}
	if e.Reason != nil {
		s += ": " + e.Reason.Error()
	}
	if strings.Contains(string(e.Stack), "(*probe).Receive") {
		s += " [stack]"
	}
	return s
}

// TestEveryEventIsOnTheStream goes through all types of events. Those of a supervisor and its children are also its own
// OnEvent's.
func TestEveryEventIsOnTheStream(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		var stream, own []string
		l.system.EventStream.Subscribe(func(v any) {
			if e, ok := v.(otp.Event); ok {
				stream = append(stream, told(e))
				if !e.Time.Equal(time.Now()) {
					t.Errorf("%s at %s", told(e), e.Time)
				}
			}
		})
		expect := func(what string, want ...string) {
			t.Helper()
			synctest.Wait()
			if diff := cmp.Diff(stream, want); diff != "" {
				t.Errorf("%s (-got +want):\n%s", what, diff)
			}
			var mine []string
			for _, line := range want {
				if strings.Contains(line, " api") {
					mine = append(mine, line)
				}
			}
			if strings.HasPrefix(what, "api") {
				if diff := cmp.Diff(own, mine); diff != "" {
					t.Errorf("%s: own (-got +want):\n%s", what, diff)
				}
			}
			stream, own = nil, nil
		}
		spec := frameworks(l, map[string]bool{})
		api := spec.Children[1].Sup
		api.Children[0].Shutdown = time.Second
		api.OnEvent = func(e otp.Event) { own = append(own, told(e)) }
		l.start(spec)
		expect("start", "started worker a#1", "started worker api/w1#1", "started worker api/w2#1", "started supervisor api#1")
		l.send("api/w1", crash{"one"})
		expect("api: restart", "failed worker api/w1#1: panic: one [stack]", "stopped worker api/w1#1",
			"restarted worker api/w1#2: panic: one [stack]")
		l.send("api/w1", fail{errTest})
		expect("api: alternative", "failed worker api/w1#2: broken on purpose", "stopped worker api/w2#1", "stopped worker api/w1#2",
			"degraded supervisor api#1 pecan>legacy: otp: top/api: more than 1 restarts in 5s, last w1: broken on purpose",
			"started worker api/w1#3", "started worker api/w2#2")
		if err := l.root.Prefer(t.Context(), "top/api"); err != nil {
			t.Error(err)
		}
		expect("api: back", "stopped worker api/w2#2", "stopped worker api/w1#3", "started worker api/w1#4",
			"started worker api/w2#3", "recovered supervisor api#1 legacy>pecan")
		release := make(chan struct{})
		l.send("api/w1", blocks{release})
		if _, ok := errors.AsType[*otp.StopError](l.root.TerminateChild(t.Context(), "top/api/w1")); !ok {
			t.Error("w1 has stopped")
		}
		expect("api: leak", "leaked worker api/w1#4: top/api/w1 did not stop in 1s")
		close(release)
		l.send("a", leave{}) // a normal exit of a permanent child
		expect("exit", "stopped worker a#1", "restarted worker a#2")
		l.send("a", fail{errTest})
		expect("end", "failed worker a#2: broken on purpose", "stopped worker api/w2#3", "stopped supervisor api#1",
			"stopped worker a#2", "gave_up supervisor top#1: otp: top: more than 1 restarts in 5s, last a: broken on purpose")
	})
}
