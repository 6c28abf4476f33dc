package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// Version is hadron's own; Release is the Neutron whose behaviour it has.
const (
	Version = "0.1.0"
	Release = "28.0.1"
)

// signalBuffer holds the signals that arrive while the server starts.
const signalBuffer = 16

// Main runs the server as a process: args is os.Args, the result is the exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	source, err := conf.System(filepath.Base(args[0]), Release+" (hadron "+Version+")", args[1:])
	if err != nil {
		fmt.Fprintf(stderr, "ERROR: %v\n", err)
		return 1
	}
	ctx := context.Background()
	if checkAsked(args[1:]) {
		return Check(ctx, source, stdout, stderr)
	}
	inherited, err := process.Activation()
	if err != nil {
		fmt.Fprintf(stderr, "ERROR: %v\n", err)
		return 1
	}
	signals := make(chan os.Signal, signalBuffer)
	signal.Notify(signals, Signals()...)
	defer signal.Stop(signals)
	s, err := boot(ctx, Options{
		Source: source, Signals: signals, Inherited: inherited, Notifier: process.Notifier{Socket: os.Getenv("NOTIFY_SOCKET")},
		ReleaseMemory: releaseMemory,
	})
	if errors.Is(err, errTerminated) {
		return 0
	}
	if err != nil {
		return bootFailed(err, stdout, stderr)
	}
	sig, err := s.Wait(ctx)
	if sig == os.Interrupt {
		return 1 // as Neutron: at once. The database is safe, its transactions are whole or not at all
	}
	if err != nil {
		fmt.Fprintf(stderr, "ERROR: %v\n", err)
	}
	if s.stopOrInterrupt(ctx, signals) != nil || err != nil {
		return 1
	}
	return 0
}

// The start was ended by SIGTERM, or this process by SIGINT.
var (
	errTerminated  = errors.New("terminated while starting")
	errInterrupted = errors.New("interrupted")
)

// boot is Boot until a signal says otherwise: SIGTERM undoes what has started, SIGINT leaves it to the end of the process.
func boot(ctx context.Context, o Options) (*Server, error) {
	early := make(chan os.Signal, 1)
	signal.Notify(early, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(early)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		server *Server
		err    error
	}
	booted := make(chan result, 1)
	go func() {
		s, err := Boot(ctx, o)
		booted <- result{s, err}
	}()
	for {
		select {
		case r := <-booted:
			if r.err != nil && ctx.Err() != nil {
				return nil, errors.Join(errTerminated, r.err)
			}
			return r.server, r.err // one that was up already finds the signal among its own
		case sig := <-early:
			if sig == os.Interrupt {
				return nil, errInterrupted
			}
			cancel()
		}
	}
}

// bootFailed prints why and returns the exit status.
func bootFailed(err error, stdout, stderr io.Writer) int {
	if _, ok := errors.AsType[*conf.Answer](err); ok {
		return conf.Finish(err, stdout, stderr)
	}
	if _, ok := errors.AsType[*conf.Error](err); ok {
		return conf.Finish(err, stdout, stderr)
	}
	fmt.Fprintf(stderr, "ERROR: %v\n", err)
	return 1
}

// stopOrInterrupt stops the server. A second SIGTERM changes nothing, SIGINT ends the wait.
func (s *Server) stopOrInterrupt(ctx context.Context, signals <-chan os.Signal) error {
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop(ctx) }()
	for {
		select {
		case err := <-stopped:
			return err
		case sig := <-signals:
			if sig == os.Interrupt {
				return errInterrupted
			}
		case sig := <-s.stop: // the signals actor took it before it stopped
			if sig == os.Interrupt {
				return errInterrupted
			}
		}
	}
}
