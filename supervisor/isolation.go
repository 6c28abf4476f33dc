package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// With worker_isolation = process every worker is a process of this program, under the same supervisors that have actors
// otherwise. The parent reads and checks the configuration, owns the sockets, looks after the workers and serves nothing itself.

// isolationProcess is the value of worker_isolation.
const isolationProcess = "process"

// Why workers cannot be processes.
var (
	errEmbedded = errors.New("worker_isolation = process is for the program neutron-server: a server inside another program has no " +
		"program of its own to start")
	errSharedMemory = errors.New("worker_isolation = process needs a database that processes can share: [database] connection is in memory")
)

// checkIsolation refuses what cannot work.
func (s *Server) checkIsolation(c *conf.Snapshot) error {
	if c.Text(conf.WorkerIsolation) != isolationProcess || s.options.orders != nil {
		return nil
	}
	if !s.options.program {
		return errEmbedded
	}
	url, err := databaseURL(c)
	if err == nil && store.InMemory(url) {
		err = errSharedMemory
	}
	if err == nil && s.role.API {
		_, err = s.describe(c) // so that the workers find what is checked here, and not what is there when they start
	}
	return err
}

// workerStart bounds the time until a worker process is ready.
const workerStart = time.Minute

// processChild is a worker as a process; of is how many there are of its kind.
func (s *Server) processChild(id, kind string, number, of int) otp.ChildSpec {
	return otp.ChildSpec{
		ID: id, Kind: "process", New: process.Child(s.processSpec(kind, number, of)), Backoff: backoff, Forgive: killed,
		StartTimeout: workerStart, Shutdown: otp.Infinity, // the process has a limit of its own
	}
}

// killed reports whether a worker process ended because somebody ended it. That says nothing about the worker, so it does
// not count towards giving it up; what kills again and again is slowed down by the throttle.
func killed(reason error) bool {
	e, ok := errors.AsType[*process.ExitError](reason)
	return ok && (e.Signal != 0 || e.Err == nil && e.Status == 0)
}

// processSpec describes a worker process. What is decided late is decided at each start.
func (s *Server) processSpec(kind string, number, of int) process.Spec {
	return process.Spec{
		Title: title(s.options.Source.Prog, kind), StartTimeout: workerStart, Throttle: s.throttle(kind, of),
		Prepare: func(spec *process.Spec) error { return s.prepareWorker(spec, kind, number) },
		OnStart: func(pid int) { s.workerStarted(kind, pid) },
		OnShortage: func(err error) {
			s.logger.Warn().Err(err).Msgf("%s worker %d cannot be started for want of resources, trying again", kind, number)
		},
		OnExit: func(e *process.ExitError) { s.workerEnded(kind, number, e) },
	}
}

// workerStarted is told of each process, which is not ready yet.
func (s *Server) workerStarted(kind string, pid int) {
	s.logger.Debug().Msgf("Started child %d", pid)
	if socket := workerSocket(s.parts.config.Snapshot(), pid); kind == workerAPI && socket != "" {
		s.eyes.fleet.Started(pid, socket)
	}
}

// workerEnded logs the end of a worker process that was told to go, or that ended well. Of any other one the tree tells: see
// workerFailed. One that was told to go and has not gone well is remembered while the server stops: that stop is not clean.
func (s *Server) workerEnded(kind string, number int, e *process.ExitError) {
	s.removeSocket(e.PID)
	s.eyes.fleet.Ended(e.PID, s.lastWord(e.PID))
	switch well := e.Err == nil && e.Signal == 0 && e.Status == 0; {
	case well:
		s.logger.Info().Msg(e.Error())
	case !e.Told:
		s.logger.Debug().Msg(e.Error())
	default:
		err := fmt.Errorf("%s worker %d did not stop in order: %w", kind, number, e)
		s.logger.Warn().Msg(err.Error())
		if s.leaving.Load() {
			s.unclean.add(err)
		}
	}
}

// workerFailed logs that a worker process which served has ended unasked, in Neutron's words, and reports whether e is that. It is
// replaced at once, so it is no error of the server; one that cannot start is.
func (s *Server) workerFailed(e otp.Event) bool {
	ended, ok := e.Reason.(*process.ExitError) // that of a start is wrapped
	if !ok || e.Type != otp.EventFailed {
		return false
	}
	if ended.Err != nil || ended.Signal != 0 || ended.Status != 0 { // else workerEnded has said it
		s.logger.Warn().Str("actor", e.Path).Msg(ended.Error())
	}
	return true
}

// unclean are the worker processes that did not stop in order. It is safe for concurrent use.
type unclean struct {
	mu   sync.Mutex // guards errs
	errs []error
}

func (u *unclean) add(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.errs = append(u.errs, err)
}

func (u *unclean) all() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return errors.Join(u.errs...)
}

// prepareWorker fills in the configuration in force, the sockets and the time to stop.
func (s *Server) prepareWorker(spec *process.Spec, kind string, number int) (err error) {
	if s.leaving.Load() {
		return process.ErrNoStart
	}
	c := s.parts.config.Snapshot()
	o := &orders{
		Kind: kind, Number: number, Framework: s.parts.framework.Current(), Handlers: s.wanted.Load().pool, World: c.Recording(),
	}
	if kind == workerAPI {
		spec.Listeners = s.parts.listener.Inheritable()
	}
	spec.StopTimeout = otp.Infinity
	if limit := c.Seconds(conf.GracefulShutdownTimeout); limit > 0 {
		spec.StopTimeout = limit + 2*stopGrace // its own stop may take all but one of these
	}
	spec.Input, err = o.encode()
	return err
}

// throttle is that of the workers of one kind.
func (s *Server) throttle(kind string, workers int) *process.Throttle {
	return s.throttles.of(kind, workers, func() { s.logger.Info().Msg("Forking too fast, sleeping") })
}

// replaceWorkers gives every worker a new process, one by one: the new one is ready before the old one is told to go. Where one of a
// kind cannot be replaced, those of its kind behind it are not, and keep the configuration that they have.
func (s *Server) replaceWorkers(ctx context.Context) ([]process.Replacement, error) {
	if !s.isolated {
		return nil, nil
	}
	var made []process.Replacement
	var failed error
	for _, path := range s.processPaths() {
		before, _ := s.root.Children(path) // ReplaceAll has the word on a supervisor that is not up
		r, err := process.ReplaceAll(ctx, s.root, path)
		s.outdated.settle(s.root, before, r, err)
		made, failed = append(made, r...), errors.Join(failed, err)
	}
	return made, failed
}

// processPaths are the supervisors whose children are processes.
func (s *Server) processPaths() []string {
	var paths []string
	if s.role.API {
		paths = append(paths, apiPath)
	}
	if s.role.RPC {
		paths = append(paths, rpcPath)
	}
	if s.role.Plugins {
		paths = append(paths, pluginsPath)
	}
	return paths
}

// throttles has one throttle for each kind of worker. It is safe for concurrent use.
type throttles struct {
	mu     sync.Mutex // guards byKind
	byKind map[string]*process.Throttle
}

// of returns the throttle of a kind, which has that many workers now.
func (t *throttles) of(kind string, workers int, slow func()) *process.Throttle {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKind == nil {
		t.byKind = make(map[string]*process.Throttle)
	}
	if t.byKind[kind] == nil {
		t.byKind[kind] = &process.Throttle{Slow: slow}
	}
	t.byKind[kind].Share(workers)
	return t.byKind[kind]
}

// tellProcesses sends every worker process a message of package process. One that is between two lives has nothing to be told.
func (s *Server) tellProcesses(message any) {
	if !s.isolated {
		return
	}
	for _, path := range s.processPaths() {
		nodes, err := s.root.Children(path)
		if err != nil {
			continue // its supervisor is between two lives
		}
		for _, n := range nodes {
			_ = s.root.Send(n.Path, message)
		}
	}
}

// replacer is the admin side of replaceWorkers. Like every change of the tree it comes after what was asked for before.
type replacer struct{ s *Server }

// Replace implements admin.Replacer.
func (r replacer) Replace(ctx context.Context) (replaced []admin.Replacement, err error) {
	err = r.s.do(ctx, func(ctx context.Context) error {
		made, err := r.s.replaceWorkers(ctx)
		for _, m := range made {
			replaced = append(replaced, admin.Replacement{Name: path.Base(m.Path), Old: m.Old, New: m.New})
		}
		return err
	})
	return replaced, err
}

// describeProcess fills in what the actor of a worker process knows.
func (s *Server) describeProcess(root *otp.Root, path string, w *admin.Worker) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	info, err := process.Ask(ctx, root, path)
	if err != nil {
		return // it is between two processes
	}
	w.PID, w.Since, w.Leaving = info.PID, info.Since, info.Leaving
	socket := workerSocket(s.parts.config.Snapshot(), info.PID)
	if !strings.HasPrefix(path, apiPath) || socket == "" {
		return
	}
	inside, err := admin.NewClient(socket).Workers(ctx)
	if err != nil || len(inside) != 1 {
		return // it has just ended, or answers nobody: what there is to be seen of that is the pid
	}
	w.PoolSize, w.Waiting, w.Served, w.Panics, w.Busy = inside[0].PoolSize, inside[0].Waiting, inside[0].Served, inside[0].Panics, inside[0].Busy
}

// workerSocket is the admin socket of a worker process, beside that of its parent; "" where there is none.
func workerSocket(c *conf.Snapshot, pid int) string {
	socket := c.Text(conf.AdminSocket)
	if socket == "" {
		return ""
	}
	return fmt.Sprintf("%s.%d", socket, pid)
}

// removeSocket removes the admin socket that a worker process which was killed could not remove itself.
func (s *Server) removeSocket(pid int) {
	socket := strings.TrimPrefix(workerSocket(s.parts.config.Snapshot(), pid), "unix:")
	if socket == "" {
		return
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.logger.Warn().Err(err).Msg("the admin socket of a worker process is left behind")
	}
}
