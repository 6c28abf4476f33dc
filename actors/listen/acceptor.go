package listen

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// DefaultPause is how long an Acceptor waits for the machine to recover: short for a client, long for a processor.
const DefaultPause = 100 * time.Millisecond

// AcceptOptions are the options of an Acceptor.
type AcceptOptions struct {
	// Pause is how long to wait after a failed accept, 0 for DefaultPause.
	Pause time.Duration
	// OnError is told of each failed accept that is survived, nil for nobody. It must not block.
	OnError func(error)
}

// AcceptStats are the counters of an Acceptor.
type AcceptStats struct {
	Accepted  uint64
	Failed    uint64 // accepts that failed and were tried again
	Last      error  // the last of these, nil for none
	Suspended bool
}

// Acceptor is a listener that survives failures which pass, and can be told to leave connections in the kernel's queue
// for a while. All its methods are safe for concurrent use.
type Acceptor struct {
	inner   pausable
	options AcceptOptions
	closed  chan struct{}

	mu      sync.Mutex // guards what is below
	stats   AcceptStats
	resumed chan struct{} // closed by the next Resume, nil while not suspended
	ended   bool
}

type pausable interface {
	net.Listener
	SetDeadline(time.Time) error
}

// NewAcceptor returns an Acceptor on a listener whose Accept knows deadlines, such as a duplicate of a Socket. From now
// on the listener belongs to it.
func NewAcceptor(inner net.Listener, o AcceptOptions) (*Acceptor, error) {
	p, ok := inner.(pausable)
	if !ok {
		return nil, fmt.Errorf("accept on %T: it has no SetDeadline", inner)
	}
	if o.Pause == 0 {
		o.Pause = DefaultPause
	}
	return &Acceptor{inner: p, options: o, closed: make(chan struct{})}, nil
}

// Accept waits for the next connection. It fails only when the listener is closed or cannot accept any more.
func (a *Acceptor) Accept() (net.Conn, error) {
	for {
		if err := a.gate(); err != nil {
			return nil, err
		}
		c, err := a.inner.Accept()
		switch {
		case err == nil:
			a.mu.Lock()
			a.stats.Accepted++
			a.mu.Unlock()
			_ = a.gate() // closed meanwhile: it cannot go back to the queue
			return c, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			// Woken by Suspend: the gate knows whether that still holds.
		case passes(err):
			a.survive(err)
		default:
			return nil, err
		}
	}
}

// gate waits while the acceptor is suspended.
func (a *Acceptor) gate() error {
	a.mu.Lock()
	resumed := a.resumed
	a.mu.Unlock()
	if resumed == nil {
		return nil
	}
	select {
	case <-resumed:
		return nil
	case <-a.closed:
		return fmt.Errorf("accept on %s: %w", a.Addr(), net.ErrClosed)
	}
}

// survive counts a failure and waits: out of descriptors, the connection stays at the head of the queue, and trying at
// once would only burn the processor until some descriptor is closed.
func (a *Acceptor) survive(err error) {
	a.mu.Lock()
	a.stats.Failed++
	a.stats.Last = err
	a.mu.Unlock()
	if a.options.OnError != nil {
		a.options.OnError(err)
	}
	timer := time.NewTimer(a.options.Pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.closed:
	}
}

// passes reports whether a later accept may succeed: the machine or the process is out of something, or one connection
// broke while it waited. The last five are what Linux passes on from the network of a connection (accept(2)).
func passes(err error) bool {
	for _, e := range []unix.Errno{
		unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ECONNABORTED, unix.ECONNRESET, unix.EINTR,
		unix.EPROTO, unix.EPERM, unix.ENETDOWN, unix.ENETUNREACH, unix.EHOSTUNREACH,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Suspend leaves further connections in the kernel's queue, where they wait for Resume or for another duplicate. An
// Accept that was about to take one returns it when the acceptor is resumed or closed.
func (a *Acceptor) Suspend() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.resumed != nil {
		return nil
	}
	if err := a.inner.SetDeadline(time.Unix(1, 0)); err != nil {
		return fmt.Errorf("suspend accept: %w", err)
	}
	a.resumed = make(chan struct{})
	return nil
}

// Resume accepts again.
func (a *Acceptor) Resume() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.resumed == nil {
		return nil
	}
	if err := a.inner.SetDeadline(time.Time{}); err != nil {
		return fmt.Errorf("resume accept: %w", err)
	}
	close(a.resumed)
	a.resumed = nil
	return nil
}

// Stats returns the counters.
func (a *Acceptor) Stats() AcceptStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	stats := a.stats
	stats.Suspended = a.resumed != nil
	return stats
}

// Addr is the address of the listener.
func (a *Acceptor) Addr() net.Addr { return a.inner.Addr() }

// Close closes the listener and ends every Accept.
func (a *Acceptor) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ended {
		a.ended = true
		close(a.closed)
	}
	return a.inner.Close()
}
