package actors

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
)

// A body that has not come yet is waited for before a handler is taken, so that slow clients do not hold handlers. What is kept
// meanwhile is bounded: a body in all, and those of all clients of a worker together. What is beyond is read by its handler, as
// it comes.
const (
	maxFetched  = 16<<20 + 1 // one byte more than the API accepts: it sees for itself that a body is too large
	maxAllFetch = 64 << 20
	firstFetch  = 4 << 10 // and doubled each time it is full
)

// fetch has the body of r come. done gives back what is kept of it. Not ok: the body will not come, and the client has its answer.
func (v *service) fetch(c *connection, r *http.Request) (done func(), ok bool) {
	if r.Body == http.NoBody || r.ContentLength == 0 || r.ContentLength > maxFetched || !c.multiplexed.Load() && c.whole() {
		return func() {}, true
	}
	f := &fetched{set: v.set, rest: r.Body}
	if err := f.fill(r.ContentLength); err != nil {
		f.release()
		return func() {}, c.brokenBody(err)
	}
	r.Body = f
	return f.release, true
}

// brokenBody answers a body that is not what it should be. A client that has gone, or is too slow, is left.
func (c *connection) brokenBody(err error) bool {
	var timeout net.Error
	if c.multiplexed.Load() || errors.As(err, &timeout) {
		panic(http.ErrAbortHandler)
	}
	c.mu.Lock()
	at, _ := c.guard.Refused()
	c.mu.Unlock()
	if at != c.served && errors.Is(err, io.ErrUnexpectedEOF) {
		panic(http.ErrAbortHandler)
	}
	c.refuse(true)
	return false
}

// fetched is a body, or the beginning of one.
type fetched struct {
	set     *connections
	kept    int64
	content []byte
	reader  bytes.Reader
	rest    io.ReadCloser
	whole   bool
}

// fill reads until the end, or until no more may be kept.
func (f *fetched) fill(length int64) error {
	for !f.whole {
		if len(f.content) == cap(f.content) && !f.grow(length) {
			break
		}
		n, err := f.rest.Read(f.content[len(f.content):cap(f.content)])
		f.content = f.content[:len(f.content)+n]
		if errors.Is(err, io.EOF) {
			f.whole = true
		} else if err != nil {
			return err
		}
	}
	f.reader.Reset(f.content)
	return nil
}

// grow makes room for more. False: there is none to be had.
func (f *fetched) grow(length int64) bool {
	size := max(2*cap(f.content), firstFetch)
	if length >= 0 {
		size = min(size, int(length)+1) // the last byte is for the end
	}
	size = min(size, maxFetched)
	more := int64(size - cap(f.content))
	if more <= 0 || f.set.fetched.Add(more) > maxAllFetch {
		f.set.fetched.Add(-max(more, 0))
		return false
	}
	f.kept += more
	f.content = append(make([]byte, 0, size), f.content...)
	return true
}

func (f *fetched) release() { f.set.fetched.Add(-f.kept) }

// Read implements io.Reader.
func (f *fetched) Read(p []byte) (int, error) {
	if f.reader.Len() > 0 {
		return f.reader.Read(p)
	}
	if f.whole {
		return 0, io.EOF
	}
	return f.rest.Read(p)
}

// Close implements io.Closer.
func (f *fetched) Close() error { return f.rest.Close() }
