package port

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// value draws any JSON value of at most that depth, as attributes hold it.
func value(t *rapid.T, depth int) any {
	switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case kind == 0:
		return nil
	case kind == 1:
		return rapid.Bool().Draw(t, "bool")
	case kind == 2:
		return rapid.Int64Range(-1<<50, 1<<50).Draw(t, "int")
	case kind == 3:
		return rapid.Float64Range(-1e9, 1e9).Draw(t, "float")
	case kind == 4 && depth > 0:
		l := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range l {
			l[i] = value(t, depth-1)
		}
		return l
	case kind == 5 && depth > 0:
		return drawObject(t, depth-1)
	}
	return rapid.String().Draw(t, "text")
}

func drawObject(t *rapid.T, depth int) map[string]any {
	o := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		o[rapid.String().Draw(t, "name")] = value(t, depth)
	}
	return o
}

// What is stored is JSON that says the same, and shows in both spellings what encoding/json makes of it.
func TestStoredObjects(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawObject(t, 3)
		text := encode(o)
		if object(text) != text {
			t.Fatalf("not taken for an object: %s", text)
		}
		if again := encode(decode(text)); again != text {
			t.Fatalf("got %s, want %s", again, text)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(text)); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var compact, spaced wire.Buffer
		spaced.Spaced = true
		appendObject(&compact, text)
		appendObject(&spaced, text)
		if string(compact.B) != want.String() || string(spaced.B) != text {
			t.Fatalf("got %s and %s, want %s and %s", compact.B, spaced.B, want.String(), text)
		}
		var with map[string]any
		if err := json.Unmarshal([]byte(withMember(text, "trusted", true)), &with); err != nil || with["trusted"] != true {
			t.Fatalf("%s with a member: %v, %v", text, with, err)
		}
	})
}
