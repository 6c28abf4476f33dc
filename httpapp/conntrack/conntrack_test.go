package conntrack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service on a database with the routers r and r2 of project p.
type world struct {
	*testing.T
	s      *Service
	events []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{T: t}
	var n atomic.Int64
	w.s = New(Options{DB: db, Allowed: []string{"tftp:udp", "sip:udp", "sip: tcp"}, RouterNotFound: routerNotFound, Hooks: w.hooks(),
		NewID: func() string { return fmt.Sprintf("c%d", n.Add(1)) }})
	for _, router := range []string{"r", "r2"} {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			standard, err := tx.NewStandard("routers", "", 1, time.Unix(0, 0))
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO routers (id, project_id, name, status, admin_state_up, enable_snat, standard_attr_id)
				VALUES (?, 'p', '', 'ACTIVE', 1, 1, ?)`, router, standard)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func routerNotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "RouterNotFound", "Router %s could not be found", id)
}

func (w *world) hooks() *callbacks.Hooks[neutron.ConntrackHelper] {
	var h callbacks.Hooks[neutron.ConntrackHelper]
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
		h.On(callbacks.Precommit, o, "test", callbacks.PriorityDefault, func(_ context.Context, e *callbacks.Event[neutron.ConntrackHelper]) error {
			if e.Tx == nil || (e.New == nil) == (o != callbacks.Delete) || (e.Old == nil) == (o != callbacks.Create) {
				w.Errorf("%v of %s: %+v", o, e.ID, e)
			}
			w.events = append(w.events, o.String()+" "+e.ID)
			return nil
		})
	}
	return &h
}

func of(project string) *neutron.Context { return &neutron.Context{ProjectID: project} }

func helper(name, protocol string, port int64) neutron.Attrs {
	return neutron.Attrs{"helper": name, "protocol": protocol, "port": port}
}

func (w *world) try(project, router string, in ...neutron.Attrs) error {
	_, err := w.s.Of(router).Create(w.Context(), of(project), in)
	return err
}

func (w *world) refused(what string, err error, typ, message string) {
	w.Helper()
	var e *neutron.Error
	if !errors.As(err, &e) || e.Type != typ || e.Message != message {
		w.Errorf("%s: got %v, want %s: %s", what, err, typ, message)
	}
}

func (w *world) revision(router string) (n int64) {
	w.Helper()
	err := w.s.helpers.DB.Read(w.Context(), func(tx *store.Tx) error {
		return tx.Get(`SELECT s.revision_number FROM routers r JOIN standardattributes s ON s.id = r.standard_attr_id WHERE r.id = ?`, []any{router}, &n)
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func (w *world) ids(router string) string {
	w.Helper()
	list, err := w.s.Of(router).List(w.Context(), of("p"), &neutron.Query{Sort: []neutron.SortKey{{Name: "id"}}})
	if err != nil {
		w.Fatal(err)
	}
	var ids []string
	for _, h := range list {
		ids = append(ids, h.ID)
	}
	return strings.Join(ids, " ")
}

// Texts, order of checks and revisions are those of 2026.1.
func TestHelpersOfARouter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const duplicate = "Bad conntrack_helper request: A duplicate conntrack helper entry with same attributes already exists, conflicting " +
		"values are {'router_id': 'r', 'protocol': 'udp', 'port': 69, 'helper': 'tftp'}."
	if err := w.try("p", "r", helper("tftp", "udp", 69), helper("sip", "tcp", 5060)); err != nil {
		t.Fatal(err)
	}
	if err := w.try("p", "r2", helper("tftp", "udp", 69)); err != nil {
		t.Fatal(err)
	}
	if got := w.ids("r"); got != "c1 c2" || w.revision("r") != 3 {
		t.Errorf("got %s, revision %d", got, w.revision("r"))
	}
	w.refused("twice", w.try("p", "r", helper("sip", "udp", 1), helper("tftp", "udp", 69)), "BadRequest", duplicate)
	w.refused("unknown helper, ahead of the router", w.try("p", "gone", helper("x", "udp", 1)), "ConntrackHelperNotAllowed", "Conntrack Helper x is not allowed.")
	w.refused("wrong protocol", w.try("p", "r", helper("sip", "icmp", 1)), "InvalidProtocolForHelper",
		"Conntrack Helper sip does not support: icmp. Supported protocols are: udp, tcp")
	w.refused("no router", w.try("p", "gone", helper("tftp", "udp", 1)), "RouterNotFound", "Router gone could not be found")
	w.refused("another's router", w.try("q", "r", helper("tftp", "udp", 1)), "RouterNotFound", "Router r could not be found")

	ctx, r := t.Context(), w.s.Of("r")
	for _, step := range []struct {
		in       neutron.Attrs
		revision int64
	}{{neutron.Attrs{}, 3}, {neutron.Attrs{"port": int64(5060)}, 3}, {neutron.Attrs{"port": int64(5061), "protocol": "udp"}, 4}} {
		h, err := r.Update(ctx, of("p"), "c2", step.in)
		if kept, _ := r.Get(ctx, of("p"), "c2", neutron.Fields{}); err != nil || kept != h || w.revision("r") != step.revision {
			t.Errorf("%v: got %+v, kept %+v, %v, revision %d, want %d", step.in, h, kept, err, w.revision("r"), step.revision)
		}
	}
	_, err := r.Update(ctx, of("p"), "c2", helper("tftp", "udp", 69))
	w.refused("as another one", err, "BadRequest", duplicate)
	_, err = r.Update(ctx, of("p"), "c2", neutron.Attrs{"helper": "x"})
	w.refused("not allowed", err, "ConntrackHelperNotAllowed", "Conntrack Helper x is not allowed.")
	_, err = r.Update(ctx, of("q"), "c2", neutron.Attrs{"port": int64(7)})
	w.refused("another's", err, "RouterNotFound", "Router r could not be found")
	w.refused("another's", r.Delete(ctx, of("q"), "c2"), "RouterNotFound", "Router r could not be found")
	const missing = "Conntrack Helper c2 could not be found."
	_, err = w.s.Of("r2").Get(ctx, of("p"), "c2", neutron.Fields{})
	w.refused("of another router", err, "ConntrackHelperNotFound", missing)
	w.refused("of another router", w.s.Of("r2").Delete(ctx, of("p"), "c2"), "ConntrackHelperNotFound", missing)
	if err := r.Delete(ctx, of("p"), "c2"); err != nil {
		t.Fatal(err)
	}
	w.refused("gone", r.Delete(ctx, of("p"), "c2"), "ConntrackHelperNotFound", missing)
	if got := w.ids("r"); got != "c1" || w.revision("r") != 5 || w.revision("r2") != 2 {
		t.Errorf("got %s, revisions %d, %d", got, w.revision("r"), w.revision("r2"))
	}
	if got := w.ids("gone"); got != "" {
		t.Errorf("got %s", got)
	}
	if got := w.events[len(w.events)-1]; got != "delete c2" || !slices.Contains(w.events, "update c2") || !slices.Contains(w.events, "create c1") {
		t.Errorf("events: %v", w.events)
	}
}

func TestOfEqualHelpersOneIsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.s.o.Hooks = nil
	var won atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if err := w.try("p", "r", helper("tftp", "udp", 69)); err == nil {
				won.Add(1)
			} else if neutron.KindOf(err) != neutron.BadRequest {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || w.revision("r") != 2 {
		t.Errorf("%d won, revision %d", won.Load(), w.revision("r"))
	}
}
