package guard

import "net/http"

// Limits bound a head. All of them are in bytes but Fields. A line's bytes are counted with its end, and a line as long as its
// limit is too long already, as in eventlet.
type Limits struct {
	// RequestLine bounds the first line: 414.
	RequestLine int
	// HeaderLine bounds each header (max_header_line): 400.
	HeaderLine int
	// Headers bounds all of them together, with the empty line behind them: 400.
	Headers int
	// Fields bounds how many there are: 400.
	Fields int
}

// DefaultLimits are those of Neutron's server, but for Fields, which is that of Python's http.client.
func DefaultLimits() Limits {
	return Limits{RequestLine: 8192, HeaderLine: 16384, Headers: 65536, Fields: 100}
}

// Refusal is why a request is not served.
type Refusal struct {
	Status int
	// Reason is for the status line, where it is not the usual one of Status.
	Reason string
	// Text says more.
	Text string
	// Head: the request is of method HEAD, whose answers have no body.
	Head bool
}

// Guard follows the bytes of one connection. The zero value with Limits is ready.
type Guard struct {
	Limits Limits

	heads  int64 // that were seen whole, and are fine
	bodies int64 // of these, that were seen whole
	sum    Sum
	at     int64 // the number of the refused request, from 1
	reason *Refusal

	state state
	cr    bool // the next byte is to be a line feed

	line        int // bytes of the line so far
	total       int // bytes of the headers so far
	fields      int
	underscores bool
	trailer     bool // the headers are those behind a chunked body
	skipped     bool // the empty line that may stand behind the body of a POST was there

	word word // the beginning of what is being read

	method  int // its length
	target  int
	post    bool
	isHead  bool
	old     bool // HTTP/1.0
	hosts   int
	length  int64 // Content-Length, if there is one
	sized   bool
	coded   bool // there is a Transfer-Encoding: chunked
	digits  int  // of the size of a chunk
	left    int64
	special special
}

// Scan takes the next bytes. Behind a refusal it looks at nothing any more.
func (g *Guard) Scan(p []byte) {
	for len(p) > 0 && g.reason == nil {
		if g.cr && p[0] != '\n' {
			g.refuse(http.StatusBadRequest, "", "a carriage return that ends no line")
			return
		}
		p = p[steps[g.state](g, p):]
	}
}

// Idle reports whether the next byte begins a request, of which nothing has been seen yet.
func (g *Guard) Idle() bool { return g.state == start && !g.skipped && !g.cr && g.reason == nil }

// Heads counts the requests whose head has been seen and is fine.
func (g *Guard) Heads() int64 { return g.heads }

// Bodies counts the requests of which everything has been seen.
func (g *Guard) Bodies() int64 { return g.bodies }

// Sum is that of all requests that Heads counts.
func (g *Guard) Sum() Sum { return g.sum }

// Refused returns the number of the first request that is not to be served, counted from 1, and why; 0 while there is none.
func (g *Guard) Refused() (int64, *Refusal) { return g.at, g.reason }

// Underscores reports whether any request so far has had a header with an underscore in its name.
func (g *Guard) Underscores() bool { return g.underscores }

// refuse: nothing is looked at any more.
func (g *Guard) refuse(status int, reason, text string) {
	g.at = g.heads + 1
	if g.inBody() {
		g.at = g.heads
	}
	g.reason = &Refusal{Status: status, Reason: reason, Text: text, Head: g.isHead}
}

func (g *Guard) malformed(text string) int {
	g.refuse(http.StatusBadRequest, "", text)
	return 0
}

func (g *Guard) inBody() bool { return g.trailer || g.state >= body }

// Sum tells sequences of requests apart: who serves them compares his own with the Guard's.
type Sum uint64

// Add returns the sum with one more request: the lengths of its method and its target, and its Content-Length, -1 for a
// chunked body.
func (s Sum) Add(method, target int, length int64) Sum {
	const prime = 1_000_003
	return ((s*prime+Sum(method))*prime+Sum(target))*prime + Sum(length)
}

// word keeps the beginning of something whose end may come with a later read.
type word struct {
	bytes [20]byte
	n     int // how long it is, which may be more than is kept
}

func (w *word) reset() { w.n = 0 }

func (w *word) add(p []byte) {
	if w.n < len(w.bytes) {
		copy(w.bytes[w.n:], p)
	}
	w.n += len(p)
}

// text is nil for a word that is longer than any that means something.
func (w *word) text() []byte {
	if w.n > len(w.bytes) {
		return nil
	}
	return w.bytes[:w.n]
}

// is compares without regard to case; to is in lower case.
func (w *word) is(to string) bool {
	if w.n != len(to) {
		return false
	}
	for i := range w.n {
		c := w.bytes[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != to[i] {
			return false
		}
	}
	return true
}
