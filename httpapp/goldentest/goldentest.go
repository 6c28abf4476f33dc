// Package goldentest replays recorded HTTP conversations with a real Neutron against a server under test and compares
// the answers. It is imported by tests only.
//
// A recording is one JSON object a line: an exchange of a scenario, with placeholders (${net.id}) for what differs from
// run to run. Strings are compared after UUIDs, times, request ids and generated MAC addresses have been replaced by
// their shape; lists are multisets unless the exchange says ordered; paths listed as volatile need only the same type.
// Everything else, error texts included, must be equal. The package promises that an answer which deviates fails the
// test, and that a deviation which is announced but does not happen fails it, too.
package goldentest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Options say what is replayed against what.
type Options struct {
	// Dir holds the recordings, one <topic>.jsonl each.
	Dir string
	// URL is the server under test, without a slash at its end. HeadersURL is the same server taking its identity from
	// request headers, for the scenarios that were recorded so; without it they are skipped.
	URL, HeadersURL string
	// Topics limits the run to some files; empty for all.
	Topics []string
	// Provides names what stands beside the server: "fake-agents", "agent-rpc-responder". Scenarios that require more
	// are open.
	Provides []string
	// Unbuilt names what an exchange needs that the server does not have, for servers that have only part of the API;
	// "" for exchanges that must be answered as recorded. The others are open: they are replayed and counted, but an
	// answer that deviates is no failure. So is everything in a scenario behind an open exchange that was to change
	// something, or to give the scenario an id. Nil: all is built.
	Unbuilt func(Exchange) string
	// Differences are the exchanges, by id, whose answer is meant to deviate from the recording.
	Differences map[string]Difference
	// Timeout bounds one exchange; 0 is 30 seconds.
	Timeout time.Duration
}

// Difference is a deviation on purpose.
type Difference struct {
	// Why is the reason, for the reader.
	Why string
	// Status is the status answered instead; it may be the recorded one when only the body deviates.
	Status int
	// Check looks at the answer's body, decoded as JSON or {"$text": ...}; nil accepts every body.
	Check func(body any) error
}

// Scenario is a conversation that stands for itself.
type Scenario struct {
	Topic, Name string
	Steps       []Exchange
}

// Exchange is one request and the answer that Neutron gave.
type Exchange struct {
	ID, Topic, Scenario string
	Step                int
	Request             struct {
		Method, Path string
		Headers      map[string]string
		Body         any
		BodyRaw      *string `json:"body_raw"`
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    any
	}
	Save     map[string]string
	Volatile []string
	Ordered  bool
	Requires []string
	Server   string
}

// Count is what became of the exchanges of one topic: how many were recorded, how many were answered as recorded, and how
// many deviated as announced. The rest is Missing, or has failed the test.
type Count struct {
	Recorded, Equal, Announced int
	Missing                    []Missing
}

// Missing is an open exchange that was not answered as recorded.
type Missing struct{ ID, Needs string }

// Run replays every scenario as a subtest of its own and logs the counts of each topic. Scenarios of one topic run one
// after the other.
func Run(t *testing.T, o Options) map[string]Count {
	t.Helper()
	scenarios, err := Load(o.Dir, o.Topics...)
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]Count)
	unused := make(map[string]bool)
	for id := range o.Differences {
		unused[id] = true
	}
	for _, s := range scenarios {
		t.Run(s.Topic+"/"+s.Name, func(t *testing.T) {
			c := o.replay(t, s, unused)
			sum := counts[s.Topic]
			counts[s.Topic] = Count{sum.Recorded + c.Recorded, sum.Equal + c.Equal, sum.Announced + c.Announced,
				append(sum.Missing, c.Missing...)}
		})
	}
	if len(o.Topics) == 0 {
		for id := range unused {
			t.Errorf("difference %s: no such exchange was replayed", id)
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(counts)) {
		c := counts[topic]
		t.Logf("%s: %d of %d exchanges equal, %d deviate as announced", topic, c.Equal, c.Recorded, c.Announced)
		for _, m := range c.Missing {
			t.Logf("%s: missing %s: %s", topic, m.ID, m.Needs)
		}
	}
	return counts
}

// Load reads the recordings of dir, or of some topics, in the order of topics and of their scenarios.
func Load(dir string, topics ...string) ([]Scenario, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	var all []Scenario
	for _, file := range files {
		topic := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		if len(topics) > 0 && !slices.Contains(topics, topic) {
			continue
		}
		scenarios, err := loadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, scenarios...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("load golden conversations: none in %s for topics %q", dir, topics)
	}
	return all, nil
}

func loadFile(file string) ([]Scenario, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("load golden conversations: %w", err)
	}
	var scenarios []Scenario
	at := make(map[string]int)
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		var e Exchange
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("load golden conversations: %s:%d: %w", file, i+1, err)
		}
		n, ok := at[e.Scenario]
		if !ok {
			n = len(scenarios)
			at[e.Scenario] = n
			scenarios = append(scenarios, Scenario{Topic: e.Topic, Name: e.Scenario})
		}
		scenarios[n].Steps = append(scenarios[n].Steps, e)
	}
	for _, s := range scenarios {
		slices.SortStableFunc(s.Steps, func(a, b Exchange) int { return cmp.Compare(a.Step, b.Step) })
	}
	return scenarios, nil
}

// needs names what a whole scenario needs that is not there, "" when it must pass.
func (o *Options) needs(s Scenario) string {
	for _, need := range s.Steps[0].Requires {
		if !slices.Contains(o.Provides, need) {
			return need
		}
	}
	if s.Steps[0].Server == "headers" && o.HeadersURL == "" {
		return "identity in headers"
	}
	return ""
}

// open names what an exchange needs that is not there; changed is what an earlier one of its scenario lacked.
func (o *Options) open(e *Exchange, changed string) string {
	if o.Unbuilt != nil {
		if need := o.Unbuilt(*e); need != "" {
			return need
		}
	}
	if changed != "" {
		return "behind " + changed
	}
	return ""
}

// replay runs one conversation.
func (o *Options) replay(t *testing.T, s Scenario, unused map[string]bool) Count {
	base, missing := o.URL, o.needs(s)
	var changed string
	if s.Steps[0].Server == "headers" && o.HeadersURL != "" {
		base = o.HeadersURL
	}
	client := &http.Client{Timeout: cmp.Or(o.Timeout, 30*time.Second)}
	defer client.CloseIdleConnections()
	v := newVariables(base)
	count := Count{Recorded: len(s.Steps)}
	for i := range s.Steps {
		e := &s.Steps[i]
		need := cmp.Or(missing, o.open(e, changed))
		status, body, err := send(client, base, e, v)
		if err != nil {
			t.Errorf("%s: %s %s: %v", e.ID, e.Request.Method, e.Request.Path, err)
			continue
		}
		v.save(e.Save, body)
		why := judge(e, status, body, v)
		d, announced := o.Differences[e.ID]
		delete(unused, e.ID)
		switch {
		case why == "" && !announced:
			count.Equal++
		case announced:
			if why = d.judge(why, status, body); why == "" {
				count.Announced++
			}
		}
		switch {
		case why != "" && need == "":
			t.Errorf("%s: %s %s: %s", e.ID, e.Request.Method, v.text(e.Request.Path), why)
		case why != "":
			count.Missing = append(count.Missing, Missing{e.ID, need})
			if (e.Request.Method != http.MethodGet || len(e.Save) > 0) && changed == "" {
				changed = need
			}
		}
	}
	return count
}

func judge(e *Exchange, status int, body any, v variables) string {
	if status != e.Response.Status {
		return fmt.Sprintf("status %d, want %d; body %.300s", status, e.Response.Status, compact(body))
	}
	c := comparison{vars: v, volatile: e.Volatile, ordered: e.Ordered}
	return c.diff("$", e.Response.Body, body)
}

// judge holds an answer against the announced deviation; why is what the plain comparison found.
func (d *Difference) judge(why string, status int, body any) string {
	switch {
	case why == "":
		return "answered as recorded, but a difference is announced: " + d.Why
	case status != d.Status:
		return fmt.Sprintf("status %d, want %d (%s)", status, d.Status, d.Why)
	case d.Check == nil:
		return ""
	}
	if err := d.Check(body); err != nil {
		return fmt.Sprintf("%v (%s)", err, d.Why)
	}
	return ""
}

func send(client *http.Client, base string, e *Exchange, v variables) (int, any, error) {
	req, err := newRequest(base, e, v)
	if err != nil {
		return 0, nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err
	}
	if len(data) == 0 {
		return resp.StatusCode, nil, nil
	}
	var body any
	if json.Unmarshal(data, &body) != nil {
		body = map[string]any{"$text": string(data)}
	}
	return resp.StatusCode, body, nil
}

func newRequest(base string, e *Exchange, v variables) (*http.Request, error) {
	var body io.Reader
	header := http.Header{"Accept": {"application/json"}}
	switch {
	case e.Request.BodyRaw != nil:
		body = strings.NewReader(v.text(*e.Request.BodyRaw))
	case e.Request.Body != nil:
		data, err := json.Marshal(v.expand(e.Request.Body))
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
		header.Set("Content-Type", "application/json")
	}
	req, err := http.NewRequest(e.Request.Method, base+quote(v.text(e.Request.Path)), body)
	if err != nil {
		return nil, err
	}
	for k, value := range e.Request.Headers {
		header.Set(k, v.text(value))
	}
	req.Header = header
	return req, nil
}

// quote escapes what may not stand in a request line and leaves what the recording spelled.
func quote(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("/?&=:%,.~-_+$'()*;@!", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
