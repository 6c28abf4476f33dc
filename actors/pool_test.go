package actors

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/filters"
)

// catching is an application behind catch_errors, as in every real pipeline.
func catching(app http.HandlerFunc) http.Handler {
	return filters.CatchErrors(func(*http.Request, any) {})(app)
}

func TestAPanicCostsItsRequestOnly(t *testing.T) {
	t.Parallel()
	s := serve(t, catching(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "00") {
			panic("injected")
		}
		fmt.Fprint(w, r.URL.Path)
	}), 2, 4, ServerOptions{KeepAlive: true})
	var wg sync.WaitGroup
	var bad atomic.Int64
	const clients, each = 8, 300
	for c := range clients {
		wg.Go(func() {
			for i := range each {
				path := fmt.Sprintf("/%d", 1000*c+i)
				status, body := s.get(t, path)
				switch {
				case strings.HasSuffix(path, "00"):
					if status != http.StatusInternalServerError || body != filters.Internal {
						t.Errorf("%s: got %d %q", path, status, body)
					}
					bad.Add(1)
				case status != http.StatusOK || body != path:
					t.Errorf("%s: got %d %q", path, status, body)
				}
			}
		})
	}
	wg.Wait()
	var crashed, served uint64
	for _, p := range s.pools {
		crashed += p.Crashed()
		served += p.Served()
		eventually(t, "every handler is free again", func() bool { return p.free.len() == p.Size() })
	}
	if crashed != uint64(bad.Load()) || served != clients*each {
		t.Errorf("counted %d crashes of %d requests, want %d of %d", crashed, served, bad.Load(), clients*each)
	}
}

func TestHalfAnAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	s := serve(t, catching(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "half")
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
		panic("injected")
	}), 1, 1, ServerOptions{KeepAlive: true})
	for path, crashes := range map[string]uint64{"/abort": 0, "/panic": 1} {
		before := s.pools[0].Crashed()
		r, err := s.client.Get(s.URL + path)
		if err == nil {
			_, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: half an answer passed for a whole one", path)
		}
		if got := s.pools[0].Crashed() - before; got != crashes {
			t.Errorf("%s: %d crashes, want %d", path, got, crashes)
		}
	}
	eventually(t, "the handler is back", func() bool { return s.pools[0].free.len() == 1 })
}

func TestThePoolBoundsConcurrency(t *testing.T) {
	t.Parallel()
	const size, clients = 3, 12
	var now, most atomic.Int64
	s := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				return
			}
		}
	}), 1, size, ServerOptions{KeepAlive: true})
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range 100 {
				if status, _ := s.get(t, "/"); status != http.StatusOK {
					t.Errorf("got status %d", status)
				}
			}
		})
	}
	wg.Wait()
	if most.Load() > size {
		t.Errorf("%d requests at once, want at most %d", most.Load(), size)
	}
}

func TestIdleConnectionsHoldNoHandler(t *testing.T) {
	t.Parallel()
	s := serve(t, http.NotFoundHandler(), 1, 1, ServerOptions{KeepAlive: true})
	idle := &http.Client{Transport: &http.Transport{}}
	defer idle.CloseIdleConnections()
	r, err := idle.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if status, _ := s.get(t, "/"); status != http.StatusNotFound { // would wait for ever
		t.Errorf("got status %d", status)
	}
}

func TestAWorkerThatKeepsFailingStartsAgain(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	s := serve(t, catching(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			panic("injected")
		}
	}), 1, 1, ServerOptions{KeepAlive: true})
	first := s.apps.Current().Number
	for range failuresPerSlot + 1 {
		s.get(t, "/")
	}
	broken.Store(false)
	eventually(t, "the worker has a fresh application", func() bool { return s.apps.Current().Number > first })
	eventually(t, "the worker serves again", func() bool {
		r, err := s.client.Get(s.URL)
		if err != nil {
			return false
		}
		return r.Body.Close() == nil && r.StatusCode == http.StatusOK
	})
}

// TestAPoolThatGaveUpHoldsNobody has many clients wait for the handlers of an application that is broken through and through:
// they must not wait for handlers that only come when they have gone.
func TestAPoolThatGaveUpHoldsNobody(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	s := serve(t, catching(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			panic("injected")
		}
	}), 1, 1, ServerOptions{KeepAlive: true}) // without a limit for the drain
	s.client.Timeout = 20 * time.Second
	first := s.apps.Current().Number
	var wg sync.WaitGroup
	var again atomic.Bool
	for range 8 {
		wg.Go(func() {
			for !again.Load() {
				if status, _ := s.get(t, "/"); status != 200 && status != 500 && status != 503 {
					t.Errorf("got status %d", status)
					return
				}
			}
		})
	}
	eventually(t, "the worker has a fresh application", func() bool { return s.apps.Current().Number > first })
	broken.Store(false)
	eventually(t, "the worker serves again", func() bool { status, _ := s.get(t, "/"); return status == http.StatusOK })
	again.Store(true)
	wg.Wait()
}

// TestAHandlerOfAFormerLifeStaysAway: neither one that ended while it was free, nor one that is returned afterwards, is given out.
func TestAHandlerOfAFormerLifeStaysAway(t *testing.T) {
	t.Parallel()
	pool := NewPool(newSystem(), nil, 1)
	old, live := &handler{pool: pool, slot: newSlot(nil)}, newSlot(nil)
	pool.free.put(live)
	pool.free.put(old.slot)
	old.Terminate(nil)
	pool.free.put(old.slot)
	if got, _ := pool.free.take(); got != live || pool.free.len() != 0 {
		t.Error("the live handler is gone, or not alone")
	}
}

// TestFreeHandlers: the last one first, those who wait in their order, and nobody who has gone gets one.
func TestFreeHandlers(t *testing.T) {
	t.Parallel()
	var f freeList
	a, b := newSlot(nil), newSlot(nil)
	f.put(a)
	f.put(b)
	for _, want := range []*slot{b, a} {
		if got, _ := f.take(); got != want {
			t.Error("not the last one first")
		}
	}
	_, first := f.take()
	_, leaves := f.take()
	_, third := f.take()
	f.forgo(leaves)
	f.put(a)
	f.put(b)
	if f.len() != 0 || <-first != a || <-third != b {
		t.Error("those who wait are not served in their order")
	}
	_, late := f.take()
	f.put(a)
	f.forgo(late)
	if got, _ := f.take(); got != a {
		t.Error("the handler that came too late is lost")
	}
}

// TestAPoolChangesItsSizeUnderLoad grows and shrinks a pool while requests flow through it: none is lost, and the new bound
// holds.
func TestAPoolChangesItsSizeUnderLoad(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		fmt.Fprint(w, "ok")
	}), 1, 2, ServerOptions{KeepAlive: true})
	var wg sync.WaitGroup
	var over atomic.Bool
	for range 16 {
		wg.Go(func() {
			for !over.Load() {
				if status, body := s.get(t, "/"); status != http.StatusOK || body != "ok" {
					t.Errorf("got %d %q", status, body)
				}
			}
		})
	}
	pool, path := s.pools[0], "site/api/worker-1/pool"
	for _, size := range []int{10, 3, 8, 1, 2} {
		if err := pool.Resize(context.Background(), s.root, path, size); err != nil {
			t.Fatal(err)
		}
		if n, err := s.root.Count(path); err != nil || n.Active != size {
			t.Errorf("%d handlers (%v), want %d", n.Active, err, size)
		}
	}
	most.Store(0)
	served := pool.Served()
	eventually(t, "requests flow", func() bool { return pool.Served() > served+100 })
	over.Store(true)
	wg.Wait()
	if most.Load() > 2 {
		t.Errorf("%d requests at once with two handlers", most.Load())
	}
}
