package actors

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
)

// TestPolicyFilesAreTakenWhenTheyAreStill: what changes between two looks may be half-written, and what was refused is not tried
// again until it changes.
func TestPolicyFilesAreTakenWhenTheyAreStill(t *testing.T) {
	t.Parallel()
	var (
		disk, inForce string
		unreadable    error
		puts          int
		log           buffer
	)
	was, now := &conf.Snapshot{}, &conf.Snapshot{}
	p := &Policies{
		Config: NewConfig(was), Log: zerolog.New(&log), Anew: func(*conf.Snapshot) *conf.Snapshot { return now },
		Files: func(s *conf.Snapshot) (string, error) {
			if s == was {
				return inForce, nil
			}
			return disk, unreadable
		},
		Put: func(context.Context) error {
			puts++
			if disk == "broken" {
				return errors.New("refused")
			}
			inForce = disk
			return nil
		},
	}
	var s sight
	for i, step := range []struct {
		disk  string
		err   error
		puts  int
		force string
	}{
		{"", nil, 0, ""},
		{"half", nil, 0, ""},
		{"whole", nil, 0, ""},
		{"whole", nil, 1, "whole"},
		{"whole", nil, 1, "whole"},
		{"broken", nil, 1, "whole"},
		{"broken", nil, 2, "whole"},
		{"broken", nil, 2, "whole"},
		{"broken", errors.New("gone"), 2, "whole"},
		{"broken", errors.New("gone"), 2, "whole"},
		{"broken", nil, 2, "whole"},
		{"mended", nil, 2, "whole"},
		{"mended", nil, 3, "mended"},
		{"whole", nil, 3, "mended"},
		{"mended", nil, 3, "mended"},
		{"whole", nil, 3, "mended"},
		{"whole", nil, 4, "whole"},
		{"", nil, 4, "whole"},
		{"", nil, 5, ""},
		{"", nil, 5, ""},
		{"whole", nil, 5, ""},
		{"whole", nil, 6, "whole"},
		{"broken", nil, 6, "whole"},
		{"broken", nil, 7, "whole"},
	} {
		disk, unreadable = step.disk, step.err
		s = p.look(t.Context(), s)
		if puts != step.puts || inForce != step.force {
			t.Errorf("step %d: %d puts and %q in force, want %d and %q", i, puts, inForce, step.puts, step.force)
		}
	}
	if got := strings.Count(log.String(), "cannot be read"); got != 1 {
		t.Errorf("the log says %d times that they cannot be read, want 1", got)
	}
}
