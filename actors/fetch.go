package actors

import (
	"bytes"
	"errors"
	"io"

	"github.com/seed-a8f20362/hadron/actors/http1"
)

// A body that has not come yet is waited for before a handler is taken, so that slow clients do not hold handlers. What is kept
// meanwhile is bounded: a body in all, and those of all clients of a worker together. What is beyond is read by its handler, as
// it comes.
const (
	maxFetched  = 16<<20 + 1 // one byte more than the API accepts: it sees for itself that a body is too large
	maxAllFetch = 64 << 20
	firstFetch  = 4 << 10 // and doubled each time it is full
)

// fetched is a body, or the beginning of one.
type fetched struct {
	budget  *http1.Budget
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
	if more <= 0 || !f.budget.Take(more) {
		return false
	}
	f.kept += more
	f.content = append(make([]byte, 0, size), f.content...)
	return true
}

func (f *fetched) release() { f.budget.Give(f.kept) }

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
