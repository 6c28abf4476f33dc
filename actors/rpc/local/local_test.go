package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func message(id string) rpc.Message { return rpc.Message{ID: id, Method: "m"} }

func listen(t testing.TB, transport *local.Transport, topic, server string) rpc.Listener {
	t.Helper()
	l, err := transport.Listen(rpc.Target{Topic: topic, Server: server})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func cast(t testing.TB, transport *local.Transport, target rpc.Target, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := transport.Cast(context.Background(), target, message(id)); err != nil {
			t.Fatalf("cast %s: %v", id, err)
		}
	}
}

// take returns what l can take without waiting, in virtual time.
func take(t testing.TB, l rpc.Listener) (ids []string) {
	t.Helper()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		d, err := l.Receive(ctx)
		cancel()
		if err != nil {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			return ids
		}
		ids = append(ids, d.Message.ID)
	}
}

func expect(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestServersOfATopicCompete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		a, b := listen(t, transport, "t", "a"), listen(t, transport, "t", "b")
		cast(t, transport, rpc.Target{Topic: "t"}, "1", "2")
		one, err := a.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "the other", take(t, b), "2")
		expect(t, "the first", append([]string{one.Message.ID}, take(t, a)...), "1")
	})
}

func TestMessageToAServerReachesThatServerOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		a, b := listen(t, transport, "t", "a"), listen(t, transport, "t", "b")
		cast(t, transport, rpc.Target{Topic: "t", Server: "b"}, "1", "2", "3")
		expect(t, "a", take(t, a))
		expect(t, "b", take(t, b), "1", "2", "3")
	})
}

func TestFanoutReachesEverybodyWhoIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		all := rpc.Target{Topic: "t", Fanout: true}
		cast(t, transport, all, "0")
		a, b, other := listen(t, transport, "t", "a"), listen(t, transport, "t", "a"), listen(t, transport, "u", "a")
		cast(t, transport, all, "1")
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		cast(t, transport, all, "2")
		expect(t, "a", take(t, a), "1", "2")
		expect(t, "another topic", take(t, other))
		if got := transport.Stats().Unroutable; got != 1 {
			t.Errorf("unroutable: got %d, want 1", got)
		}
	})
}

func TestQueuesOutliveTheirListeners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		if err := listen(t, transport, "t", "a").Close(); err != nil {
			t.Error(err)
		}
		cast(t, transport, rpc.Target{Topic: "t"}, "1")
		cast(t, transport, rpc.Target{Topic: "t", Server: "a"}, "2")
		got := take(t, listen(t, transport, "t", "a"))
		slices.Sort(got)
		expect(t, "the next listener", got, "1", "2")
	})
}

func TestTransportsAndExchangesAreSeparate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one, two := local.New(local.Defaults()), local.New(local.Options{Exchange: "nova"})
		a, b := listen(t, one, "t", "h"), listen(t, two, "t", "h")
		c, err := two.Listen(rpc.Target{Exchange: "neutron", Topic: "t", Server: "h"})
		if err != nil {
			t.Fatal(err)
		}
		cast(t, one, rpc.Target{Topic: "t"}, "1")
		cast(t, two, rpc.Target{Topic: "t"}, "2")
		cast(t, two, rpc.Target{Topic: "t", Exchange: "neutron"}, "3")
		expect(t, "the other transport", take(t, a), "1")
		expect(t, "its exchange", take(t, b), "2")
		expect(t, "the named exchange", take(t, c), "3")
	})
}

func TestCallWithoutAnswerTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		l := listen(t, transport, "t", "h")
		begun := time.Now()
		_, err := transport.Call(t.Context(), rpc.Target{Topic: "t"}, message("id1"), time.Minute)
		want := &rpc.TimeoutError{ID: "id1", Topic: "t", Method: "m"}
		var timeout *rpc.TimeoutError
		if !errors.As(err, &timeout) || *timeout != *want || time.Since(begun) != time.Minute {
			t.Errorf("after %s got %v, want %v", time.Since(begun), err, want)
		}
		if text := "Timed out waiting for a reply to message ID id1 (topic t, method m)"; err.Error() != text {
			t.Errorf("got %q, want %q", err, text)
		}
		cast(t, transport, rpc.Target{Topic: "t"}, "later")
		expect(t, "a call that has expired is not run", take(t, l), "later")
		if got := transport.Stats().Expired; got != 1 {
			t.Errorf("expired: got %d, want 1", got)
		}
	})
}

func TestCallEndsWithItsContextAndWithTheTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Defaults())
		l := listen(t, transport, "t", "h")
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 3)
		call := func(ctx context.Context) {
			_, err := transport.Call(ctx, rpc.Target{Topic: "t"}, message("x"), 0)
			errs <- err
		}
		go call(ctx)
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
		expect(t, "a call whose caller has left is still run", take(t, l), "x")
		go call(t.Context())
		go func() { _, err := listen(t, transport, "u", "h").Receive(t.Context()); errs <- err }()
		synctest.Wait()
		for range 2 { // closing twice is harmless
			if err := transport.Close(); err != nil {
				t.Error(err)
			}
		}
		for range 2 {
			if err := <-errs; !errors.Is(err, rpc.ErrClosed) {
				t.Errorf("got %v, want closed", err)
			}
		}
	})
}

func TestClosedTransportRefusesEverything(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	l := listen(t, transport, "t", "h")
	cast(t, transport, rpc.Target{Topic: "t"}, "1")
	if err := transport.Close(); err != nil {
		t.Fatal(err)
	}
	_, received := l.Receive(t.Context())
	_, listened := transport.Listen(rpc.Target{Topic: "t", Server: "h"})
	_, called := transport.Call(t.Context(), rpc.Target{Topic: "t"}, message("x"), time.Minute)
	for what, err := range map[string]error{
		"receive": received, "listen": listened, "call": called,
		"cast":   transport.Cast(t.Context(), rpc.Target{Topic: "t"}, message("x")),
		"notify": transport.Notify(t.Context(), rpc.Notification{Topic: "n", Priority: "info", EventType: "e"}),
	} {
		if !errors.Is(err, rpc.ErrClosed) {
			t.Errorf("%s: got %v, want closed", what, err)
		}
	}
}

func TestCallToWhereNobodyHasEverListenedFailsAtOnce(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	_, err := transport.Call(t.Context(), rpc.Target{Topic: "l3_agent", Server: "h"}, message("x"), time.Minute)
	var gone *rpc.UndeliverableError
	if !errors.As(err, &gone) || gone.Queue != "neutron/l3_agent.h" {
		t.Errorf("got %v, want undeliverable", err)
	}
}

func TestWrongTargetsAndMessagesAreRefused(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	listen(t, transport, "t", "h")
	var invalid *rpc.InvalidTargetError
	if err := transport.Cast(t.Context(), rpc.Target{}, message("x")); !errors.As(err, &invalid) {
		t.Errorf("cast without topic: got %v", err)
	}
	if _, err := transport.Call(t.Context(), rpc.Target{Topic: "t", Fanout: true}, message("x"), 0); !errors.As(err, &invalid) {
		t.Errorf("call to all: got %v", err)
	}
	if _, err := transport.Listen(rpc.Target{Topic: "t"}); !errors.As(err, &invalid) {
		t.Errorf("server without name: got %v", err)
	}
	if err := transport.Cast(t.Context(), rpc.Target{Topic: "t"}, rpc.Message{}); err == nil {
		t.Error("cast without method: no error")
	}
	if _, err := transport.Call(t.Context(), rpc.Target{Topic: "t"}, rpc.Message{}, 0); err == nil {
		t.Error("call without method: no error")
	}
	if err := transport.Notify(t.Context(), rpc.Notification{}); err == nil {
		t.Error("empty notification: no error")
	}
}

// TestFullQueue makes senders wait while somebody listens, fail clearly when the wait is too long, and fail at once when
// nobody can make room.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Options{QueueSize: 2, FullWait: time.Second})
		l := listen(t, transport, "t", "h")
		target := rpc.Target{Topic: "t"}
		cast(t, transport, target, "1", "2")
		var full *rpc.QueueFullError
		begun := time.Now()
		err := transport.Cast(t.Context(), target, message("3"))
		if !errors.As(err, &full) || *full != (rpc.QueueFullError{Queue: "neutron/t", Size: 2}) || time.Since(begun) != time.Second {
			t.Errorf("after %s got %v, want full", time.Since(begun), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := transport.Cast(ctx, target, message("4")); !errors.As(err, &full) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the sender's own limit: got %v", err)
		}
		sent := make(chan error)
		go func() { sent <- transport.Cast(t.Context(), target, message("5")) }()
		synctest.Wait()
		d, err := l.Receive(t.Context())
		if err != nil || d.Message.ID != "1" || d.Answer != nil {
			t.Errorf("got %+v, %v", d, err)
		}
		if err := <-sent; err != nil {
			t.Errorf("a sender that waited for room: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		begun = time.Now()
		if err := transport.Cast(t.Context(), target, message("6")); !errors.As(err, &full) || time.Since(begun) != 0 {
			t.Errorf("nobody listens: after %s got %v", time.Since(begun), err)
		}
		expect(t, "what was accepted", take(t, listen(t, transport, "t", "h")), "2", "5")
	})
}

// TestSlowListenerDoesNotKeepAFanoutFromTheOthers, and one that leaves frees its sender.
func TestSlowListenerDoesNotKeepAFanoutFromTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := local.New(local.Options{QueueSize: 1, FullWait: time.Second})
		slow, quick := listen(t, transport, "t", "slow"), listen(t, transport, "t", "quick")
		all := rpc.Target{Topic: "t", Fanout: true}
		cast(t, transport, all, "1")
		expect(t, "the quick one", take(t, quick), "1")
		var full *rpc.QueueFullError
		if err := transport.Cast(t.Context(), all, message("2")); !errors.As(err, &full) || full.Queue != "neutron/t_fanout" {
			t.Errorf("got %v, want full", err)
		}
		expect(t, "the quick one", take(t, quick), "2")
		sent := make(chan error)
		go func() { sent <- transport.Cast(t.Context(), all, message("3")) }()
		synctest.Wait()
		if err := slow.Close(); err != nil {
			t.Error(err)
		}
		if err := <-sent; err != nil {
			t.Errorf("the sender of the one who left: %v", err)
		}
		expect(t, "the quick one", take(t, quick), "3")
	})
}

func TestReceiveEndsWithItsContextAndTakesNothing(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	l := listen(t, transport, "t", "h")
	cast(t, transport, rpc.Target{Topic: "t"}, "1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Receive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if _, err := l.Receive(t.Context()); !errors.Is(err, rpc.ErrClosed) {
		t.Errorf("got %v, want closed", err)
	}
	want := local.Stats{Queues: []local.QueueStats{{Name: "neutron/t", Length: 1}, {Name: "neutron/t.h"}}}
	if diff := cmp.Diff(want, transport.Stats()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestOnlyTheFirstAnswerCounts(t *testing.T) {
	t.Parallel()
	transport := local.New(local.Defaults())
	l := listen(t, transport, "t", "h")
	go func() {
		d, err := l.Receive(context.Background())
		for i := 1; err == nil && i <= 3; i++ {
			err = d.Answer(context.Background(), rpc.Reply{Result: json.RawMessage(fmt.Sprint(i))})
		}
		if err != nil {
			t.Error(err)
		}
	}()
	got, err := transport.Call(t.Context(), rpc.Target{Topic: "t"}, message("x"), time.Minute)
	if err != nil || string(got) != "1" {
		t.Errorf("got %s, %v", got, err)
	}
}
