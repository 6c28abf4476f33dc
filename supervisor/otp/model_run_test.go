package otp_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// timeless hides the deadline of the test, which a bubble does not have.
type timeless struct{ rapid.TB }

// TestRestartsFollowTheRulesOfOTP drives random trees with random failures and commands, and compares with the model who
// was started and stopped in which order, what state everybody is in, and what the commands answered.
func TestRestartsFollowTheRulesOfOTP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		rounds := 10 // of the 100 trees that are rapid's default, since most trees see only some of the rules
		if raceEnabled {
			rounds = 3
		}
		for range rounds {
			rapid.Check(timeless{t}, func(rt *rapid.T) { checkAgainstModel(rt, l) })
		}
		l.system.Shutdown()
		time.Sleep(time.Second)
	})
}

// run is a real tree and its model.
type run struct {
	*planner
	lab   *lab
	model *model
	root  *otp.Root
}

func checkAgainstModel(rt *rapid.T, l *lab) {
	t := &planner{T: rt}
	p := t.supervisor("t", 3)
	r := &run{planner: t, lab: l, model: p.model(&world{now: time.Now()}, nil)}
	l.took()
	want := r.model.start()
	var err error
	r.root, err = otp.Start(l.system, "t", p.toSpec(l), otp.WithRandom(func() float64 { return modelRandom }))
	if !errors.Is(err, want) {
		rt.Fatalf("start: %v, want %v", err, want)
	}
	defer synctest.Wait()
	if err != nil {
		r.compareLogs()
		return
	}
	defer r.cleanUp()
	for range 25 {
		r.compare()
		if !r.model.running() {
			<-r.root.Failed()
			return
		}
		r.step()
		synctest.Wait()
	}
	r.compare()
	r.shutdown()
}

func (r *run) step() {
	r.sleep(time.Nanosecond) // so that equal back-offs of two failures end one after the other
	switch pick(r.planner, "step", "failure", "failure", "failure", "pause", "command", "command") {
	case "failure":
		r.failure()
	case "pause":
		r.sleep(time.Duration(pick(r.planner, "pause", 1, 5, 20, 100)) * 100 * time.Millisecond)
	case "command":
		r.command()
	}
}

func (r *run) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
	r.model.pass(d)
}

// failure lets a worker end by itself.
func (r *run) failure() {
	workers := r.model.all(func(m *model) bool { return m.strategy == nil && m.running() })
	if len(workers) == 0 {
		return
	}
	victim := r.pickModel("victim", workers)
	type end struct {
		msg    any
		reason error
	}
	e := map[string]end{"panic": {crash{"model"}, errTest}, "failure": {fail{errTest}, errTest}, "exit": {leave{}, nil},
		"forgiven": {fail{errForgiven}, errForgiven}, "forgiven panic": {crash{errForgiven}, errForgiven}}[pick(r.planner, "end",
		"panic", "failure", "exit", "forgiven", "forgiven panic")]
	if err := r.root.Send(victim.path(), e.msg); err != nil {
		r.Fatalf("send: %v", err)
	}
	victim.parent.ended(victim, e.reason)
}

// command asks a supervisor for something, be it sensible or not.
func (r *run) command() {
	ctx := context.Background()
	sup := r.pickModel("supervisor", r.model.all(func(m *model) bool { return m.strategy != nil }))
	id := "none"
	if len(sup.children) > 0 {
		id = r.pickModel("child", sup.children).id
	}
	id = pick(r.planner, "id", id, id, id, id, "none")
	var got, want error
	what := pick(r.planner, "command", "start", "terminate", "restart", "delete", "prefer")
	switch at := sup.path() + "/" + id; what {
	case "start":
		c := r.newcomer(sup, id)
		got, want = r.root.StartChild(ctx, sup.path(), c.toChildSpec(r.lab)), sup.startChild(c)
	case "terminate":
		got, want = r.root.TerminateChild(ctx, at), sup.terminateChild(id)
	case "restart":
		got, want = r.root.RestartChild(ctx, at), sup.restartChild(id)
	case "delete":
		got, want = r.root.DeleteChild(ctx, at), sup.deleteChild(id)
	case "prefer":
		got, want = r.root.Prefer(ctx, sup.path()), sup.prefer()
	}
	if !errors.Is(got, want) {
		r.Fatalf("%s %s below %s: %v, want %v", what, id, sup.path(), got, want)
	}
}

// newcomer is a child for start_child: one that is there, one that was, or a new one.
func (r *run) newcomer(sup *model, id string) *model {
	if c := sup.child(id); c != nil {
		return c
	}
	for _, c := range sup.spec {
		if sup.child(c.id) == nil && pick(r.planner, "again", true, false) {
			return c
		}
	}
	id = fmt.Sprintf("%s+%d", sup.id, r.drawn)
	if sup.dynamic {
		r.drawn++
		return sup.instance(id).model(sup.world, sup)
	}
	r.template = true // it may itself be below one
	return r.below(sup.plan, id, 1).model(sup.world, sup)
}

func (r *run) pickModel(what string, from []*model) *model {
	paths := make([]string, len(from))
	for i, m := range from {
		paths[i] = m.path()
	}
	return from[slices.Index(paths, pick(r.planner, what, paths...))]
}

// all returns those of m and the models below it that are part of the tree and wanted.
func (m *model) all(wanted func(m *model) bool) []*model {
	var out []*model
	if wanted(m) {
		out = append(out, m)
	}
	for _, c := range m.children {
		out = append(out, c.all(wanted)...)
	}
	return out
}

func (r *run) compare() {
	r.Helper()
	r.compareLogs()
	var got, want []string
	render(r.root.Tree(), &got)
	r.model.render(&want)
	if diff := cmp.Diff(got, want); diff != "" {
		r.Fatalf("tree (-got +want):\n%s", diff)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := r.root.Ping(ctx); (err == nil) != r.model.running() {
		r.Fatalf("ping: %v", err)
	}
}

// compareLogs compares the order of starts and stops.
func (r *run) compareLogs() {
	r.Helper()
	got, want := r.lab.took(), r.model.world.log
	r.model.world.log = nil
	for _, sup := range r.model.world.dynamic { // from the top down
		sideBySide(got, sup)
		sideBySide(want, sup)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		r.Fatalf("log (-got +want):\n%s", diff)
	}
}

// sideBySide brings stops that follow each other below a dynamic supervisor into one order, because its children stop all
// at once. What is below one child keeps its order.
func sideBySide(log []string, sup string) {
	child := func(line string) string {
		below, _ := strings.CutPrefix(line, "term "+sup+"/")
		id, _, _ := strings.Cut(below, "/")
		return id
	}
	for i := 0; i < len(log); i++ {
		j := i
		for j < len(log) && strings.HasPrefix(log[j], "term "+sup+"/") {
			j++
		}
		slices.SortStableFunc(log[i:j], func(a, b string) int { return strings.Compare(child(a), child(b)) })
		i = max(i, j-1)
	}
}

func (m *model) render(out *[]string) {
	state := m.state
	if m.current > 0 && m.running() {
		state = otp.StateDegraded
	}
	*out = append(*out, fmt.Sprintf("%s#%d %s after %d restarts", m.path(), m.starts, state, m.restarts))
	for _, c := range m.children {
		c.render(out)
	}
}

func render(n otp.Node, out *[]string) {
	*out = append(*out, fmt.Sprintf("%s#%d %s after %d restarts", n.Path, n.Incarnation, n.State, n.Restarts))
	for _, c := range n.Children {
		render(c, out)
	}
}
