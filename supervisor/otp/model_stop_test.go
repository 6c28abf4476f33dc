package otp_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// leakage is an actor that was left behind.
type leakage struct {
	otp.Leak
	at, ends time.Duration // since the stop began: when it was given up, when it ends after all
}

// stopModel says how long a stop takes when some workers are blocked for a while, and who is left behind.
type stopModel struct {
	blocked map[*model]time.Duration // since the stop begins
	leaks   []leakage
}

// stop returns when m has been dealt with, if it is asked to stop at begin.
func (s *stopModel) stop(m *model, begin time.Duration) time.Duration {
	var end time.Duration
	limit := m.shutdown
	switch {
	case !m.running():
		return begin
	case m.strategy != nil:
		end = s.stopChildren(m, begin)
		if limit == 0 {
			limit = otp.Infinity
		}
	default:
		end = max(begin, s.blocked[m])
		if limit == 0 {
			limit = otp.DefaultShutdown
		}
		if limit == otp.Brutal {
			limit = otp.BrutalGrace
		}
	}
	if end-begin < limit {
		return end
	}
	s.leaks = append(s.leaks, leakage{otp.Leak{Path: m.path(), Limit: limit}, begin + limit, end})
	return begin + limit
}

// stopChildren stops one after the other in reverse, or all at once.
func (s *stopModel) stopChildren(m *model, begin time.Duration) time.Duration {
	end := begin
	for _, c := range slices.Backward(m.children) {
		if m.dynamic {
			end = max(end, s.stop(c, begin))
		} else {
			end = s.stop(c, end)
		}
	}
	return end
}

// shutdown stops the tree while some of its workers are blocked, and compares the time and the leaks.
func (r *run) shutdown() {
	for i := 0; i < 20 && r.model.running(); i++ { // until no back-off can end in the middle of it
		if _, p := r.model.nextPause(nil, nil); p == nil {
			break
		}
		r.sleep(15 * time.Second)
	}
	s := &stopModel{blocked: map[*model]time.Duration{}}
	if _, p := r.model.nextPause(nil, nil); p == nil {
		r.block(s)
	}
	begin := time.Now()
	want := s.stopChildren(r.model, 0)
	err := r.root.Shutdown(context.Background())
	if got := time.Since(begin); got != want {
		r.Errorf("the stop took %s, want %s", got, want)
	}
	if diff := cmp.Diff(leaksOf(err), s.named(want)); diff != "" {
		r.Errorf("leaks (-got +want):\n%s", diff)
	}
	time.Sleep(10 * time.Second) // all are free again
	synctest.Wait()
	if err := r.root.Shutdown(context.Background()); err != nil {
		r.Errorf("nothing is left, but: %v", err)
	}
}

// cleanUp makes room for the next run, also after a failure.
func (r *run) cleanUp() {
	_ = r.root.Shutdown(context.Background())
	time.Sleep(10 * time.Second)
	r.lab.took()
}

// block keeps some workers from stopping for a while. No two are free at the same moment.
func (r *run) block(s *stopModel) {
	for i, m := range r.model.all(func(m *model) bool { return m.strategy == nil && m.running() }) {
		d := time.Duration(pick(r.planner, m.id+" blocked", 0, 0, 50, 1500, 7000)) * time.Millisecond
		if d == 0 {
			continue
		}
		s.blocked[m] = d + time.Duration(i+1)*time.Microsecond
		free := make(chan struct{})
		if err := r.root.Send(m.path(), blocks{free}); err != nil {
			r.Fatalf("send: %v", err)
		}
		time.AfterFunc(s.blocked[m], func() { close(free) })
	}
	synctest.Wait()
}

// named are the leaks that a stop which took so long reports: those that it saw and that have not ended meanwhile.
func (s *stopModel) named(took time.Duration) []otp.Leak {
	var out []otp.Leak
	for _, l := range s.leaks {
		if l.at <= took && l.ends > took {
			out = append(out, l.Leak)
		}
	}
	return byPath(out)
}

func leaksOf(err error) []otp.Leak {
	if stop, ok := errors.AsType[*otp.StopError](err); ok {
		return byPath(stop.Leaks)
	}
	return nil
}

func byPath(leaks []otp.Leak) []otp.Leak {
	slices.SortFunc(leaks, func(a, b otp.Leak) int { return strings.Compare(a.Path, b.Path) })
	return leaks
}
