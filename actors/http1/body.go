package http1

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// body is that of a request, as it comes.
type body struct {
	x *Exchange

	mu      sync.Mutex // guards the rest
	chunked bool
	begun   bool  // the first chunk is behind
	left    int64 // bytes of the body, or of the chunk
	excess  int64 // see chunkSize
	asked   bool  // the client has been told to send it
	closed  bool
	err     error       // how it ended
	whole   atomic.Bool // it ended well
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case b.err != nil:
		return 0, b.err
	case len(p) == 0:
		return 0, nil
	}
	if b.x.expecting && !b.asked {
		b.asked = true
		if err := b.x.goOn(); err != nil {
			b.err = err
			return 0, err
		}
	}
	return b.read(p)
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

// read takes the next bytes. b.mu is held.
func (b *body) read(p []byte) (n int, err error) {
	if b.chunked && b.left == 0 {
		err = b.nextChunk()
	}
	if err == nil {
		n, err = b.x.conn.readBody(p[:min(int64(len(p)), b.left)])
		if b.left -= int64(n); b.left == 0 && err == nil && !b.chunked {
			err = io.EOF
		}
	}
	if err != nil {
		b.err = err
		b.whole.Store(err == io.EOF)
	}
	return n, err
}

// readBody reads at least one byte.
func (c *Conn) readBody(p []byte) (int, error) {
	if c.r == c.w && len(p) >= inSize {
		n, err := c.peer.Read(p, SomeOfBody)
		if n == 0 {
			return 0, unexpected(err)
		}
		return n, nil
	}
	for c.r == c.w {
		if err := c.fill(SomeOfBody); err != nil {
			return 0, unexpected(err)
		}
	}
	n := copy(p, c.room.in[c.r:c.w])
	c.r += n
	return n, nil
}

// unexpected: a body has an end of its own.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

const (
	// maxChunkLine bounds the line with the size of a chunk and its extensions, which nobody wants.
	maxChunkLine = 1024
	// maxDigits of a chunk's size: more do not fit.
	maxDigits = 15
	// maxTrailers bounds what may stand behind the last chunk.
	maxTrailers = 4 << 10
	// maxExcess bounds what a client sends around its chunks, beyond 16 bytes for each and twice their size.
	maxExcess = 16 << 10
)

// nextChunk reads what stands before the next bytes of a chunk, io.EOF behind the last one.
func (b *body) nextChunk() error {
	if b.begun {
		end, err := b.line(2)
		if err != nil {
			return err
		} else if len(end) > 0 {
			return malformed("a chunk that does not end where it says")
		}
	}
	b.begun = true
	line, err := b.line(maxChunkLine)
	if err != nil {
		return err
	}
	if refusal := b.chunkSize(line); refusal != nil {
		return refusal
	} else if b.left > 0 {
		return nil
	}
	return b.skipTrailers()
}

// chunkSize reads a size, and with it an extension.
func (b *body) chunkSize(line []byte) *Refusal {
	size, extension, _ := bytes.Cut(line, []byte(";"))
	if len(size) == 0 || len(size) > maxDigits || !all(size, hexa) {
		return malformed("a bad size of a chunk")
	} else if !isText(extension) {
		return malformed("a control character in the extension of a chunk")
	}
	for _, c := range size {
		b.left = b.left<<4 | int64(digit(c))
	}
	b.excess = max(0, b.excess+int64(len(line))+4-16-2*b.left)
	if b.excess > maxExcess {
		return malformed("more around the chunks than in them")
	}
	return nil
}

func digit(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// skipTrailers reads to the end of the request. They are checked, and left out.
func (b *body) skipTrailers() error {
	for size, count := 0, 0; ; count++ {
		line, err := b.line(maxTrailers - size)
		if err != nil {
			return err
		} else if len(line) == 0 {
			return io.EOF
		}
		if size += len(line) + 2; count >= b.x.fields {
			return malformed("too many trailers")
		}
		if _, _, refusal := splitHeader(line, 0, len(line)); refusal != nil {
			return refusal
		}
	}
}

// line reads one of at most limit bytes, without its end, which must be both of its bytes. It is valid until the next read.
func (b *body) line(limit int) ([]byte, error) {
	c := b.x.conn
	for scanned := 0; ; {
		p := c.room.in[c.r:c.w]
		if i := bytes.IndexByte(p[scanned:], '\n'); i >= 0 {
			i += scanned
			if i >= limit {
				return nil, malformed("a line of a chunked body that is too long")
			} else if i == 0 || p[i-1] != '\r' {
				return nil, malformed("a line feed without its carriage return in a chunked body")
			}
			c.r += i + 1
			return p[:i-1], nil
		}
		if scanned = len(p); scanned >= limit {
			return nil, malformed("a line of a chunked body that is too long")
		}
		if err := c.fill(SomeOfBody); err != nil {
			return nil, unexpected(err)
		}
	}
}

// maxDrained is how much of a body that nobody has read is read to keep the connection, as in net/http.
const maxDrained = 256 << 10

// drain reads the rest of the body. False: it is too much, or will not come.
func (b *body) drain() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil || b.x.expecting && !b.asked || !b.chunked && b.left > maxDrained {
		return b.err == io.EOF
	}
	scratch := b.x.conn.room.text[:cap(b.x.conn.room.text)]
	for drained := 0; drained <= maxDrained && b.err == nil; {
		n, _ := b.read(scratch)
		drained += n
	}
	return b.err == io.EOF
}

// end: nobody gets any more of it. It returns why it ended, nil for well or not yet.
func (b *body) end() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.err == io.EOF {
		return nil
	}
	return b.err
}
