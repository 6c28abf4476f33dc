package supervisor

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// childMain is the life of a worker process: it serves what its parent has ordered until it is told to go, or the parent is no
// more. The exit statuses are oslo.service's.
func childMain(ctx context.Context, parent *process.Parent, stdin io.Reader, stderr io.Writer, adjust func(*Options)) int {
	defer keepRoom()()
	defer parent.Close()
	signals := make(chan os.Signal, signalBuffer)
	signal.Notify(signals, Signals()...)
	defer signal.Stop(signals)
	s, err := bootChild(ctx, parent, stdin, signals, adjust)
	if err != nil {
		fmt.Fprintf(stderr, "ERROR: %v\n", err)
		if err := parent.Failed(err); err != nil {
			fmt.Fprintf(stderr, "ERROR: %v\n", err)
		}
		return 1
	}
	if err := parent.Ready(); err != nil {
		s.logger.Error().Err(err).Msg("the parent could not be told that this worker is ready")
		return 1
	}
	return s.obey(ctx, parent, signals)
}

// bootChild starts the part of the tree that a worker has.
func bootChild(
	ctx context.Context, parent *process.Parent, stdin io.Reader, signals <-chan os.Signal, adjust func(*Options),
) (*Server, error) {
	o, err := readOrders(stdin)
	if err != nil {
		return nil, err
	}
	r := Role{API: o.Kind == workerAPI, RPC: o.Kind == workerRPC || o.Kind == workerReports, Plugins: o.Kind == workerPlugins}
	if r == (Role{}) {
		return nil, fmt.Errorf("the parent orders a worker of kind %q, which this version does not know", o.Kind)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // a start that nobody waits for any more is given up
		select {
		case <-parent.Lifeline():
			cancel()
		case <-ctx.Done():
		}
	}()
	options := Options{Source: o.World.Source(), Signals: signals, Inherited: parent.Sockets(), Heritage: Assigned, Role: &r, orders: o,
		ReleaseMemory: releaseMemory}
	defer options.closeFiles()
	if adjust != nil {
		adjust(&options)
	}
	return Boot(ctx, options)
}

// obey serves until somebody wants it otherwise.
func (s *Server) obey(ctx context.Context, parent *process.Parent, signals <-chan os.Signal) int {
	ended := make(chan int, 1)
	go func() {
		sig, err := s.Wait(ctx)
		ended <- s.leave(ctx, sig, err, signals)
	}()
	select {
	case status := <-ended:
		return status
	case <-parent.Lifeline(): // also while it finishes its requests
		s.logger.Info().Msg("Parent process has died unexpectedly, exiting")
		return 1 // at once: what it would finish, a worker of another parent may be doing already
	}
}
