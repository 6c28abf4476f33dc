package actors

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// accepting is the accept loops of a server: one for each duplicate, and for a moment more while the sockets change.
type accepting struct {
	service   *service   // has the options in force
	retired   []*service // had former ones, and have connections still
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
	a.takeBack()
	a.follow(duplicates)
}

// takeBack has the connections that were parked return to what serves now, and those behind their handshake come to it.
func (a *accepting) takeBack() {
	v := a.service
	a.returning.Go(func() { a.serve(v.http, returns{v, a.set.back}) })
	a.returning.Go(func() { a.serve(v.multiplexed, returns{v, a.set.multiplexed}) })
}

// renew serves new connections with other options, on these fresh duplicates. Nobody is waited for: what a connection has begun
// ends with the former options. Then it is parked and returns with those in force, or its next answer is its last.
func (a *accepting) renew(next *service, duplicates []*Duplicate) {
	now := time.Now()
	a.retired = slices.DeleteFunc(a.retired, func(v *service) bool { return v.until.Before(now) && v.open.Load() == 0 })
	a.retired = append(a.retired, a.service)
	a.service.until = now.Add(2 * linger)
	a.service.retire()
	a.service = next
	a.takeBack()
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
			v := a.service
			a.loops.Go(func() { a.serve(v.http, door{d, v}) })
		}
	}
	a.current = duplicates
}

func (a *accepting) serve(s *http.Server, l net.Listener) {
	if err := s.Serve(l); !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
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

// shutdown waits until no connection is left.
func (a *accepting) shutdown(ctx context.Context) (err error) {
	for _, v := range append(a.retired, a.service) {
		err = errors.Join(err, v.http.Shutdown(ctx), v.multiplexed.Shutdown(ctx))
	}
	return err
}

// close closes what is left.
func (a *accepting) close() (err error) {
	for _, v := range append(a.retired, a.service) {
		err = errors.Join(err, v.http.Close(), v.multiplexed.Close())
	}
	return err
}

// service is net/http with one set of options, which it cannot change.
type service struct {
	// http is for HTTP/1.1, whose connections have times of their own: it has none, because it would look at the clock for them with
	// every request. multiplexed is for HTTP/2, which has those of the options.
	http, multiplexed *http.Server

	set     *connections
	options ServerOptions
	next    http.Handler
	open    atomic.Int64  // connections
	until   time.Time     // its duplicates give it connections no longer than that, once others have taken its place
	over    chan struct{} // closed when others have taken its place
	end     sync.Once
}

// retire has the connections leave: each behind the answer to what it has begun.
func (v *service) retire() { v.end.Do(func() { close(v.over) }) }

// track is the ConnState hook.
func (v *service) track(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		v.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		v.open.Add(-1)
	}
	v.set.track(c, state)
}

// returns is the connections that are parked no more, and those that have made their handshake, as a listener.
type returns struct {
	v    *service
	back <-chan net.Conn
}

// Accept returns the next one. It implements net.Listener, as do Close and Addr.
func (r returns) Accept() (net.Conn, error) {
	select {
	case <-r.v.over:
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-r.back:
		if plain, ok := c.(*connection); ok {
			plain.limit(&r.v.options)
		}
		return c, nil
	case <-r.v.over:
	case <-r.v.set.over:
	}
	return nil, net.ErrClosed
}

// Close ends Accept: net/http calls it when it serves no more.
func (r returns) Close() error {
	r.v.retire()
	return nil
}

// Addr is no place.
func (r returns) Addr() net.Addr { return &net.UnixAddr{} }

// door is a duplicate whose connections become those of a server.
type door struct {
	*Duplicate
	v *service
}

// Accept implements net.Listener. What a connection speaks is what its socket speaks at the moment it has been accepted. It does
// not wait for the handshake of TLS, behind which the connection comes by another way.
func (d door) Accept() (net.Conn, error) {
	for {
		c, err := d.Duplicate.Accept()
		if err != nil {
			return nil, err
		}
		p := d.owner.protocol(d.socket)
		conn := newConnection(c, d.v.set, p)
		conn.limit(&d.v.options)
		if p.keypair == nil {
			return conn, nil
		}
		d.v.set.secure(conn, p.keypair.Config())
	}
}
