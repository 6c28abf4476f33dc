package supervisor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// Why a server cannot be upgraded.
var (
	errNotProgram = errors.New("a server inside another program has no program of its own to upgrade")
	errForgetful  = errors.New("[database] connection is in memory: a successor would begin with an empty one")
)

// upgradeStart bounds the time until the successor is ready.
const upgradeStart = time.Minute

// handover is why a server stops whose successor has taken over.
type handover struct{}

// Signal implements os.Signal.
func (handover) Signal() {}

// String implements os.Signal.
func (handover) String() string { return "handover to the successor" }

// Upgrade starts the program that is now at this one's path, with the sockets of this one and the configuration that is now
// on disk. When it is ready it takes over, and this server finishes what it has begun and ends; when it does not become ready
// nothing has changed, and the error says why. It returns the successor's process id. Reloads and upgrades come one after
// the other.
func (s *Server) Upgrade(ctx context.Context) (pid int, err error) {
	reply := make(chan int, 1)
	err = s.do(ctx, func(ctx context.Context) error {
		pid, err := s.upgrade(ctx)
		reply <- pid
		return err
	})
	if err != nil {
		return 0, err
	}
	return <-reply, nil
}

func (s *Server) upgrade(ctx context.Context) (int, error) {
	if err := s.upgradable(); err != nil {
		return 0, fmt.Errorf("upgrade: %w", err)
	}
	ctx, err := s.parting.prepare(ctx)
	if err != nil {
		return 0, fmt.Errorf("upgrade: %w", err)
	}
	defer s.parting.giveUp()
	s.logger.Info().Msg("starting the successor")
	successor, err := process.Upgrade(ctx, process.Spec{
		Title: os.Args[0], Path: programPath(os.Args[0]), Args: s.options.Source.Args, StartTimeout: upgradeStart,
		Listeners: s.bequest(),
		OnStart:   func(pid int) { s.logger.Info().Msgf("Started successor %d", pid) },
	})
	if over, _ := s.parting.over(); over && err != nil {
		s.logger.Info().Msg("the upgrade is given up, this server stops")
		return 0, fmt.Errorf("upgrade: %w", errParting)
	}
	if err != nil {
		s.logger.Error().Err(err).Msg("the successor was not ready, this server goes on")
		return 0, err
	}
	if err := s.parting.hand(successor); err != nil {
		successor.Dismiss()
		return 0, fmt.Errorf("upgrade: %w", err)
	}
	o, _ := s.parts.server.Get()
	o.Linger = lingerForOthers
	s.parts.server.Set(o)
	s.notify(s.options.Notifier.MainPID(successor.PID()))
	s.logger.Info().Msgf("Successor %d has taken over", successor.PID())
	select {
	case s.stop <- handover{}:
	default: // it is stopping already
	}
	return successor.PID(), nil
}

// programPath is the program to upgrade to: the one at the path that this one was called by, which may be a symbolic link to another
// version by now. "" is the file that this process runs, where it was not called by an absolute path.
func programPath(called string) string {
	if !filepath.IsAbs(called) {
		return ""
	}
	if _, err := os.Stat(called); err != nil {
		return ""
	}
	return called
}

// errParting is why nothing is begun any more.
var errParting = errors.New("the server is stopping")

// parting is the end of a server, of which there is one of two kinds: it stops, and then no successor may remain, or it has one.
// It is safe for concurrent use.
type parting struct {
	mu        sync.Mutex         // guards the rest
	stopping  bool               // the stop has begun
	abandon   context.CancelFunc // of an upgrade under way, else nil
	successor *process.Successor // has taken over
}

// prepare is the beginning of an upgrade, whose context the stop ends.
func (p *parting) prepare(ctx context.Context) (context.Context, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping || p.successor != nil {
		return nil, errParting
	}
	ctx, p.abandon = context.WithCancel(ctx)
	return ctx, nil
}

// giveUp ends the context of an upgrade.
func (p *parting) giveUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.abandon != nil {
		p.abandon()
		p.abandon = nil
	}
}

// hand leaves everything to the successor, unless the stop was first.
func (p *parting) hand(to *process.Successor) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return errParting
	}
	p.successor = to
	return nil
}

// begin is the beginning of the stop. It returns the successor that has taken over, if one has; an upgrade that has not come so
// far is given up.
func (p *parting) begin() *process.Successor {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopping = true
	if p.abandon != nil {
		p.abandon()
	}
	return p.successor
}

// over reports whether the server has begun to stop or has a successor, which is then returned.
func (p *parting) over() (bool, *process.Successor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopping || p.successor != nil, p.successor
}

// adminSockets begins the names of the observer's sockets among those that pass to a successor.
const adminSockets = "admin-"

// bequest are the sockets that the successor gets.
func (s *Server) bequest() map[string]syscall.Conn {
	sockets := s.looking.Inheritable()
	if s.role.API {
		maps.Copy(sockets, s.parts.listener.Inheritable())
	}
	return sockets
}

// inherit sorts what the predecessor has passed on.
func (o *Options) inherit(sockets []process.Socket) {
	o.Heritage = Succeeded
	for _, socket := range sockets {
		if strings.HasPrefix(socket.Name, adminSockets) {
			o.bequeathed = append(o.bequeathed, socket)
		} else {
			o.Inherited = append(o.Inherited, socket)
		}
	}
}

// takenOver says that the predecessor goes: what it has passed on belongs to this server, and what nobody wanted is closed.
func (s *Server) takenOver() {
	s.looking.Own()
	names, err := s.parts.sockets.Prune()
	if err := errors.Join(err, s.OwnSocketFiles()); err != nil {
		s.logger.Error().Err(err).Msg("sockets of the predecessor could not be closed")
	}
	if len(names) > 0 {
		s.logger.Info().Strs("sockets", names).Msg("sockets of the predecessor that the configuration has no use for are closed")
	}
	go s.introduce(os.Getppid())
}

// introduce tells the service manager once more that this server is ready, when the predecessor is gone: until that has named its
// successor, nobody listens to it.
func (s *Server) introduce(predecessor int) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for os.Getppid() == predecessor {
		select {
		case <-tick.C:
		case <-s.root.Done():
			return
		}
	}
	s.notify(s.options.Notifier.Ready(s.status()))
}

// upgradable reports what stands against an upgrade.
func (s *Server) upgradable() error {
	if !s.options.program {
		return errNotProgram
	}
	url, err := databaseURL(s.parts.config.Snapshot())
	if err == nil && store.InMemory(url) {
		err = errForgetful
	}
	return err
}

// upgradeMain is neutron-server --upgrade: it asks the running server of the same configuration for an upgrade.
func upgradeMain(ctx context.Context, source conf.Source, stdout, stderr io.Writer) int {
	c, err := conf.Load(source)
	if err != nil {
		return bootFailed(err, stdout, stderr)
	}
	address := cmp.Or(c.Text(conf.AdminSocket), c.Text(conf.AdminBind))
	if address == "" {
		return bootFailed(errors.New("--upgrade asks the running server over [hadron] admin_socket or admin_bind, and there is neither"),
			stdout, stderr)
	}
	pid, err := admin.NewClient(address).Upgrade(ctx)
	if err != nil {
		return bootFailed(err, stdout, stderr)
	}
	fmt.Fprintf(stdout, "process %d has taken over\n", pid)
	return 0
}

// closeFiles lets go of inherited sockets, which the server has duplicates of by now: a socket that is open here would refuse
// nobody and answer nobody when the server has closed it.
func (o *Options) closeFiles() {
	for _, socket := range slices.Concat(o.Inherited, o.bequeathed) {
		if socket.File != nil {
			_ = socket.File.Close() // a duplicate has nothing left to lose
		}
	}
}
