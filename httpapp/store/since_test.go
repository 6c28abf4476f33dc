package store

import (
	"testing"
	"time"
)

// TestTimesAsOsloReadsThem has the forms that oslo_utils.timeutils.parse_isotime accepts, and what it makes of them.
func TestTimesAsOsloReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2020-02-03T04:05:06Z":      "2020-02-03T04:05:06Z",
		"2020-02-03T04:05:06":       "2020-02-03T04:05:06Z",
		"2020-02-03 04:05:06":       "2020-02-03T04:05:06Z",
		"2020-02-03T04:05:06.5Z":    "2020-02-03T04:05:06.5Z",
		"2020-02-03T04:05:06+01:00": "2020-02-03T03:05:06Z",
		"2020-02-03T04:05:06+0100":  "2020-02-03T03:05:06Z",
		"2020-02-03T04:05:06+01":    "2020-02-03T03:05:06Z",
		"2020-02-03T04:05":          "2020-02-03T04:05:00Z",
		"20200203T040506Z":          "2020-02-03T04:05:06Z",
		"2020-02-03":                "2020-02-03T00:00:00Z",
		"2020-02":                   "2020-02-01T00:00:00Z",
		"2020":                      "2020-01-01T00:00:00Z",
	} {
		if got, ok := parseISOTime(text); !ok || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %v %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "bad", "2020-13-01", "2020-02-03T", "T04:05:06"} {
		if got, ok := parseISOTime(text); ok {
			t.Errorf("%q: got %v, want a refusal", text, got)
		}
	}
}
