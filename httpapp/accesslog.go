package httpapp

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// accessLog is the line that is written for each answer: wsgi_log_format, compiled. Safe for concurrent use.
type accessLog struct {
	segments []accessSegment
	lines    sync.Pool // of *[]byte
}

// AccessLog takes the lines of the access log at less cost than a record of zerolog's has.
type AccessLog interface {
	// Line logs one, of a request that ended at that time. False: it is not one for this way, and nothing was done.
	Line(at time.Time, rc *neutron.Context, line AccessLine) (taken bool)
}

// AccessLine is a line of the access log that prints itself, into the memory of the log.
type AccessLine interface{ Append(dst []byte) []byte }

// accessField is what a %(name)s of wsgi_log_format prints.
type accessField uint8

const (
	accessText accessField = iota // none: literal text
	clientIP
	clientPort
	dateTime
	requestLine
	statusCode
	bodyLength
	wallSeconds
)

// accessSegment is literal text, or one field with its conversion.
type accessSegment struct {
	field   accessField
	verb    byte   // s, d or f
	literal string // of accessText
	width   int
	prec    int // -1 when there is none
	flags   accessFlags
}

type accessFlags struct{ left, zeros, plus, blank bool }

// answered is a request and its answer, as the line shows them.
type answered struct {
	request *http.Request
	status  int
	length  int64
	at      time.Time
	took    time.Duration
}

// write logs an answer.
func (a *accessLog) write(e *zerolog.Event, r *answered) {
	b, _ := a.lines.Get().(*[]byte)
	line := a.append((*b)[:0], r)
	*b = appendQuoted(line, line)
	e.RawJSON(zerolog.MessageFieldName, (*b)[len(line):]).Send()
	if cap(*b) <= maxAccessLine {
		a.lines.Put(b)
	}
}

// appendQuoted prints text as a JSON string. zerolog would do so as well, but by the byte as soon as there is a quote, and every
// request line stands in quotes.
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[from:i]...)
		if from = i + 1; c < ' ' { // of a format with a line break or a tab
			dst = append(dst, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
		} else {
			dst = append(dst, '\\', c)
		}
	}
	return append(append(dst, text[from:]...), '"')
}

// maxAccessLine is the size of a line beyond which its memory is left to the collector.
const maxAccessLine = 16 << 10

func (a *accessLog) append(dst []byte, r *answered) []byte {
	for i := range a.segments {
		s := &a.segments[i]
		if s.field == accessText {
			dst = append(dst, s.literal...)
			continue
		}
		from := len(dst)
		dst = s.append(dst, r)
		if s.width > 0 || s.prec >= 0 && s.verb == 's' {
			dst = s.fit(dst, from)
		}
	}
	return dst
}

func (s *accessSegment) append(dst []byte, r *answered) []byte {
	switch s.field {
	case clientIP:
		return appendClient(dst, r.request)
	case clientPort:
		_, port := peer(r.request)
		return appendSafe(dst, port, maxClient)
	case dateTime:
		return r.at.AppendFormat(dst, "02/Jan/2006 15:04:05")
	case requestLine:
		return appendRequestLine(dst, r.request)
	case statusCode:
		return s.appendInt(dst, int64(r.status))
	case bodyLength:
		return s.appendInt(dst, r.length)
	}
	return s.appendSeconds(dst, r.took)
}

// fit cuts and pads what was printed from dst[from] on.
func (s *accessSegment) fit(dst []byte, from int) []byte {
	runes := utf8.RuneCount(dst[from:])
	for ; s.verb == 's' && s.prec >= 0 && runes > s.prec; runes-- {
		_, size := utf8.DecodeLastRune(dst)
		dst = dst[:len(dst)-size]
	}
	missing := s.width - runes
	if missing <= 0 {
		return dst
	}
	end, pad := len(dst), byte(' ')
	if s.flags.zeros && !s.flags.left && s.verb != 's' {
		pad = '0'
		if from < end && (dst[from] == '+' || dst[from] == ' ') {
			from++ // the sign stays in front
		}
	}
	for range missing {
		dst = append(dst, pad)
	}
	if !s.flags.left {
		copy(dst[from+missing:], dst[from:end])
		for i := range missing {
			dst[from+i] = pad
		}
	}
	return dst
}

// peer is the other end of the connection; a Unix socket has neither address nor port.
func peer(r *http.Request) (ip, port string) {
	addr := r.RemoteAddr
	if i := strings.IndexByte(addr, ':'); i > 0 && strings.IndexByte(addr[i+1:], ':') < 0 {
		return addr[:i], addr[i+1:]
	}
	ip, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr, "-"
	}
	return ip, port
}

// appendClient prints what X-Forwarded-For says, without its blanks, and behind a comma the peer. A client can write into that
// header what it likes: the peer is the address behind the last comma.
func appendClient(dst []byte, r *http.Request) []byte {
	if forwarded := r.Header["X-Forwarded-For"]; len(forwarded) > 0 && forwarded[0] != "" {
		from := len(dst)
		dst = appendSafe(dst, forwarded[0], maxClient)
		dst = withoutBlanks(dst, from)
		if len(dst) > from {
			dst = append(dst, ',')
		}
	}
	ip, _ := peer(r)
	return appendSafe(dst, ip, maxClient)
}

func withoutBlanks(dst []byte, from int) []byte {
	to := from
	for _, c := range dst[from:] {
		if c != ' ' {
			dst[to] = c
			to++
		}
	}
	return dst[:to]
}

// What a client may put into a line, in bytes. eventlet refused longer request lines.
const (
	maxClient      = 512
	maxRequestLine = 8 << 10
)

func appendRequestLine(dst []byte, r *http.Request) []byte {
	dst = append(appendSafe(dst, r.Method, maxClient), ' ')
	dst = append(appendSafe(dst, r.RequestURI, maxRequestLine), ' ')
	return append(dst, r.Proto...)
}

// appendSafe prints what a client has sent. Whatever could end a line, close the quotes around a field, or move a terminal's
// cursor is written as \xNN, and what is too long is cut.
func appendSafe(dst []byte, text string, limit int) []byte {
	cut := len(text) > limit
	if cut {
		text = text[:limit]
	}
	from := 0
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			const hex = "0123456789abcdef"
			dst = append(append(dst, text[from:i]...), '\\', 'x', hex[c>>4], hex[c&15])
			from = i + 1
		}
	}
	dst = append(dst, text[from:]...)
	if cut {
		dst = append(dst, "..."...)
	}
	return dst
}
