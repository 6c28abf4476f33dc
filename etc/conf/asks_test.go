package conf

import (
	"strings"
	"testing"
)

func TestAsks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args string
		want bool
	}{
		{"", false}, {"--check", true}, {"--config-file x --check", true}, {"--chec", true}, {"--check --nocheck", false},
		{"--config-file --check", false}, {"--config-file=--check", false}, {"--check --help", false}, {"--version --check", false},
		{"--check --bogus", false}, {"--log-file x --check", true}, {"--sample-config", false},
	} {
		if got := Asks(strings.Fields(tc.args), CheckOnly); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.args, got, tc.want)
		}
	}
}
