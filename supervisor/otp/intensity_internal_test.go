package otp

import (
	"testing"
	"time"
)

// TestWindow: two restarts in ten seconds are allowed. One that is exactly ten seconds old still counts.
func TestWindow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at   []time.Duration // of the restarts; all but the last are allowed
		want bool
	}{
		"two":                    {[]time.Duration{0, 0}, false},
		"three at once":          {[]time.Duration{0, 0, 0}, true},
		"three within":           {[]time.Duration{0, 9, 9}, true},
		"exactly a period apart": {[]time.Duration{0, 1, 10}, true},
		"a period is over":       {[]time.Duration{0, 1, 11}, false},
		"it slides":              {[]time.Duration{0, 9, 12, 20, 30, 31}, false},
		"it slides, too often":   {[]time.Duration{0, 9, 12, 20, 21}, true},
	}
	for name, tt := range tests {
		w := window{limit: 2, period: 10 * time.Second}
		got := false
		for i, at := range tt.at {
			if got {
				t.Errorf("%s: restart %d is one too many", name, i)
			}
			got = w.exceeded(time.Time{}.Add(at * time.Second))
		}
		if got != tt.want {
			t.Errorf("%s: exceeded %v, want %v", name, got, tt.want)
		}
	}
}
