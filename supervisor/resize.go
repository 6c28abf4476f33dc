package supervisor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// size is how many workers there are to be, and how many handlers each has.
type size struct{ workers, pool int }

func sizeOf(s *conf.Snapshot) size {
	return size{workers: workers(s), pool: s.Int(conf.WSGIDefaultPoolSize)}
}

// resizeTimeout bounds the wait for handlers and workers that have to become idle before they go.
const resizeTimeout = time.Minute

// workerChild returns the child spec of worker number n.
func (s *Server) workerChild(n int) otp.ChildSpec {
	if s.isolated {
		return s.processChild(workerID(n), workerAPI, n, s.wanted.Load().workers)
	}
	return otp.ChildSpec{ID: workerID(n), Kind: "worker", Sup: s.worker(n), Backoff: backoff}
}

// wantedSize is the size that a configuration asks for. A worker process is one worker, of the size that its parent has in mind.
func (s *Server) wantedSize(c *conf.Snapshot) size {
	if o := s.options.orders; o != nil {
		return size{workers: 1, pool: o.Handlers}
	}
	return sizeOf(c)
}

func workerID(n int) string { return fmt.Sprintf("worker-%d", n) }

// fit brings the tree to the wanted size, worker by worker. It runs on the config actor, so that changes come one after
// the other.
//
// A part of the tree that is between two lives is left out: restore sees to it when that part is there again.
func (s *Server) fit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, resizeTimeout)
	defer cancel()
	var api, rpc error
	if s.role.API {
		api = s.fitAPI(ctx)
	}
	if s.role.RPC {
		rpc = s.fitRPC(ctx)
	}
	return errors.Join(unlessDown(api), unlessDown(rpc))
}

func unlessDown(err error) error {
	if errors.Is(err, otp.ErrNotRunning) {
		return nil
	}
	return err
}

// refit is fit as the config actor does it, whose second life may begin before the tree stands.
func (s *Server) refit(ctx context.Context) error {
	if !s.isUp(ctx) {
		return ctx.Err()
	}
	return s.fit(ctx)
}

// fitRPC starts and stops RPC workers until there are as many as the configuration says. One that goes finishes its messages.
func (s *Server) fitRPC(ctx context.Context) error {
	specs, err := s.rpcChildren(s.parts, s.parts.config.Snapshot())
	if err != nil {
		return err
	}
	var wanted []wantedChild
	for _, spec := range specs {
		wanted = append(wanted, wantedChild{spec.ID, func() otp.ChildSpec { return spec }})
	}
	return s.fitChildren(ctx, rpcPath, wanted)
}

// wantedChild is a child that there is to be; its spec is made when it is to be started.
type wantedChild struct {
	id   string
	spec func() otp.ChildSpec
}

// fitChildren starts those of the wanted children that the supervisor at path does not have, and stops those that are not wanted.
// A child that has been stopped and is still known took longer than whoever stopped it could wait: it is there no more.
func (s *Server) fitChildren(ctx context.Context, path string, wanted []wantedChild) error {
	sup, err := s.root.Node(path)
	if err != nil {
		return err
	}
	runs := sup.State == otp.StateRunning || sup.State == otp.StateDegraded
	there := make(map[string]string)
	for _, n := range sup.Children {
		if runs && (n.State == otp.StateStopped || n.State == otp.StateLeaked || s.dismissed[n.Path]) {
			err = errors.Join(err, s.remove(ctx, n.Path))
			continue
		}
		there[n.ID] = n.Path
	}
	for _, w := range wanted {
		if there[w.id] == "" {
			err = errors.Join(err, s.root.StartChild(ctx, path, w.spec()))
		}
		delete(there, w.id)
	}
	for _, surplus := range there {
		err = errors.Join(err, s.remove(ctx, surplus))
	}
	return err
}

// remove stops a worker once its work is finished, and forgets it. One that takes too long is remembered.
func (s *Server) remove(ctx context.Context, path string) error {
	s.dismissed[path] = true
	stopped := s.root.TerminateChild(ctx, path)
	err := s.root.DeleteChild(ctx, path)
	if err == nil || errors.Is(err, otp.ErrNotFound) {
		delete(s.dismissed, path)
	}
	return errors.Join(stopped, err)
}

// fitAPI does it for the API workers and their pools.
func (s *Server) fitAPI(ctx context.Context) error {
	want := *s.wanted.Load()
	nodes, err := s.root.Children(apiPath)
	if err != nil {
		return err
	}
	var wanted []wantedChild
	for n := 1; n <= want.workers; n++ {
		wanted = append(wanted, wantedChild{workerID(n), func() otp.ChildSpec { return s.workerChild(n) }})
	}
	if err := s.fitChildren(ctx, apiPath, wanted); err != nil {
		return err
	}
	s.eyes.keep(want.workers)
	for n := 1; n <= want.workers && !s.isolated; n++ {
		pool := s.eyes.pool(workerID(n))
		if pool == nil {
			return fmt.Errorf("%s has not started", workerID(n))
		}
		if err := pool.Resize(ctx, s.root, apiPath+"/"+workerID(n)+"/pool", want.pool); err != nil {
			return err
		}
	}
	if len(nodes) != want.workers {
		s.logger.Info().Int("workers", want.workers).Msg("the number of workers changed")
	}
	return nil
}

// restore has the size restored when a supervisor has started its children again: it starts as many as its spec says, which
// is the size of the boot. Below a supervisor that was itself started again, the second life of a child is called a start.
func (s *Server) restore(e otp.Event) {
	again := e.Type == otp.EventRestarted || e.Type == otp.EventStarted && e.Incarnation > 1
	if !again || e.Path != apiPath && e.Path != rpcPath && !strings.HasSuffix(e.Path, "/pool") {
		return
	}
	select {
	case <-s.booted:
	default:
		return
	}
	if err := s.root.Send(configPath, actors.Refit{}); err != nil {
		s.logger.Warn().Err(err).Msg("the size of the server cannot be restored")
	}
}

// Resize changes the number of workers and the size of their pools until the next reload that changes either; 0 leaves one as
// it is. It returns when every worker and handler that goes has gone, idle.
func (s *Server) Resize(ctx context.Context, workers, pool int) error {
	if workers < 0 || pool < 0 {
		return fmt.Errorf("%d workers with pools of %d: neither can be negative", workers, pool)
	}
	if pool > 0 && s.isolated {
		return errors.New("the pools of worker processes are as wsgi_default_pool_size says: change it and reload")
	}
	s.want(func(next *size) {
		next.workers = cmp.Or(workers, next.workers)
		next.pool = cmp.Or(pool, next.pool)
	})
	return s.askConfig(ctx, func(reply chan<- error) any { return actors.Refit{Reply: reply} })
}

// grow adds workers, or takes some away: SIGTTIN and SIGTTOU. One always stays. It does not wait: a worker that goes
// finishes its requests first, and the signals behind this one have their own hurry.
func (s *Server) grow(ctx context.Context, by int) {
	if s.options.orders != nil || !s.isUp(ctx) {
		return // a worker process is one worker
	}
	s.want(func(next *size) { next.workers = max(1, next.workers+by) })
	if err := s.root.Send(configPath, actors.Refit{}); err != nil {
		s.logger.Error().Err(err).Msg("the number of workers could not be changed")
	}
}

// want changes the wanted size. Nobody's change gets lost when several come at once.
func (s *Server) want(change func(*size)) {
	for {
		old := s.wanted.Load()
		next := *old
		if change(&next); s.wanted.CompareAndSwap(old, &next) {
			return
		}
	}
}
