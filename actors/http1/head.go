package http1

import (
	"bytes"
	"net/http"
)

// span is a part of a head, from its beginning.
type span struct{ from, to int32 }

func (s span) of(p []byte) []byte { return p[s.from:s.to] }
func (s span) in(p string) string { return p[s.from:s.to] }

// field is a header.
type field struct {
	known       string // its name, if that is known
	name, value span
}

// head parses that of one request, as it comes, line by line. What it has found it knows by its place.
type head struct {
	limits *Limits

	scanned int // bytes in which the end of a line has been looked for
	line    int // where the line begins that is not whole yet
	headers int // where the headers begin; 0 while the first line is not whole

	method, target, version span
	minor                   byte
	fields                  []field // but those with underscores
	count                   int     // with those
	hosts                   int
	host                    span
	length                  int64 // Content-Length, if there is one
	sized                   bool
	chunked                 bool // there is a Transfer-Encoding
	expects                 bool
	closes, keeps           bool // what the Connection headers have in them
	connections             int
	asksToKeep              bool // the one Connection header is keep-alive
	trailers, pragma        bool
}

// begin makes ready for the next one.
func (h *head) begin(l *Limits) { *h = head{limits: l, fields: h.fields[:0]} }

// parse looks at what there is, which begins with what was there the last time.
func (h *head) parse(p []byte) (whole bool, refusal *Refusal) {
	for {
		i := bytes.IndexByte(p[h.scanned:], '\n')
		if i < 0 {
			h.scanned = len(p)
			return false, h.partial(p[h.line:])
		}
		from, next := h.line, h.scanned+i+1
		end := next - 1
		if end > from && p[end-1] == '\r' {
			end--
		}
		if refusal := h.tooMuch(next - from); refusal != nil {
			return false, refusal
		}
		h.scanned, h.line = next, next
		switch {
		case h.headers == 0:
			h.headers = next
			refusal = h.firstLine(p, from, end)
		case end > from:
			refusal = h.headerLine(p, from, end)
		default:
			return true, h.consistent(p)
		}
		if refusal != nil {
			return false, refusal
		}
	}
}

// size is that of the whole head.
func (h *head) size() int { return h.line }

// partial looks at a line that is not whole. What does not begin as a request does is not waited for: it may be another protocol.
func (h *head) partial(line []byte) *Refusal {
	if h.headers == 0 && len(line) > 0 && kinds[line[0]]&token == 0 {
		return malformed("a malformed request line")
	}
	return h.tooMuch(len(line))
}

// tooMuch says what is wrong with a line of so many bytes, be it whole or not. Of two limits the one that is reached first counts.
func (h *head) tooMuch(n int) *Refusal {
	l := h.limits
	if h.headers == 0 {
		if n >= l.RequestLine {
			return &Refusal{Status: http.StatusRequestURITooLong, Reason: "Request URI Too Long"}
		}
		return nil
	}
	before := h.line - h.headers
	switch {
	case n >= l.HeaderLine && before+l.HeaderLine <= l.Headers:
		return h.refuse(http.StatusBadRequest, "Header Line Too Long", "")
	case before+n > l.Headers:
		return h.refuse(http.StatusBadRequest, "Headers Too Large", "")
	}
	return nil
}

func (h *head) refuse(status int, reason, text string) *Refusal {
	return &Refusal{Status: status, Reason: reason, Text: text}
}

// upTo is how many bytes of that kind there are from there on.
func upTo(p []byte, kind uint8) int {
	for i, c := range p {
		if kinds[c]&kind == 0 {
			return i
		}
	}
	return len(p)
}

func (h *head) firstLine(p []byte, from, to int) *Refusal {
	n := upTo(p[from:to], token)
	h.method = span{int32(from), int32(from + n)}
	if from += n; n == 0 && from == to {
		return malformed("an empty line instead of a request")
	} else if n == 0 || from == to || p[from] != ' ' {
		return malformed("a malformed request line")
	}
	from++
	n = upTo(p[from:to], uri)
	h.target = span{int32(from), int32(from + n)}
	if from += n; n == 0 || from == to || p[from] != ' ' {
		return malformed("a malformed request line")
	}
	h.version = span{int32(from + 1), int32(to)}
	v := h.version.of(p)
	digit := func(i int) bool { return '0' <= v[i] && v[i] <= '9' }
	switch {
	case len(v) != len("HTTP/1.1") || string(v[:5]) != "HTTP/" || v[6] != '.' || !digit(5) || !digit(7):
		return malformed("a malformed HTTP version")
	case v[5] != '1':
		return &Refusal{Status: http.StatusHTTPVersionNotSupported, Text: "this server speaks HTTP/1.1"}
	}
	h.minor = v[7] - '0'
	return nil
}

// splitHeader finds the parts of a header line.
func splitHeader(p []byte, from, to int) (f field, underscore bool, refusal *Refusal) {
	at, seen := from, uint8(0)
	for ; at < to; at++ {
		k := kinds[p[at]]
		if k&token == 0 {
			break
		}
		seen |= k
	}
	switch {
	case at == from && (p[at] == ' ' || p[at] == '\t'):
		return f, false, malformed("a folded header")
	case at == from || at == to || p[at] != ':':
		return f, false, malformed("a malformed header")
	}
	f.name = span{int32(from), int32(at)}
	at++
	if !isText(p[at:to]) {
		return f, false, malformed("a control character in a header")
	}
	for at < to && (p[at] == ' ' || p[at] == '\t') {
		at++
	}
	for to > at && (p[to-1] == ' ' || p[to-1] == '\t') {
		to--
	}
	f.value = span{int32(at), int32(to)}
	return f, seen&under != 0, nil
}

func (h *head) headerLine(p []byte, from, to int) *Refusal {
	if h.count++; h.count > h.limits.Fields {
		return h.refuse(http.StatusBadRequest, "Too Many Headers", "")
	}
	f, underscore, refusal := splitHeader(p, from, to)
	if refusal != nil || underscore {
		return refusal
	}
	k := nameOf(f.name.of(p))
	f.known = k.name
	h.fields = append(h.fields, f)
	if k.special == ordinary {
		return nil
	}
	return h.understand(k.special, f.value, f.value.of(p))
}

// understand takes a header that means something.
func (h *head) understand(s special, at span, value []byte) *Refusal {
	switch s {
	case host:
		h.host = at
		if h.hosts++; h.hosts > 1 {
			return malformed("more than one Host")
		} else if !all(value, ofHost) {
			return malformed("a bad Host")
		}
	case contentLength:
		return h.understandLength(value)
	case transferEncoding:
		if h.chunked {
			return malformed("more than one Transfer-Encoding")
		} else if !foldsTo(value, "chunked") {
			return h.refuse(http.StatusNotImplemented, "", "a transfer encoding that is not built")
		}
		h.chunked = true
	case expect:
		if h.expects || !foldsTo(value, "100-continue") {
			return h.refuse(http.StatusExpectationFailed, "", "nothing but 100-continue may be expected")
		}
		h.expects = true
	case connection:
		h.connections++
		h.asksToKeep = h.connections == 1 && foldsTo(value, "keep-alive")
		h.closes = h.closes || hasToken(value, "close")
		h.keeps = h.keeps || hasToken(value, "keep-alive")
	case trailer:
		h.trailers = true
	case pragma:
		h.pragma = true
	}
	return nil
}

// maxLength is the most digits of a Content-Length: more do not fit, or are leading zeros that nobody means.
const maxLength = 18

// understandLength takes digits and nothing else. Two of them are refused even where they are equal: Neutron's server saw them as
// one with a comma in it.
func (h *head) understandLength(digits []byte) *Refusal {
	if h.sized || len(digits) == 0 || len(digits) > maxLength {
		return malformed("a bad Content-Length")
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return malformed("a bad Content-Length")
		}
		h.length = h.length*10 + int64(c-'0')
	}
	h.sized = true
	return nil
}

// consistent looks at the head as a whole.
func (h *head) consistent(p []byte) *Refusal {
	switch {
	case h.chunked && h.sized:
		return malformed("chunked, and with a Content-Length")
	case h.chunked && h.minor == 0:
		return malformed("chunked, in HTTP/1.0")
	case h.minor > 0 && h.hosts == 0 && string(h.method.of(p)) != http.MethodConnect:
		return malformed("no Host")
	}
	return nil
}

// foldsTo compares without regard to case; to is in lower case.
func foldsTo[S []byte | string](p S, to string) bool {
	if len(p) != len(to) {
		return false
	}
	for i := range len(p) {
		c := p[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != to[i] {
			return false
		}
	}
	return true
}

// hasToken reports whether one of the elements between commas is that token, in whatever case.
func hasToken[S []byte | string](p S, want string) bool {
	if len(p) < len(want) {
		return false
	}
	from := 0
	for i := range len(p) + 1 {
		if i < len(p) && p[i] != ',' {
			continue
		}
		a, b := from, i
		for a < b && (p[a] == ' ' || p[a] == '\t') {
			a++
		}
		for b > a && (p[b-1] == ' ' || p[b-1] == '\t') {
			b--
		}
		if foldsTo(p[a:b], want) {
			return true
		}
		from = i + 1
	}
	return false
}
