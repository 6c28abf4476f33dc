package guard

import "net/http"

// understand takes the value of a header that means something to the framing.
func (g *Guard) understand() {
	for g.word.n > 0 && g.word.n <= len(g.word.bytes) {
		if c := g.word.bytes[g.word.n-1]; c != ' ' && c != '\t' {
			break
		}
		g.word.n--
	}
	switch g.special {
	case host:
		if g.hosts++; g.hosts > 1 {
			g.malformed("more than one Host")
		}
	case contentLength:
		g.understandLength()
	case transferEncoding:
		g.understandCoding()
	case expect:
		if !g.word.is("100-continue") {
			g.refuse(http.StatusExpectationFailed, "", "nothing but 100-continue may be expected")
		}
	}
}

// maxLength is the most digits of a Content-Length: more do not fit, or are leading zeros that nobody means.
const maxLength = 18

// understandLength takes digits and nothing else. Two of them are refused even where they are equal: Neutron's server saw
// them as one with a comma in it.
func (g *Guard) understandLength() {
	digits := g.word.text()
	if g.sized || len(digits) == 0 || len(digits) > maxLength {
		g.malformed("a bad Content-Length")
		return
	}
	g.length = 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			g.malformed("a bad Content-Length")
			return
		}
		g.length = g.length*10 + int64(c-'0')
	}
	g.sized = true
}

// understandCoding takes chunked, once.
func (g *Guard) understandCoding() {
	switch {
	case g.coded:
		g.malformed("more than one Transfer-Encoding")
	case !g.word.is("chunked"):
		g.refuse(http.StatusNotImplemented, "", "a transfer encoding that is not built")
	default:
		g.coded = true
	}
}
