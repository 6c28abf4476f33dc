package otp_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// settled counts events and tells when as many as expected have come.
type settled struct {
	mu   sync.Mutex
	seen map[otp.EventType]int // guarded by mu
	want map[otp.EventType]int // guarded by mu
	done chan struct{}         // guarded by mu; closed when seen is want
}

// expect starts the count anew; the channel is closed when the last event of want has come.
func (s *settled) expect(want map[otp.EventType]int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen, s.want, s.done = map[otp.EventType]int{}, want, make(chan struct{})
	return s.done
}

func (s *settled) onEvent(e otp.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[e.Type]++
	if s.seen[e.Type] != s.want[e.Type] {
		return
	}
	for t, n := range s.want {
		if s.seen[t] < n {
			return
		}
	}
	close(s.done)
}

// crowdTimes is what one life of a large crowd took.
type crowdTimes struct{ start, kill, add, terminate, stop time.Duration }

func clock(f func()) time.Duration {
	begin := time.Now()
	f()
	return time.Since(begin)
}

// TestTenThousandDynamicChildren starts a crowd, kills half of it at random, ends some for good, and stops it. Not
// parallel: goleak looks at all goroutines of the process.
func TestTenThousandDynamicChildren(t *testing.T) {
	before := goleak.IgnoreCurrent()
	const n, bar, tries = 10_000, 2 * time.Second, 3
	var best crowdTimes
	for try := range tries { // the best counts, because the machine may be busy
		times := liveAsCrowd(t, n)
		t.Logf("%d children: %+v", n, times)
		if try == 0 || times.stop < best.stop {
			best = times
		}
		if best.stop < bar {
			break
		}
	}
	if best.stop >= bar && !raceEnabled {
		t.Errorf("the stop took %s", best.stop)
	}
	goleak.VerifyNone(t, before)
}

// TestWorkGrowsWithTheCrowd compares the time per child of a small and a large crowd, which is far apart as soon as
// anything searches all children for each of them.
func TestWorkGrowsWithTheCrowd(t *testing.T) {
	if raceEnabled {
		t.Skip("times mean nothing under the race detector")
	}
	const small, factor, allowed = 1000, 20, 4
	steps := map[string]func(crowdTimes) time.Duration{
		"start":     func(c crowdTimes) time.Duration { return c.start },
		"kill":      func(c crowdTimes) time.Duration { return c.kill },
		"add":       func(c crowdTimes) time.Duration { return c.add },
		"terminate": func(c crowdTimes) time.Duration { return c.terminate },
		"stop":      func(c crowdTimes) time.Duration { return c.stop },
	}
	for range 5 { // the machine may be busy
		few, many := liveAsCrowd(t, small), liveAsCrowd(t, small*factor)
		t.Logf("%d: %+v, %d: %+v", small, few, small*factor, many)
		for name, of := range steps {
			if of(many) < factor*allowed*of(few) {
				delete(steps, name)
			}
		}
		if len(steps) == 0 {
			return
		}
	}
	for name := range steps {
		t.Errorf("%s takes more than %d times as long per child when there are %d times as many", name, allowed, factor)
	}
}

// liveAsCrowd is one life of n dynamic children.
func liveAsCrowd(t *testing.T, n int) (times crowdTimes) {
	t.Helper()
	l := newLab(t)
	defer l.system.Shutdown()
	events := &settled{}
	events.expect(nil)
	spec := benchSpec(n)
	var root *otp.Root
	var err error
	times.start = clock(func() { root, err = otp.Start(l.system, "top", spec, otp.WithOnEvent(events.onEvent)) })
	if err != nil {
		t.Fatal(err)
	}
	victims := rand.Perm(n)[:n/2]
	done := events.expect(map[otp.EventType]int{otp.EventFailed: n / 2, otp.EventRestarted: n / 2})
	times.kill = clock(func() {
		for _, i := range victims {
			if err := root.Send(fmt.Sprintf("top/handler-%d", i+1), crash{i}); err != nil {
				t.Fatal(err)
			}
		}
		<-done
	})
	times.add = clock(func() {
		for i := range n / 10 {
			if err := root.StartChild(t.Context(), "top", otp.ChildSpec{ID: fmt.Sprintf("more-%d", i)}); err != nil {
				t.Fatal(err)
			}
		}
	})
	times.terminate = clock(func() {
		for _, i := range victims[:n/4] {
			if err := root.TerminateChild(t.Context(), fmt.Sprintf("top/handler-%d", i+1)); err != nil {
				t.Fatal(err)
			}
		}
	})
	checkCrowd(t, root, n, victims)
	times.stop = clock(func() { err = root.Shutdown(t.Context()) })
	if err != nil {
		t.Error(err)
	}
	return times
}

// checkCrowd compares the crowd with what must be left of it: the terminated are gone, the other victims live their second
// life, all others their first, in the order of their starts.
func checkCrowd(t *testing.T, root *otp.Root, n int, victims []int) {
	t.Helper()
	life := map[string]int{}
	for _, i := range victims {
		life[fmt.Sprintf("handler-%d", i+1)] = 2
	}
	for _, i := range victims[:n/4] {
		life[fmt.Sprintf("handler-%d", i+1)] = 0
	}
	var want []string
	for i := range n {
		id := fmt.Sprintf("handler-%d", i+1)
		if lives, ok := life[id]; !ok {
			want = append(want, id+" 1")
		} else if lives > 0 {
			want = append(want, fmt.Sprintf("%s %d", id, lives))
		}
	}
	for i := range n / 10 {
		want = append(want, fmt.Sprintf("more-%d 1", i))
	}
	got := must(root.Children("top"))
	if len(got) != len(want) {
		t.Fatalf("%d children, want %d", len(got), len(want))
	}
	for i, c := range got {
		if have := fmt.Sprintf("%s %d", c.ID, c.Incarnation); have != want[i] || c.State != otp.StateRunning {
			t.Fatalf("child %d is %s, %s; want %s, running", i, have, c.State, want[i])
		}
	}
}
