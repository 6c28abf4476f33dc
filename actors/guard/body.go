package guard

// maxChunkLine bounds the line with the size of a chunk and its extensions, which net/http reads and forgets.
const maxChunkLine = 1024

// maxDigits of a chunk's size: more do not fit.
const maxDigits = 15

func (g *Guard) inBodyOfLength(p []byte) int {
	n := int(min(int64(len(p)), g.left))
	if g.left -= int64(n); g.left == 0 {
		g.done()
	}
	return n
}

func (g *Guard) beginChunk() { g.state, g.left, g.digits, g.line = size, 0, 0, 0 }

func (g *Guard) inSize(p []byte) int {
	n := run(p, hexa)
	if g.digits += n; g.digits > maxDigits {
		return g.malformed("the size of a chunk is too large")
	}
	for _, c := range p[:n] {
		g.left = g.left<<4 | int64(digit(c))
	}
	if n == len(p) {
		return n
	}
	if g.digits == 0 {
		return g.malformed("a bad size of a chunk")
	}
	switch p[n] {
	case ';':
		g.state, g.line = extension, 0
	case '\r':
		g.cr = true
	case '\n':
		g.endSize()
	default:
		return g.malformed("a bad size of a chunk")
	}
	return n + 1
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

func (g *Guard) inExtension(p []byte) int {
	n := run(p, text)
	if g.line += n; g.line > maxChunkLine {
		return g.malformed("the extension of a chunk is too long")
	}
	if n == len(p) {
		return n
	}
	switch p[n] {
	case '\r':
		g.cr = true
	case '\n':
		g.endSize()
	default:
		return g.malformed("a control character in the extension of a chunk")
	}
	return n + 1
}

func (g *Guard) endSize() {
	if !g.cr {
		g.malformed("a line feed without its carriage return in a chunked body")
		return
	}
	g.cr = false
	if g.left == 0 {
		g.state, g.trailer, g.line = field, true, 0
		return
	}
	g.state = chunk
}

func (g *Guard) inChunk(p []byte) int {
	n := int(min(int64(len(p)), g.left))
	if g.left -= int64(n); g.left == 0 {
		g.state = chunkEnd
	}
	return n
}

func (g *Guard) atChunkEnd(p []byte) int {
	switch {
	case p[0] == '\r':
		g.cr = true
	case p[0] == '\n' && g.cr:
		g.cr = false
		g.beginChunk()
	default:
		return g.malformed("a chunk that does not end where it says")
	}
	return 1
}
