package supervisor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
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

// wanted is the size that the server is to have. The tree may have another one for a moment: while it is being changed, and
// when a supervisor has started its children again, whose number is that of the boot.
type wanted struct{ atomic.Pointer[size] }

// worker returns the child spec of worker number n.
func (s *Server) workerChild(n int) otp.ChildSpec {
	return otp.ChildSpec{ID: workerID(n), Kind: "worker", Sup: s.worker(n), Backoff: backoff}
}

func workerID(n int) string { return fmt.Sprintf("worker-%d", n) }

// fit brings the tree to the wanted size, worker by worker. It runs on the config actor, so that changes come one after
// the other.
func (s *Server) fit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, resizeTimeout)
	defer cancel()
	want := *s.wanted.Load()
	nodes, err := s.root.Children(apiPath)
	if err != nil {
		return err
	}
	for n := len(nodes); n < want.workers; n++ {
		if err := s.root.StartChild(ctx, apiPath, s.workerChild(n+1)); err != nil {
			return err
		}
	}
	for n := len(nodes); n > want.workers; n-- {
		if err := s.dismiss(ctx, workerID(n)); err != nil {
			return err
		}
	}
	for n := 1; n <= want.workers; n++ {
		if err := s.eyes.pool(workerID(n)).Resize(ctx, s.root, apiPath+"/"+workerID(n)+"/pool", want.pool); err != nil {
			return err
		}
	}
	return nil
}

// dismiss stops a worker once its requests are finished.
func (s *Server) dismiss(ctx context.Context, id string) error {
	path := apiPath + "/" + id
	if err := errors.Join(s.root.TerminateChild(ctx, path), s.root.DeleteChild(ctx, path)); err != nil {
		return err
	}
	s.eyes.forget(id)
	return nil
}

// restore has the size restored when a supervisor has started its children again: it starts as many as its spec says, which
// is the size of the boot.
func (s *Server) restore(e otp.Event) {
	if e.Type != otp.EventRestarted || e.Path != apiPath && !strings.HasSuffix(e.Path, "/pool") {
		return
	}
	select {
	case <-s.booted:
	default:
		return
	}
	if err := s.root.Send("neutron-server/config", actors.Refit{}); err != nil {
		s.logger.Warn().Err(err).Msg("the size of the server cannot be restored")
	}
}

// Resize changes the number of workers and the size of their pools until the next reload that changes either; 0 leaves one as
// it is.
func (s *Server) Resize(ctx context.Context, workers, pool int) error {
	next := *s.wanted.Load()
	if workers != 0 {
		next.workers = workers
	}
	if pool != 0 {
		next.pool = pool
	}
	if next.workers < 1 || next.pool < 1 {
		return fmt.Errorf("%d workers with pools of %d: at least one of each is needed", next.workers, next.pool)
	}
	reply := make(chan error, 1)
	s.wanted.Store(&next)
	if err := s.root.Send("neutron-server/config", actors.Refit{Reply: reply}); err != nil {
		return err
	}
	select {
	case err := <-reply:
		return err
	case <-s.root.Done():
		return errors.New("resize: the server has stopped")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// grow adds workers, or takes some away: SIGTTIN and SIGTTOU. One always stays.
func (s *Server) grow(ctx context.Context, by int) {
	select {
	case <-s.booted:
	case <-ctx.Done():
		return
	}
	n := max(1, s.wanted.Load().workers+by)
	if err := s.Resize(ctx, n, 0); err != nil {
		s.logger.Error().Err(err).Msg("the number of workers could not be changed")
		return
	}
	s.logger.Info().Int("workers", n).Msg("the number of workers changed")
}

// renewServers has every worker's server begin anew, one after the other, because options changed that a server is born
// with. The socket's queue waits for each, and the others accept meanwhile.
func (s *Server) renewServers(ctx context.Context) error {
	for n := 1; n <= s.wanted.Load().workers; n++ {
		path := apiPath + "/" + workerID(n) + "/server"
		if err := errors.Join(s.root.TerminateChild(ctx, path), s.root.RestartChild(ctx, path)); err != nil {
			return err
		}
	}
	return nil
}
