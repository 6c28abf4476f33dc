package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

func TestTheTreeIsDrawn(t *testing.T) {
	t.Parallel()
	top := decodeTree(t, subject(newServer()))
	for _, test := range []struct {
		name string
		all  bool
		want string
	}{
		{name: "equal siblings folded", want: `
ACTOR                                   TYPE                STATE        AGE   RESTARTS  MAILBOX  LAST FAILURE
neutron-server                          rest_for_one        running      1h1m  0         0
├── config                              config              running      1h1m  0         0
└── api                                 framework legacy    running      1h1m  0         0
    └── worker-1                        rest_for_one        running      1h1m  0         0
        ├── pool                        simple_one_for_one  running      1h1m  0         0
        │   ├── handler-1               handler             running      1h1m  0         0
        │   ├── handler-2               handler             running      1h1m  7         4        panic: assignment to entry in nil map
        │   └── handler-3 .. handler-5  handler             running      1h1m  0         0
        └── server                      server              backing_off  1h1m  0         0
`},
		{name: "all", all: true, want: `
ACTOR                      TYPE                STATE        AGE   RESTARTS  MAILBOX  LAST FAILURE
neutron-server             rest_for_one        running      1h1m  0         0
├── config                 config              running      1h1m  0         0
└── api                    framework legacy    running      1h1m  0         0
    └── worker-1           rest_for_one        running      1h1m  0         0
        ├── pool           simple_one_for_one  running      1h1m  0         0
        │   ├── handler-1  handler             running      1h1m  0         0
        │   ├── handler-2  handler             running      1h1m  7         4        panic: assignment to entry in nil map
        │   ├── handler-3  handler             running      1h1m  0         0
        │   ├── handler-4  handler             running      1h1m  0         0
        │   └── handler-5  handler             running      1h1m  0         0
        └── server         server              backing_off  1h1m  0         0
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			if err := admin.Draw(&got, top, epoch().Add(time.Hour+time.Minute+time.Second), test.all); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got.String()); diff != "" {
				t.Errorf("drawing (-want +got):\n%s\n%s", diff, got.String())
			}
		})
	}
}

// TestAgesAreShort draws one actor at several ages.
func TestAgesAreShort(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0s": -time.Second, "59s": 59*time.Second + 900*time.Millisecond, "1m0s": time.Minute, "59m59s": time.Hour - time.Second,
		"1h0m": time.Hour, "23h59m": 24*time.Hour - time.Second, "2d3h": 51 * time.Hour,
	} {
		var got strings.Builder
		if err := admin.Draw(&got, admin.Node{ID: "x", Since: epoch()}, epoch().Add(d), false); err != nil {
			t.Fatal(err)
		}
		if _, line, _ := strings.Cut(got.String(), "\n"); !strings.Contains(line, " "+want+" ") {
			t.Errorf("%s: drawn as %q, want %q", d, line, want)
		}
	}
}

func TestALongFailureIsCut(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	long := strings.Repeat("ä", 300)
	if err := admin.Draw(&got, admin.Node{ID: "x", LastFailure: long, Since: epoch()}, epoch(), false); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got.String(), "ä"); n != 99 || !strings.Contains(got.String(), "ä…\n") {
		t.Errorf("%d characters of the failure are drawn: %s", n, got.String())
	}
}
