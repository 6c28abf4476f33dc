package actors

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// accepting is the accept loops of a server: one for each duplicate, and for a moment more while the sockets change.
type accepting struct {
	server    *http.Server
	set       *connections
	failed    chan error // gets the error of a loop that was not asked to end
	current   []*Duplicate
	former    []former
	loops     sync.WaitGroup // of the duplicates
	returning sync.WaitGroup // of the connections that were parked
}

// former is a duplicate that is accepted on a little longer.
type former struct {
	duplicate *Duplicate
	until     time.Time
}

// begin accepts on the duplicates.
func (a *accepting) begin(duplicates []*Duplicate) {
	a.returning.Go(func() { a.serve(a.set) })
	a.follow(duplicates)
}

// follow accepts on these duplicates from now on. Those that are not among them are left after a linger, so that clients
// which are on their way to their sockets still arrive.
func (a *accepting) follow(duplicates []*Duplicate) {
	now := time.Now()
	a.former = slices.DeleteFunc(a.former, func(f former) bool { return f.until.Before(now) })
	for _, d := range a.current {
		if !slices.Contains(duplicates, d) {
			a.former = append(a.former, former{d, now.Add(2 * linger)})
			time.AfterFunc(linger, func() { _ = d.Close() }) // stop closes it too, whoever is first
		}
	}
	for _, d := range duplicates {
		if !slices.Contains(a.current, d) {
			a.loops.Go(func() { a.serve(door{d, a.set}) })
		}
	}
	a.current = duplicates
}

func (a *accepting) serve(l net.Listener) {
	if err := a.server.Serve(l); !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
		select {
		case a.failed <- err:
		default:
		}
	}
}

// stop closes the duplicates and waits for their loops.
func (a *accepting) stop() error {
	var failed error
	for _, f := range a.former {
		failed = errors.Join(failed, ignoreClosed(f.duplicate.Close()))
	}
	for _, d := range a.current {
		failed = errors.Join(failed, ignoreClosed(d.Close()))
	}
	a.loops.Wait()
	return failed
}

// door is a duplicate whose connections become those of a server.
type door struct {
	*Duplicate
	set *connections
}

// Accept implements net.Listener. What a connection speaks is what its socket speaks at the moment it has been accepted.
// A TLS handshake is left to net/http: Accept does not wait for it.
func (d door) Accept() (net.Conn, error) {
	c, err := d.Duplicate.Accept()
	if err != nil {
		return nil, err
	}
	p := d.owner.protocol(d.socket)
	conn := newConnection(c, d.set, p)
	if p.keypair != nil {
		return tls.Server(conn, p.keypair.Config()), nil
	}
	return conn, nil
}
