package http1

import "encoding/binary"

// The kinds of bytes.
const (
	token  = 1 << iota // of methods and of names
	under              // the underscore, which is one of these
	text               // of values
	uri                // of targets
	plain              // of paths that mean what they say: nothing in them is escaped, or would be
	ofHost             // of a Host header
	hexa               // digits
)

// kinds says of which each byte is.
var kinds = func() (k [256]uint8) {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for c := range 256 {
		if c == '\t' || c >= ' ' && c != 0x7f {
			k[c] |= text
		}
		if c > ' ' && c != 0x7f {
			k[c] |= uri
		}
	}
	for kind, bytes := range map[uint8]string{
		token: "!#$%&'*+-.^_`|~" + letters, under: "_", plain: "$&+,/:;=@-_.~" + letters, ofHost: "!$%&'()*+,-.:;=[]_~" + letters,
		hexa: "0123456789abcdefABCDEF",
	} {
		for _, c := range bytes {
			k[c] |= kind
		}
	}
	return k
}()

// all reports whether every byte of p is of that kind.
func all[S []byte | string](p S, kind uint8) bool {
	for i := range len(p) {
		if kinds[p[i]]&kind == 0 {
			return false
		}
	}
	return true
}

// isText is all for values, which are mostly printable ASCII, and long: eight bytes at a time.
func isText(p []byte) bool {
	const each, top = 0x0101010101010101, 0x8080808080808080
	rest := p
	var odd uint64 // has the top bit of a byte that is from 0x80 up, is 0x7f, or is below the blank
	for ; len(rest) >= 8; rest = rest[8:] {
		w := binary.LittleEndian.Uint64(rest)
		odd |= w | (w + each) | ^((w | top) - ' '*each)
	}
	if odd&top != 0 {
		return all(p, text)
	}
	return all(rest, text)
}
