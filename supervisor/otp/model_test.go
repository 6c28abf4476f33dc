package otp_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// model is OTP's rule book, as short as it can be said: no messages, no time but a number, everything at once.
type model struct {
	id       string
	parent   *model
	restart  otp.Restart
	strategy otp.Strategy // nil for a worker
	limit    int
	period   time.Duration
	spec     []*model // children as specified
	children []*model // children now
	window   []time.Time
	running  bool
	starts   int
}

func (m *model) start() {
	m.running = true
	m.starts++
	if m.strategy == nil {
		return
	}
	m.window = nil
	m.children = append([]*model(nil), m.spec...)
	for _, c := range m.children {
		c.start()
	}
}

func (m *model) stop() {
	m.running = false
	for _, c := range m.children {
		c.stop()
	}
}

// ended says that child i ended by itself.
func (m *model) ended(i int, normal bool, now time.Time) {
	c := m.children[i]
	c.stop()
	if c.restart == otp.Temporary {
		m.forget(c)
	}
	if c.restart == otp.Temporary || c.restart == otp.Transient && normal {
		return
	}
	if m.exceeded(now) {
		m.stop()
		if m.parent != nil {
			m.parent.ended(m.parent.index(m), false, now)
		}
		return
	}
	m.restartGroup(m.group(i))
}

func (m *model) exceeded(now time.Time) bool {
	n := 0
	m.window = append(m.window, now)
	for _, at := range m.window {
		if now.Sub(at) <= m.period {
			n++
		}
	}
	return n > m.limit
}

func (m *model) group(i int) []*model {
	switch m.strategy {
	case otp.OneForAll:
		return append([]*model(nil), m.children...)
	case otp.RestForOne:
		return append([]*model(nil), m.children[i:]...)
	}
	return m.children[i : i+1 : i+1]
}

func (m *model) restartGroup(group []*model) {
	for _, c := range group {
		c.stop()
		if c.restart == otp.Temporary {
			m.forget(c)
		}
	}
	for _, c := range group {
		if c.restart != otp.Temporary {
			c.start()
		}
	}
}

func (m *model) index(c *model) int {
	for i, o := range m.children {
		if o == c {
			return i
		}
	}
	return -1
}

// forget also forgets the count of starts, as the tree does.
func (m *model) forget(c *model) {
	i := m.index(c)
	m.children = append(m.children[:i:i], m.children[i+1:]...)
	c.zero()
}

func (m *model) zero() {
	m.starts = 0
	for _, c := range m.spec {
		c.zero()
	}
}

func (m *model) path() string {
	if m.parent == nil {
		return m.id
	}
	return m.parent.path() + "/" + m.id
}

// toSpec is what the real supervisor is told.
func (m *model) toSpec(l *lab) otp.Spec {
	spec := otp.Spec{Strategy: m.strategy, Intensity: m.limit, Period: m.period}
	if m.limit == 0 {
		spec.Intensity = otp.NoRestarts
	}
	for _, c := range m.spec {
		child := otp.ChildSpec{ID: c.id, Restart: c.restart, New: l.probe}
		if c.strategy != nil {
			sup := c.toSpec(l)
			child.New, child.Sup = nil, &sup
		}
		spec.Children = append(spec.Children, child)
	}
	return spec
}

func (m *model) render(out *[]string) {
	if m.parent != nil {
		*out = append(*out, fmt.Sprintf("%s#%d %v", m.path(), m.starts, m.running))
	}
	for _, c := range m.children {
		c.render(out)
	}
}

func render(n otp.Node, out *[]string) {
	if strings.Contains(n.Path, "/") {
		*out = append(*out, fmt.Sprintf("%s#%d %v", n.Path, n.Incarnation, n.State == otp.StateRunning))
	}
	for _, c := range n.Children {
		render(c, out)
	}
}

func (m *model) workers(f func(parent *model, i int)) {
	for i, c := range m.children {
		if c.strategy != nil {
			c.workers(f)
		} else if c.running {
			f(m, i)
		}
	}
}

func drawModel(t *rapid.T, parent *model, id string, depth int) *model {
	m := &model{id: id, parent: parent,
		restart: rapid.SampledFrom([]otp.Restart{otp.Permanent, otp.Permanent, otp.Transient, otp.Temporary}).Draw(t, id+" restart")}
	if depth == 0 {
		return m
	}
	m.strategy = rapid.SampledFrom([]otp.Strategy{otp.OneForOne, otp.OneForAll, otp.RestForOne}).Draw(t, id+" strategy")
	m.limit = rapid.IntRange(0, 3).Draw(t, id+" intensity")
	m.period = time.Duration(rapid.IntRange(1, 5).Draw(t, id+" period")) * time.Second
	for i := range rapid.IntRange(1, 4).Draw(t, id+" children") {
		down := 0
		if depth > 1 && rapid.IntRange(0, 2).Draw(t, "nested") == 0 {
			down = depth - 1
		}
		m.spec = append(m.spec, drawModel(t, m, fmt.Sprintf("%s%d", id, i), down))
	}
	return m
}

// timeless hides the deadline of the test, which a bubble does not have.
type timeless struct{ rapid.TB }

// TestRestartsFollowTheRulesOfOTP lets random children of random trees fail, exit and panic, and compares who was
// restarted how often with the model.
func TestRestartsFollowTheRulesOfOTP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		rapid.Check(timeless{t}, func(rt *rapid.T) { checkAgainstModel(rt, l) })
		l.system.Shutdown()
		time.Sleep(time.Second)
	})
}

func checkAgainstModel(rt *rapid.T, l *lab) {
	m := drawModel(rt, nil, "t", 3)
	m.start()
	root, err := otp.Start(l.system, "t", m.toSpec(l))
	if err != nil {
		rt.Fatalf("start: %v", err)
	}
	defer func() {
		if err := root.Shutdown(rt.Context()); err != nil {
			rt.Errorf("shutdown: %v", err)
		}
		synctest.Wait()
	}()
	for range 15 {
		if !m.running {
			<-root.Failed()
			return
		}
		failOne(rt, m, root)
		synctest.Wait()
		var got, want []string
		render(root.Tree(), &got)
		m.render(&want)
		if diff := cmp.Diff(got, want); diff != "" {
			rt.Fatalf("tree (-got +want):\n%s", diff)
		}
	}
}

// failOne lets one child end and virtual time pass.
func failOne(rt *rapid.T, m *model, root *otp.Root) {
	var targets []func() (*model, int)
	m.workers(func(parent *model, i int) {
		targets = append(targets, func() (*model, int) { return parent, i })
	})
	if len(targets) == 0 {
		return
	}
	time.Sleep(time.Duration(rapid.IntRange(0, 30).Draw(rt, "pause")) * 100 * time.Millisecond)
	parent, i := targets[rapid.IntRange(0, len(targets)-1).Draw(rt, "victim")]()
	msg := rapid.SampledFrom([]any{crash{"model"}, fail{errTest}, leave{}}).Draw(rt, "end")
	path := parent.children[i].path()
	if err := root.Send(path, msg); err != nil {
		rt.Fatalf("send: %v", err)
	}
	_, normal := msg.(leave)
	parent.ended(i, normal, time.Now())
}
