package admin_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// TestTheClientUnderstandsTheServer asks for everything over both kinds of listener and compares it with what went in.
func TestTheClientUnderstandsTheServer(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"unix": t.TempDir() + "/admin.sock", "tcp": "127.0.0.1:0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer()
			subject := subject(s)
			subject.Counters.Observe(otp.Event{Type: otp.EventFailed, Kind: "store", Path: "p", Time: epoch(), Stack: []byte("s")})
			subject.Reloads.Record(epoch(), nil)
			h, err := admin.Handler(subject)
			if err != nil {
				t.Fatal(err)
			}
			l := listen(t, address)
			serveOn(t, h, l)
			askEverything(t, admin.NewClient(l.Addr().String()), s, decodeTree(t, subject))
		})
	}
}

func askEverything(t *testing.T, c *admin.Client, s *server, tree admin.Node) {
	t.Helper()
	health := admin.Health{
		Readiness: admin.Readiness{
			Status: "degraded", Ready: true, Reasons: []string{"neutron-server/api/worker-1/server is backing_off"},
		},
		Framework: &s.vital.Framework, Generation: 3, LastReload: &admin.Reload{At: epoch(), OK: true},
	}
	ctx := t.Context()
	compare(t, "tree", tree)(c.Tree(ctx))
	compare(t, "health", health)(c.Health(ctx))
	compare(t, "readiness", health.Readiness)(c.Ready(ctx))
	compare(t, "reload", health)(c.Reload(ctx))
	compare(t, "workers", s.workers)(c.Workers(ctx))
	compare(t, "resize", s.workers)(c.Resize(ctx, admin.Resize{Count: 2, PoolSize: 9}))
	compare(t, "replacements", s.replaced)(c.Replace(ctx))
	compare(t, "pid", 4711)(c.Upgrade(ctx))
	compare(t, "levels", s.levels)(c.LogLevels(ctx))
	compare(t, "new levels", admin.LogLevels{Level: "INFO", Loggers: map[string]string{"a": "DEBUG"}})(c.SetLogLevel(ctx, "a", "DEBUG"))
	compare(t, "options", s.options)(c.Options(ctx))
	compare(t, "failures", []admin.Failure{{Time: epoch(), Path: "p", Kind: "store", Stack: "s"}})(c.Failures(ctx))
	for name, text := range map[string]func() (string, error){
		"Guru Meditation": func() (string, error) { return c.Report(ctx) },
		"neutron_actors{": func() (string, error) { return c.Metrics(ctx) },
		"handler-3 .. ":   func() (string, error) { return c.TreeText(ctx, false) },
		"handler-4":       func() (string, error) { return c.TreeText(ctx, true) },
	} {
		if got, err := text(); err != nil || !strings.Contains(got, name) {
			t.Errorf("%q is not in the answer (%v): %s", name, err, got)
		}
	}
	if diff := cmp.Diff([]admin.Resize{{Count: 2, PoolSize: 9}}, s.resized); diff != "" {
		t.Errorf("resizes (-want +got):\n%s", diff)
	}
}

// compare returns what compares the two results of a call.
func compare[T any](t *testing.T, name string, want T) func(T, error) {
	return func(got T, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNotBeingReadyIsNoError(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.vital = admin.Vital{Phase: admin.PhaseStarting, Waiting: []string{"the database"}}
	path, _ := serve(t, subject(s))
	want := admin.Readiness{Status: "starting", Reasons: []string{"the database"}}
	compare(t, "readiness", want)(admin.NewClient(path).Ready(t.Context()))
}

func TestTheReasonOfARefusalArrives(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.reloadErr = errors.New("neutron.conf:3: no")
	path, _ := serve(t, subject(s))
	_, err := admin.NewClient(path).Reload(t.Context())
	if e, ok := errors.AsType[*admin.RefusedError](err); !ok || e.Status != http.StatusUnprocessableEntity || e.Text != "neutron.conf:3: no" {
		t.Errorf("error %v", err)
	}
}

// TestWhatWasReplacedArrivesWithTheReason loses neither half of the answer.
func TestWhatWasReplacedArrivesWithTheReason(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.broken = errors.New("worker-2: no database")
	path, _ := serve(t, subject(s))
	made, err := admin.NewClient(path).Replace(t.Context())
	if e, ok := errors.AsType[*admin.RefusedError](err); !ok || e.Status != http.StatusInternalServerError || e.Text != "worker-2: no database" {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(s.replaced, made); diff != "" {
		t.Errorf("replacements (-want +got):\n%s", diff)
	}
}

// TestTheAnswerToAnUpgradeOutlivesTheServer upgrades for longer than a server waits for answers when it stops, and has the
// server stop before the answer is written: as a process does that has handed over.
func TestTheAnswerToAnUpgradeOutlivesTheServer(t *testing.T) {
	t.Parallel()
	s := newServer()
	stopping := make(chan struct{})
	s.upgrade = func(ctx context.Context) (int, error) {
		if _, limited := ctx.Deadline(); limited {
			t.Error("an upgrade has a deadline")
		}
		select {
		case <-time.After(1500 * time.Millisecond):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
		close(stopping)
		time.Sleep(100 * time.Millisecond) // the stop has begun
		return 4711, ctx.Err()
	}
	path, stop := serve(t, subject(s))
	var ended sync.WaitGroup
	ended.Go(func() {
		<-stopping
		stop()
	})
	compare(t, "pid", 4711)(admin.NewClient(path).Upgrade(t.Context()))
	ended.Wait()
}

// TestAnUpgradeIsGivenUpWithItsClient checks that an interrupted neutron-status leaves nothing under way.
func TestAnUpgradeIsGivenUpWithItsClient(t *testing.T) {
	t.Parallel()
	s := newServer()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	s.upgrade = func(ctx context.Context) (int, error) {
		cancel()
		<-ctx.Done()
		ended <- ctx.Err()
		return 0, ctx.Err()
	}
	path, _ := serve(t, subject(s))
	if _, err := admin.NewClient(path).Upgrade(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the upgrade ended with %v", err)
	}
}

// TestAStrangersAnswerIsAnError points the client at something that is no admin side.
func TestAStrangersAnswerIsAnError(t *testing.T) {
	t.Parallel()
	l := listen(t, "127.0.0.1:0")
	serveOn(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			w.WriteHeader(http.StatusTeapot)
		}
	}), l)
	c := admin.NewClient(l.Addr().String())
	if _, err := c.Health(t.Context()); err == nil || !strings.Contains(err.Error(), "the answer is not understood") {
		t.Errorf("health: %v", err)
	}
	if _, err := c.Ready(t.Context()); err == nil || err.Error() != "418 I'm a teapot" {
		t.Errorf("ready: %v", err)
	}
	if made, err := c.Replace(t.Context()); err == nil || err.Error() != "418 I'm a teapot" || made != nil {
		t.Errorf("replace: %v, %v", made, err)
	}
	if _, err := c.Report(t.Context()); err == nil || err.Error() != "418 I'm a teapot" {
		t.Errorf("report: %v", err)
	}
}

func TestAClientDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	l := listen(t, "127.0.0.1:0") // nobody accepts
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := admin.NewClient(l.Addr().String()).Health(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
