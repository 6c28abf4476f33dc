package admin_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// watcher is a running WatchTrigger.
type watcher struct {
	t       *testing.T
	trigger atomic.Pointer[admin.Trigger]
	looks   atomic.Int64 // how often the settings were asked for
	calls   atomic.Int64
	stop    func()
}

func watchFile(t *testing.T, path string) *watcher {
	t.Helper()
	w := &watcher{t: t}
	w.set(path)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		admin.WatchTrigger(ctx, func() admin.Trigger { w.looks.Add(1); return *w.trigger.Load() }, func() { w.calls.Add(1) })
	}()
	w.stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(w.stop)
	w.look()
	return w
}

func (w *watcher) set(path string) {
	w.trigger.Store(&admin.Trigger{Path: path, Interval: time.Millisecond})
}

// look waits until a look that began from now on is over.
func (w *watcher) look() {
	w.t.Helper()
	before := w.looks.Load()
	for deadline := time.Now().Add(30 * time.Second); w.looks.Load() < before+3; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("nobody looks")
		}
	}
}

func (w *watcher) expect(what string, calls int64) {
	w.t.Helper()
	w.look()
	if got := w.calls.Load(); got != calls {
		w.t.Fatalf("%s: called %d times, want %d", what, got, calls)
	}
}

// touch gives a file a time of modification, seconds from a fixed one.
func touch(t *testing.T, path string, seconds int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	at := epoch().Add(time.Duration(seconds) * time.Second)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestATouchedFileTriggers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trigger")
	touch(t, path, 0)
	w := watchFile(t, path)
	w.expect("as it was", 0)
	if err := os.Chtimes(path, epoch(), epoch().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	w.expect("touched", 1)
	if err := os.Chtimes(path, epoch(), epoch().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.expect("set back", 2)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	w.expect("removed", 2)
	w.stop()
	before := w.looks.Load()
	touch(t, path, 7)
	time.Sleep(10 * time.Millisecond)
	if w.looks.Load() != before || w.calls.Load() != 2 {
		t.Error("it looks on after its end")
	}
}

func TestAFileThatAppearsTriggers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, ready := filepath.Join(dir, "trigger"), filepath.Join(dir, "ready")
	w := watchFile(t, path)
	w.expect("missing", 0)
	touch(t, ready, 1)
	if err := os.Rename(ready, path); err != nil { // in one step, so that it is one change
		t.Fatal(err)
	}
	w.expect("there", 1)
}

func TestTheTriggerFollowsItsSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	touch(t, first, 1)
	touch(t, second, 2)
	w := watchFile(t, "")
	w.expect("none", 0)
	w.set(first)
	w.expect("the first", 0)
	w.set(second)
	w.expect("the second", 0)
	if err := os.Chtimes(first, epoch(), epoch().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.expect("the first is touched", 0)
	if err := os.Chtimes(second, epoch(), epoch().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.expect("the second is touched", 1)
	w.set("")
	w.expect("none again", 1)
}
