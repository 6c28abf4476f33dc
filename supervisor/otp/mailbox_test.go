package otp_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// mailboxes are the lengths in a snapshot, by path.
func mailboxes(n otp.Node) map[string]int {
	out := map[string]int{}
	var walk func(n otp.Node)
	walk = func(n otp.Node) {
		if n.Mailbox != 0 {
			out[n.Path] = n.Mailbox
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(n)
	return out
}

func (l *lab) expectMailboxes(what string, want map[string]int) {
	l.t.Helper()
	if diff := cmp.Diff(mailboxes(l.root.Tree()), want); diff != "" {
		l.t.Errorf("%s: mailboxes (-got +want):\n%s", what, diff)
	}
}

func TestSnapshotsShowTheLengthOfMailboxes(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		children := l.workers("plain", "own", "by-props")
		children[1].Mailbox = actor.Bounded(10)
		children[2].Props = []actor.PropsOption{actor.WithMailbox(actor.Bounded(10))}
		l.start(otp.Spec{Intensity: 10, Children: children})
		release := make(chan struct{})
		for i, c := range children {
			l.send(c.ID, blocks{release}) // taken out at once
			for range i + 2 {
				l.send(c.ID, "wait")
			}
		}
		l.expectMailboxes("blocked", map[string]int{"top/plain": 2, "top/own": 3}) // by-props is not known
		for _, n := range must(l.root.Children("top"))[:2] {
			if one := must(l.root.Node(n.Path)); n.Mailbox == 0 || one.Mailbox != n.Mailbox {
				t.Errorf("%s: %d as a child, %d by itself", n.Path, n.Mailbox, one.Mailbox)
			}
		}
		close(release)
		synctest.Wait()
		l.expectMailboxes("free", map[string]int{})
	})
}

func TestMailboxOfASuccessorIsItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.start(otp.Spec{Children: l.workers("a")})
		release := make(chan struct{})
		l.send("a", blocks{release})
		l.send("a", crash{1})
		l.send("a", "dropped with the incarnation")
		l.expectMailboxes("blocked", map[string]int{"top/a": 2})
		close(release)
		l.expectStates("", "a#2 running")
		l.expectMailboxes("restarted", map[string]int{})
		if err := l.root.TerminateChild(t.Context(), "top/a"); err != nil {
			t.Fatal(err)
		}
		l.expectMailboxes("stopped", map[string]int{})
	})
}

func TestMailboxOfSupervisors(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		release := make(chan struct{})
		block := func(e otp.Event) {
			if e.Type == otp.EventRestarted {
				<-release
			}
		}
		sub := otp.Spec{Children: l.workers("x"), OnEvent: block}
		l.start(otp.Spec{Children: append(l.workers("a"), otp.ChildSpec{ID: "sub", Sup: &sub}), OnEvent: block})
		l.send("a", crash{1})
		l.send("sub/x", crash{1})
		for range 3 {
			_ = l.root.TerminateChild(expired(), "top/none") // which need not wait for the answer
		}
		_ = l.root.TerminateChild(expired(), "top/sub/none")
		l.expectMailboxes("blocked", map[string]int{"top": 3, "top/sub": 1})
		close(release)
		synctest.Wait()
		l.expectMailboxes("free", map[string]int{})
	})
}

// A mailbox that is busy counting keeps nobody from writing to the tree.
func TestForeignMailboxIsCountedWithoutTheLock(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		counting, counted := make(chan struct{}), make(chan struct{})
		children := l.workers("a", "b")
		children[0].Mailbox = func() actor.Mailbox {
			return slowCount{actor.Unbounded()(), func() { counting <- struct{}{}; <-counted }}
		}
		l.start(otp.Spec{Children: children})
		seen := make(chan otp.Node, 1)
		go func() { seen <- l.root.Tree() }()
		<-counting
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if err := l.root.TerminateChild(ctx, "top/b"); err != nil {
			t.Error(err)
		}
		counted <- struct{}{}
		if n := <-seen; n.Children[1].State != otp.StateRunning || n.Children[0].Mailbox != 7 {
			t.Errorf("the snapshot is %+v", n)
		}
	})
}

type slowCount struct {
	actor.Mailbox
	slow func()
}

func (s slowCount) UserMessageCount() int { s.slow(); return 7 }
