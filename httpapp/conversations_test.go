package httpapp_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// conversationsFrom is the address of a Neutron without authentication to record testdata/conversations from, at its /v2.0.
// Its service plugins are those of the constant recorded. What a conversation makes it deletes.
var (
	conversationsFrom = flag.String("record-conversations", "", "record testdata/conversations from this address of Neutron's API v2.0")
	conversationsOnly = flag.String("conversations", "*", "record only the conversations whose names match this pattern")
)

// conversing is what the recorded server's configuration had besides.
const conversing = `
[DEFAULT]
service_plugins = router,segments,network_segment_range,metering,trunk,log,qos,conntrack_helper
[quotas]
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_router = -1
quota_security_group = -1
quota_security_group_rule = -1
`

// said is a step of a conversation: a request, and what Neutron 2026.1 answered. A new step has no status until it is
// recorded.
type said struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Body    json.RawMessage   `json:"body,omitempty"`
	Raw     *string           `json:"raw,omitempty"` // a body that is no JSON
	Headers map[string]string `json:"headers,omitempty"`
	// Save names the object in the answer: later steps say $name for its id.
	Save string `json:"save,omitempty"`
	// Watch compares the revision and the time of change of every object with a name before and after the step.
	Watch bool `json:"watch,omitempty"`
	// Any are attributes whose values the server draws.
	Any     []string `json:"any,omitempty"`
	Because string   `json:"because,omitempty"` // why ours differs
	Ours    *heard   `json:"ours,omitempty"`
	heard
}

// heard is an answer, with names in place of ids.
type heard struct {
	Status int             `json:"status,omitempty"`
	Answer json.RawMessage `json:"answer,omitempty"`
	// Changed says of each watched object what the step did to it, but for those that it did nothing to.
	Changed map[string]string `json:"changed,omitempty"`
}

func (h heard) String() string {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(h); err != nil {
		return err.Error()
	}
	return text.String()
}

// TestConversationsAreNeutrons holds every step of testdata/conversations against what Neutron answered.
func TestConversationsAreNeutrons(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		t.Run(name, func(t *testing.T) {
			wanted, err := filepath.Match(*conversationsOnly, name)
			switch {
			case err != nil:
				t.Fatal(err)
			case *conversationsFrom != "" && wanted:
				recordConversation(t, file)
			case *conversationsFrom == "":
				t.Parallel()
			}
			replayConversation(t, file)
		})
	}
}

func readConversation(t *testing.T, file string) []said {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var steps []said
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		var s said
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			t.Fatalf("%s:%d: %v", file, i+1, err)
		}
		steps = append(steps, s)
	}
	return steps
}

// replayConversation asks hadron, whose clock moves on before each step, under the front controller that was recorded.
func replayConversation(t *testing.T, file string) {
	t.Helper()
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	s := load(t, recorded+conversing)
	app := applicationAt(t, s, open(t, s), "pecan", func() time.Time { return now })
	c := newConversation(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		return w.Result(), nil
	}, "http://hadron/v2.0")
	for i, step := range readConversation(t, file) {
		now = now.Add(time.Minute)
		got, err := c.say(step)
		if err != nil {
			t.Fatal(err)
		}
		if step.accepts(got) {
			continue
		}
		want := step.heard
		if step.Ours != nil {
			want = *step.Ours
		}
		t.Errorf("%s:%d: %s %s %s%s\n got %swant %s", file, i+1, step.Method, step.Path, step.Body, raw(step), got, want)
	}
}

// accepts reports whether an answer is Neutron's, or, where that is known to differ, hadron's own. A 500 is a bug of
// Neutron's: all that is asked for is an answer.
func (s *said) accepts(got heard) bool {
	switch {
	case s.Ours != nil:
		return s.Because != "" && got.String() == s.Ours.String()
	case s.Status == http.StatusInternalServerError:
		return got.Status < http.StatusInternalServerError
	}
	return got.String() == s.heard.String()
}

// recordConversation asks the Neutron, writes what it answers, and deletes what was made.
func recordConversation(t *testing.T, file string) {
	t.Helper()
	c := newConversation(http.DefaultClient.Do, *conversationsFrom)
	defer http.DefaultClient.CloseIdleConnections()
	defer c.forget(t)
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	for _, step := range readConversation(t, file) {
		if step.Watch {
			time.Sleep(1050 * time.Millisecond) // the times have whole seconds, and Neutron's clock is not ours
		}
		answer, err := c.say(step)
		if err != nil {
			t.Fatal(err)
		}
		step.heard = answer
		if err := lines.Encode(step); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// forget deletes the named objects, the last first, but those that are gone.
func (c *conversation) forget(t *testing.T) {
	t.Helper()
	for i := len(c.made) - 1; i >= 0; i-- {
		o := c.made[i]
		status, body, err := c.send(said{Method: http.MethodDelete, Path: o.collection + "/" + o.id})
		if err != nil || status >= 300 && status != http.StatusNotFound {
			t.Errorf("%s of %s stays: %d %s %v", o.name, o.collection, status, body, err)
		}
	}
}

// changed says what a step did to the objects that were there before it, nil when it did nothing to any.
func changed(before, after map[string]standing) map[string]string {
	var out map[string]string
	for name, was := range before {
		is, there := after[name]
		if there && is == was {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[name] = "gone"
		if there {
			out[name] = change(was, is)
		}
	}
	return out
}

// change says what a step did to an object.
func change(was, is standing) string {
	var all []string
	if is.revision != was.revision {
		all = append(all, fmt.Sprintf("revision %+d", is.revision-was.revision))
	}
	if is.updated != was.updated {
		all = append(all, "updated_at")
	}
	return strings.Join(all, ", ")
}

func raw(s said) string {
	if s.Raw == nil {
		return ""
	}
	return *s.Raw
}
