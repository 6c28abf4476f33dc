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
	service *service   // of HTTP/2, has the options in force
	retired []*service // had former ones, and may have connections still
	set     *connections
	failed  chan error // gets the error of a loop that was not asked to end
	current []*Duplicate
	former  []former
	loops   sync.WaitGroup // of the duplicates
	serving sync.WaitGroup // of the services
}

// former is a duplicate that is accepted on a little longer.
type former struct {
	duplicate *Duplicate
	until     time.Time
}

// begin accepts on the duplicates.
func (a *accepting) begin(duplicates []*Duplicate) {
	a.take(a.service)
	a.follow(duplicates)
}

// take has the connections that speak HTTP/2 come to this service.
func (a *accepting) take(v *service) {
	a.serving.Go(func() {
		if err := v.http.Serve(returns{v}); !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
			a.fail(err)
		}
	})
}

// renew has HTTP/2 served with other options. Nobody is waited for: what a connection has begun ends with the former options, and
// its next answer is its last.
func (a *accepting) renew(next *service) {
	a.retired = slices.DeleteFunc(a.retired, func(v *service) bool { return v.open.Load() == 0 })
	a.retired = append(a.retired, a.service)
	a.service.retire()
	a.service = next
	a.take(next)
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
			a.loops.Go(func() { a.accept(d) })
		}
	}
	a.current = duplicates
}

// accept serves what comes to a duplicate, until that is closed. What a connection speaks is what its socket speaks at the moment it
// has been accepted.
func (a *accepting) accept(d *Duplicate) {
	for {
		c, err := d.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				a.fail(err)
			}
			return
		}
		a.set.accept(c, d.owner.protocol(d.socket))
	}
}

func (a *accepting) fail(err error) {
	select {
	case a.failed <- err:
	default:
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

// shutdown waits until no connection is left that speaks HTTP/2.
func (a *accepting) shutdown(ctx context.Context) (err error) {
	for _, v := range append(a.retired, a.service) {
		err = errors.Join(err, v.http.Shutdown(ctx))
	}
	return err
}

// close closes what is left.
func (a *accepting) close() error {
	err := a.set.closeAll()
	for _, v := range append(a.retired, a.service) {
		err = errors.Join(err, v.http.Close())
	}
	return err
}

// service is HTTP/2, which is net/http's, with one set of options: that cannot change them.
type service struct {
	http    *http.Server
	set     *connections
	options ServerOptions
	next    http.Handler
	open    atomic.Int64  // connections
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

// returns is the connections that speak HTTP/2 behind their handshake, as a listener.
type returns struct{ v *service }

// Accept returns the next one. It implements net.Listener, as do Close and Addr.
func (r returns) Accept() (net.Conn, error) {
	select {
	case <-r.v.over:
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-r.v.set.multiplexed:
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
