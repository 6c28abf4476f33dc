package supervisor

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// policyInterval is how often the policy files are read. Neutron looks at their times whenever it checks a rule; here no
// request pays for it.
const policyInterval = time.Second

// policyWatch is the actor that has policy files that changed put in force, and nothing else: what has been written to a
// configuration file waits for its signal.
func (s *Server) policyWatch(otp.Incarnation) otp.Child {
	return otp.Serve(func(ctx context.Context, ready func()) error {
		ready()
		if !s.isUp(ctx) {
			return nil
		}
		var looked policyLook
		ticks := time.NewTicker(policyInterval)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-ticks.C:
			}
			now := s.parts.config.Snapshot()
			if looked.due(policiesOf(now), policiesOf(httpapp.NextPolicies(now))) {
				s.reloadPolicies(ctx)
			}
		}
	})
}

// reloadPolicies returns when the new rules are in force, or refused; the config actor logs why.
func (s *Server) reloadPolicies(ctx context.Context) {
	s.logger.Info().Msg("policy files have changed, they are read again")
	_ = s.askConfig(ctx, func(reply chan<- error) any { return actors.Reload{Reply: reply, Next: s.nextPolicies} })
}

// nextPolicies is load for the policy files alone. A successor reads them anyway.
func (s *Server) nextPolicies(now *conf.Snapshot) (*conf.Snapshot, error) {
	if over, _ := s.parting.over(); over {
		return nil, errParting
	}
	s.notify(s.options.Notifier.Reloading())
	return httpapp.NextPolicies(now), nil
}

// policyLook remembers what was found at the last look, and what has been tried.
type policyLook struct{ last, tried []policy.File }

// due reports whether what is found shall take the place of what is in force: when it differs, two looks have found the same,
// so that nobody is writing just now, and it has not been tried before.
func (l *policyLook) due(inForce, found []policy.File) bool {
	settled := sameFiles(found, l.last)
	l.last = found
	switch {
	case sameFiles(found, inForce):
		l.tried = nil
		return false
	case !settled || l.tried != nil && sameFiles(found, l.tried):
		return false
	}
	l.tried = append([]policy.File{}, found...) // not nil, even where there are none
	return true
}

// policiesOf are the policy files of a configuration; a failure to read them is a change like any other.
func policiesOf(s *conf.Snapshot) []policy.File {
	files, err := httpapp.PolicyFiles(s)
	if err != nil {
		files = append(files, policy.File{Data: []byte(err.Error())})
	}
	return files
}

func sameFiles(a, b []policy.File) bool {
	return slices.EqualFunc(a, b, func(a, b policy.File) bool { return a.Path == b.Path && bytes.Equal(a.Data, b.Data) })
}
