package guard

import (
	"bytes"
	"net/http"
)

// state is where in a request the next byte belongs.
type state uint8

const (
	start     state = iota // before the first line
	method                 // of the first line
	target                 //
	version                //
	field                  // at the beginning of a header line, or of the empty one
	name                   // of a header
	value                  // of one that means nothing to the framing
	meaning                // of one that does
	body                   // of a known length; this one and those behind it are no part of a head
	size                   // of a chunk
	extension              // behind the size
	chunk                  //
	chunkEnd               // the end of line behind a chunk
)

// steps take the next bytes in a state, and return how many. They have at least one.
var steps = [...]func(*Guard, []byte) int{
	start: (*Guard).start, method: (*Guard).inMethod, target: (*Guard).inTarget, version: (*Guard).inVersion,
	field: (*Guard).atField, name: (*Guard).inName, value: (*Guard).inValue, meaning: (*Guard).inMeaning,
	body: (*Guard).inBodyOfLength, size: (*Guard).inSize, extension: (*Guard).inExtension, chunk: (*Guard).inChunk,
	chunkEnd: (*Guard).atChunkEnd,
}

// special is a header that means something to the framing.
type special uint8

const (
	plain special = iota
	contentLength
	transferEncoding
	expect
	host
)

// The kinds of bytes.
const (
	token = 1 << iota // of methods and of names
	text              // of values
	uri               // of targets
	hexa              // digits
)

var kinds = func() (k [256]uint8) {
	for c := range 256 {
		if c == '\t' || c >= ' ' && c != 0x7f {
			k[c] |= text
		}
		if c > ' ' && c != 0x7f {
			k[c] |= uri
		}
	}
	for _, c := range "!#$%&'*+-.^`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		k[c] |= token // and the underscore, about which somebody wants to know
	}
	for _, c := range "0123456789abcdefABCDEF" {
		k[c] |= hexa
	}
	return k
}()

// run is how many bytes of that kind p begins with.
func run(p []byte, kind uint8) int {
	for i, c := range p {
		if kinds[c]&kind == 0 {
			return i
		}
	}
	return len(p)
}

// start skips the empty line that old clients send behind the body of a POST, as net/http does. Any other is refused.
func (g *Guard) start(p []byte) int {
	switch p[0] {
	case '\r':
		if g.post && !g.skipped {
			g.cr = true
			return 1
		}
	case '\n':
		if g.post && !g.skipped {
			g.cr, g.skipped = false, true
			return 1
		}
	default:
		g.begin()
		return 0
	}
	return g.malformed("an empty line instead of a request")
}

func (g *Guard) begin() {
	g.state, g.skipped, g.trailer, g.sized, g.coded = method, false, false, false, false
	g.post, g.isHead = false, false
	g.line, g.total, g.fields, g.hosts, g.length, g.special = 0, 0, 0, 0, 0, plain
	g.word.reset()
}

// lineOK counts bytes of the first line.
func (g *Guard) lineOK(n int) bool {
	g.line += n
	if g.line >= g.Limits.RequestLine {
		g.refuse(http.StatusRequestURITooLong, "Request URI Too Long", "")
		return false
	}
	return true
}

func (g *Guard) inMethod(p []byte) int {
	n := 0
	for n < len(p) && (kinds[p[n]]&token != 0 || p[n] == '_') {
		n++
	}
	g.word.add(p[:n])
	if !g.lineOK(n) || n == len(p) {
		return n
	}
	if p[n] != ' ' || g.word.n == 0 {
		return g.malformed("a malformed request line")
	}
	g.method, g.target = g.word.n, 0
	m := string(g.word.text())
	g.post, g.isHead = m == http.MethodPost, m == http.MethodHead
	g.state = target
	g.line++
	return n + 1
}

func (g *Guard) inTarget(p []byte) int {
	n := run(p, uri)
	g.target += n
	if !g.lineOK(n) || n == len(p) {
		return n
	}
	if p[n] != ' ' || g.target == 0 {
		return g.malformed("a malformed request line")
	}
	g.state = version
	g.word.reset()
	g.line++
	return n + 1
}

func (g *Guard) inVersion(p []byte) int {
	n := run(p, uri)
	g.word.add(p[:n])
	if !g.lineOK(n) || n == len(p) {
		return n
	}
	switch p[n] {
	case '\r':
		g.cr = true
	case '\n':
		g.cr = false
		g.endFirstLine()
	default:
		return g.malformed("a malformed request line")
	}
	if g.reason == nil {
		g.lineOK(1)
		if g.state == field {
			g.line = 0
		}
	}
	return n + 1
}

func (g *Guard) endFirstLine() {
	v := g.word.text()
	digit := func(i int) bool { return '0' <= v[i] && v[i] <= '9' }
	if len(v) != len("HTTP/1.1") || !bytes.HasPrefix(v, []byte("HTTP/")) || v[6] != '.' || !digit(5) || !digit(7) {
		g.malformed("a malformed HTTP version")
		return
	}
	if v[5] != '1' {
		g.refuse(http.StatusHTTPVersionNotSupported, "", "this server speaks HTTP/1.1")
		return
	}
	g.old = v[7] == '0'
	g.state = field
}

// headerOK counts bytes of headers.
func (g *Guard) headerOK(n int) bool {
	g.line += n
	g.total += n
	switch {
	case g.line >= g.Limits.HeaderLine:
		g.refuse(http.StatusBadRequest, "Header Line Too Long", "")
	case g.total > g.Limits.Headers:
		g.refuse(http.StatusBadRequest, "Headers Too Large", "")
	default:
		return true
	}
	return false
}

func (g *Guard) atField(p []byte) int {
	switch c := p[0]; {
	case c == '\r':
		g.cr = true
		g.headerOK(1)
		return 1
	case c == '\n':
		if g.headerOK(1) && g.endLine() {
			g.endHead()
		}
		return 1
	case c == ' ' || c == '\t':
		return g.malformed("a folded header")
	}
	if g.fields++; g.fields > g.Limits.Fields {
		g.refuse(http.StatusBadRequest, "Too Many Headers", "")
		return 0
	}
	g.state = name
	g.word.reset()
	return 0
}

// endLine: the lines behind chunks want both bytes of their ends.
func (g *Guard) endLine() bool {
	if g.trailer && !g.cr {
		g.malformed("a malformed trailer")
		return false
	}
	g.cr, g.line = false, 0
	return true
}

func (g *Guard) inName(p []byte) int {
	n := 0
	for n < len(p) {
		if kinds[p[n]]&token != 0 {
			n++
		} else if p[n] == '_' {
			g.underscores = true
			n++
		} else {
			break
		}
	}
	g.word.add(p[:n])
	if !g.headerOK(n) || n == len(p) {
		return n
	}
	if p[n] != ':' || g.word.n == 0 {
		return g.malformed("a malformed header")
	}
	g.state = value
	if g.special = g.specialName(); g.special != plain {
		g.state = meaning
	}
	g.word.reset()
	g.headerOK(1)
	return n + 1
}

func (g *Guard) specialName() special {
	w := &g.word
	switch {
	case g.trailer:
	case w.is("host"):
		return host
	case w.is("expect"):
		return expect
	case w.is("content-length"):
		return contentLength
	case w.is("transfer-encoding"):
		return transferEncoding
	}
	return plain
}

func (g *Guard) inValue(p []byte) int {
	n := run(p, text)
	if !g.headerOK(n) || n == len(p) {
		return n
	}
	return n + g.endValue(p[n])
}

// endValue takes the byte behind a value.
func (g *Guard) endValue(c byte) int {
	switch c {
	case '\r':
		g.cr = true
		g.headerOK(1)
	case '\n':
		if g.headerOK(1) && g.endLine() {
			g.state = field
		}
	default:
		g.malformed("a control character in a header")
	}
	return 1
}

func (g *Guard) inMeaning(p []byte) int {
	n := run(p, text)
	from := 0
	if g.word.n == 0 {
		for from < n && (p[from] == ' ' || p[from] == '\t') {
			from++
		}
	}
	g.word.add(p[from:n])
	if !g.headerOK(n) || n == len(p) {
		return n
	}
	if p[n] == '\n' {
		if g.understand(); g.reason != nil {
			return n
		}
	}
	return n + g.endValue(p[n])
}

// endHead decides how the request goes on.
func (g *Guard) endHead() {
	switch {
	case g.trailer:
		g.done()
		return
	case g.coded && g.sized:
		g.malformed("chunked, and with a Content-Length")
		return
	case g.coded && g.old:
		g.malformed("chunked, in HTTP/1.0")
		return
	}
	length := g.length
	if g.coded {
		length = -1
	}
	g.heads++
	g.sum = g.sum.Add(g.method, g.target, length)
	switch {
	case g.coded:
		g.beginChunk()
	case length > 0:
		g.state, g.left = body, length
	default:
		g.done()
	}
}

// done: everything of a request has been seen.
func (g *Guard) done() {
	g.bodies++
	g.state, g.trailer, g.line = start, false, 0
}
