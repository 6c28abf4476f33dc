package actors

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Policies is the actor that looks whether the policy files have changed, and has the config actor put them in force, as
// oslo.policy does without being asked. Files that have changed since the last look may be half-written: they wait for the
// next one. Files that were refused are not tried again until they change.
type Policies struct {
	Config *Config
	// Every is the time between two looks.
	Every time.Duration
	// Files is what the policy files of a configuration say, as one text; Anew is a configuration with these files as they
	// are now.
	Files func(*conf.Snapshot) (string, error)
	Anew  func(*conf.Snapshot) *conf.Snapshot
	// Put has the config actor put Anew of the configuration in force into force.
	Put func(context.Context) error
	Log zerolog.Logger
}

// Child returns the actor of one incarnation.
func (p *Policies) Child(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		ready()
		timer := time.NewTicker(p.Every)
		defer timer.Stop()
		var s sight
		for {
			select {
			case <-timer.C:
				s = p.look(ctx, s)
			case <-ctx.Done():
				return nil
			}
		}
	})
}

// sight is what was seen at the last look.
type sight struct {
	files   *string // the changed files, nil where nothing has changed
	refused *string // the files that were not taken, nil for none
	trouble string  // what kept them from being read
}

// is reports whether files were seen and say the same. Files that say nothing are files that are not there any more.
func is(seen *string, files string) bool { return seen != nil && *seen == files }

// look puts changed files into force that are as they were at the last look.
func (p *Policies) look(ctx context.Context, last sight) sight {
	inForce := p.Config.Snapshot()
	files, err := p.Files(p.Anew(inForce))
	if err != nil {
		if err.Error() != last.trouble {
			p.Log.Error().Err(err).Msg("the policy files cannot be read, the rules in force stay")
		}
		return sight{refused: last.refused, trouble: err.Error()}
	}
	now := sight{files: &files, refused: last.refused}
	if was, err := p.Files(inForce); err == nil && was == files {
		return sight{}
	}
	if !is(last.files, files) || is(last.refused, files) {
		return now
	}
	p.Log.Info().Msg("the policy files have changed")
	if p.Put(ctx) != nil { // the config actor has said why
		now.refused = &files
	}
	return now
}
