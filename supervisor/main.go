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

// signalBuffer holds the signals that arrive while the server starts, or writes a report. The system drops what finds no room, and
// a SIGTERM must not be lost behind a storm of others.
const signalBuffer = 1024

// Main runs the server as a process: args is os.Args, the result is the exit status.
func Main(args []string, stdout, stderr io.Writer) int { return run(args, stdout, stderr, nil) }

// run is Main of a program that may have its own way with the options of the server, and of each worker process.
func run(args []string, stdout, stderr io.Writer, adjust func(*Options)) int {
	ctx := context.Background()
	parent, err := process.Inherited()
	if err != nil {
		return bootFailed(err, stdout, stderr)
	}
	if parent != nil && !parent.Successor() {
		return childMain(ctx, parent, os.Stdin, stderr, adjust)
	}
	source, err := conf.System(filepath.Base(args[0]), Release+" (hadron "+Version+")", args[1:])
	if err != nil {
		return bootFailed(err, stdout, stderr)
	}
	switch {
	case conf.Asks(args[1:], conf.SampleOnly):
		return sampleMain(stdout, stderr)
	case conf.Asks(args[1:], conf.CheckOnly):
		return Check(ctx, source, stdout, stderr)
	case conf.Asks(args[1:], conf.UpgradeOnly):
		return upgradeMain(ctx, source, stdout, stderr)
	}
	return serverMain(ctx, source, parent, stdout, stderr, adjust)
}

// sampleMain prints a configuration file of every option.
func sampleMain(stdout, stderr io.Writer) int {
	if err := conf.Sample(stdout); err != nil {
		fmt.Fprintf(stderr, "ERROR: %v\n", err)
		return 1
	}
	return 0
}

// serverMain is the life of a server, which may be the successor of its parent.
func serverMain(
	ctx context.Context, source conf.Source, parent *process.Parent, stdout, stderr io.Writer, adjust func(*Options),
) int {
	defer parent.Close()
	defer keepRoom()()
	options, err := fromSystem(source, parent)
	if err != nil {
		return bootFailed(errors.Join(err, parent.Failed(err)), stdout, stderr)
	}
	signals := make(chan os.Signal, signalBuffer)
	signal.Notify(signals, Signals()...)
	defer signal.Stop(signals)
	options.Signals = signals
	if adjust != nil {
		adjust(&options)
	}
	s, err := boot(ctx, options)
	if errors.Is(err, errTerminated) {
		return 0
	}
	if err != nil {
		return bootFailed(errors.Join(err, parent.Failed(err)), stdout, stderr)
	}
	options.closeFiles()
	if err := parent.Ready(); err != nil {
		s.logger.Warn().Err(err).Msg("the predecessor could not be told that this server is ready")
	}
	if parent.Successor() {
		s.takenOver()
	}
	sig, err := s.Wait(ctx)
	if err != nil {
		fmt.Fprintf(stderr, "ERROR: %v\n", err)
	}
	return s.leave(ctx, sig, err, signals)
}

// fromSystem are the options of a server that is a process of its own: what its predecessor or the service manager has for it.
func fromSystem(source conf.Source, parent *process.Parent) (Options, error) {
	o := Options{Source: source, Notifier: process.Notifier{Socket: os.Getenv("NOTIFY_SOCKET")},
		ReleaseMemory: releaseMemory, program: true}
	var err error
	if parent != nil {
		o.inherit(parent.Sockets())
	} else if o.Inherited, err = process.Activation(); err != nil {
		return o, err
	}
	o.watchdog, err = process.WatchdogInterval()
	return o, err
}

// leave stops the server and returns the exit status: 0 after an orderly stop that was asked for, else 1. err is why it has
// to end where nobody asked.
func (s *Server) leave(ctx context.Context, sig os.Signal, err error, signals <-chan os.Signal) int {
	defer s.log.Flush() // which is closed where the stop was not interrupted
	if sig == os.Interrupt {
		return 1 // as Neutron: at once. The database is safe, its transactions are whole or not at all
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

// passOn leaves a SIGHUP that was meant for the server to the one that has taken over.
func (s *Server) passOn(sig os.Signal) {
	if _, successor := s.parting.over(); successor != nil && sig == syscall.SIGHUP {
		successor.Signal(sig)
	}
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
			s.passOn(sig)
		case sig := <-s.stop: // the signals actor took it before it stopped
			if sig == os.Interrupt {
				return errInterrupted
			}
		}
	}
}
