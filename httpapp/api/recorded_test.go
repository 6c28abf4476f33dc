package api

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// recorded is one value of one attribute that was sent to Neutron 2026.1, and what it said: status 200 for a value that
// passed the attribute table, whatever the plugin made of it; the plugin's own refusals are marked.
type recorded struct {
	Method, Collection string
	Body               json.RawMessage
	Status             int
	Type, Message      string
	Plugin             bool
}

func loadRecorded(t *testing.T) []recorded {
	t.Helper()
	f, err := os.Open("testdata/recorded.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("recorded.jsonl:%d: %v", len(all)+1, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Python prints sets in any order.
var pythonSet = regexp.MustCompile(`\{('[^'{}:]*'(?:, '[^'{}:]*')*)\}`)

func normalSets(s string) string {
	return pythonSet.ReplaceAllStringFunc(s, func(set string) string {
		items := strings.Split(strings.Trim(set, "{}"), ", ")
		slices.Sort(items)
		return "{" + strings.Join(items, ", ") + "}"
	})
}

func TestAttributeTablesAgreeWithRecordings(t *testing.T) {
	t.Parallel()
	o := DefaultOptions()
	o.DNSDomain = "ref.example."
	all := tables(&o)
	rc := &neutron.Context{Admin: true, ProjectID: "p"}
	for i, r := range loadRecorded(t) {
		v, err := decode(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		table := all[r.Collection]
		if r.Method == "POST" {
			_, err = table.toCreate(rc, v.(map[string]any))
		} else {
			_, err = table.toUpdate(rc, v.(map[string]any))
		}
		var e *neutron.Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Errorf("line %d: %s %.200s: not an API error: %v", i+1, r.Collection, r.Body, err)
		case r.Status == 500: // we owe the client a 400 where Neutron fails
			if e == nil || e.Kind != neutron.BadRequest {
				t.Errorf("line %d: %s %.200s: got %v, want a refusal", i+1, r.Collection, r.Body, err)
			}
		case r.Status == 200 || r.Plugin:
			if e != nil {
				t.Errorf("line %d: %s %.200s: got %s, want it accepted", i+1, r.Collection, r.Body, e)
			}
		case e == nil:
			t.Errorf("line %d: %s %.200s: accepted, want %s: %s", i+1, r.Collection, r.Body, r.Type, r.Message)
		case e.Type != r.Type || normalSets(e.Message) != normalSets(r.Message):
			t.Errorf("line %d: %s %.200s:\n got %s: %s\nwant %s: %s", i+1, r.Collection, r.Body, e.Type, e.Message, r.Type, r.Message)
		}
	}
}
