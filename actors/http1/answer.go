package http1

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// line is a header of an answer, with all of its values.
type line struct {
	name   string
	values []string
}

// snapshot takes down what the headers are, in the order in which they are written.
func snapshot(dst []line, header http.Header) []line {
	for name, values := range header {
		at := len(dst)
		dst = append(dst, line{})
		for at > 0 && dst[at-1].name > name {
			dst[at] = dst[at-1]
			at--
		}
		dst[at] = line{name, values}
	}
	return dst
}

// announced is the Content-Length among the headers, -1 when there is none. One that is no number is not sent.
func announced(lines []line) int64 {
	for i := range lines {
		if l := &lines[i]; l.name == "Content-Length" && len(l.values) > 0 {
			n, err := strconv.ParseInt(l.values[0], 10, 64)
			if err == nil && n >= 0 {
				return n
			}
			l.values = nil
		}
	}
	return -1
}

// hasBody reports whether an answer of that status may have one.
func hasBody(status int) bool {
	return status >= http.StatusOK && status != http.StatusNoContent && status != http.StatusNotModified
}

// smallAnswer is the size of a body up to which its length is said although the handler has not.
const smallAnswer = 2 << 10

// writeOut writes the head, if it has not been written, and what there is of the body. done: that is all of it.
func (x *Exchange) writeOut(done bool) error {
	head := x.conn.room.text[:0]
	if !x.committed {
		head = x.commit(head, done)
	}
	if x.isHead {
		x.keep.content = x.keep.content[:headroom]
	}
	body := len(x.keep.content) - headroom
	if x.chunked && body > 0 {
		head = append(strconv.AppendInt(head, int64(body), 16), "\r\n"...)
		x.keep.content = append(x.keep.content, "\r\n"...)
	}
	if x.chunked && done {
		x.keep.content = append(x.keep.content, "0\r\n\r\n"...)
	}
	x.conn.room.text = head[:0]
	err := x.send(head)
	x.keep.content = x.keep.content[:headroom]
	return err
}

// send writes the head, and behind it what is kept: in one piece, if the head fits into the room in front of it.
func (x *Exchange) send(head []byte) error {
	from := headroom - len(head)
	if from < 0 {
		x.write(head)
		from = headroom
	} else {
		copy(x.keep.content[from:headroom], head)
	}
	x.write(x.keep.content[from:])
	return x.failed
}

func (x *Exchange) write(p []byte) {
	if len(p) > 0 && x.failed == nil {
		_, x.failed = x.conn.peer.Write(p)
	}
}

// writePiece writes a part of the body behind a head that is written.
func (x *Exchange) writePiece(p []byte) error {
	if x.chunked {
		x.write(append(strconv.AppendInt(nil, int64(len(p)), 16), "\r\n"...))
	}
	x.write(p)
	if x.chunked {
		x.write([]byte("\r\n"))
	}
	return x.failed
}

// plan is what an answer's head says of its own, and which of the handler's headers it leaves out.
type plan struct {
	length      int64 // -1 for none
	contentType string
	hasDate     bool

	noLength, noType, noConnection bool // of the handler's
	connection                     string
}

// commit decides how the answer is sent, and prints its head.
func (x *Exchange) commit(dst []byte, done bool) []byte {
	x.committed = true
	if done && !x.bodyWhole() && !x.last && !x.closes && !x.body.drain() {
		x.last = true
	}
	p := x.plan(done)
	version := "HTTP/1.1 "
	if x.old {
		version = "HTTP/1.0 "
	}
	dst = appendStatus(append(dst, version...), x.status)
	for i := range x.lines {
		dst = p.appendLine(dst, &x.lines[i])
	}
	return x.appendOwn(dst, &p)
}

// plan follows net/http, but for the Connection header.
func (x *Exchange) plan(done bool) (p plan) {
	p.length = -1
	typed, encoded, sized := false, false, x.length >= 0
	for i := range x.lines {
		switch l := &x.lines[i]; l.name {
		case "Content-Type":
			typed = true
		case "Content-Encoding":
			encoded = len(l.values) > 0 && l.values[0] != ""
		case "Date":
			p.hasDate = true
		case "Connection":
			if len(l.values) > 0 && hasToken(l.values[0], "close") {
				x.last = true
			}
		}
	}
	body := x.keep.content[headroom:]
	switch {
	case !hasBody(x.status):
		p.noLength, p.noType = true, x.status == http.StatusNotModified
	case done && !sized && x.written <= smallAnswer && (!x.isHead || x.written > 0):
		p.length, sized = x.written, true
	}
	if hasBody(x.status) && !typed && !encoded && len(body) > 0 {
		p.contentType = http.DetectContentType(body)
	}
	if hasBody(x.status) && !x.isHead && !sized {
		x.chunked = !x.old
		x.last = x.last || !x.chunked
	}
	x.decide(&p, x.isHead || sized || !hasBody(x.status))
	return p
}

// decide says whether the connection is kept. ends: the client sees where the answer does.
func (x *Exchange) decide(p *plan, ends bool) {
	switch {
	case x.old && !(x.keeps10 && ends), x.closes, x.conn.peer.Leaving():
		x.last = true
	}
	if x.expecting {
		x.last = x.last || !x.body.whole.Load()
	}
	own := false // the handler's header says the same
	for i := range x.lines {
		if l := &x.lines[i]; l.name == "Connection" {
			own = !x.last || len(l.values) > 0 && hasToken(l.values[0], "close")
			p.noConnection = !own
		}
	}
	switch {
	case own:
	case x.last:
		p.connection = "close"
	case x.asksToKeep || x.keeps10:
		p.connection = "keep-alive"
	}
}

// appendLine prints a header of the handler's, unless it is left out.
func (p *plan) appendLine(dst []byte, l *line) []byte {
	switch l.name {
	case "Transfer-Encoding", "Trailer": // that is for commit to say, and there are none
		return dst
	case "Content-Length":
		if p.noLength {
			return dst
		}
	case "Content-Type":
		if p.noType {
			return dst
		}
	case "Connection":
		if p.noConnection {
			return dst
		}
	}
	return appendHeader(dst, l)
}

// appendHeader prints all values of one. A name that is none is not printed, and a value cannot end its line.
func appendHeader(dst []byte, l *line) []byte {
	if l.name == "" || !all(l.name, token) {
		return dst
	}
	for _, value := range l.values {
		dst = append(append(dst, l.name...), ": "...)
		if strings.ContainsAny(value, "\r\n") {
			value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
		}
		dst = append(append(dst, strings.Trim(value, " \t")...), "\r\n"...)
	}
	return dst
}

// appendOwn prints what the handler has not said, and the end of the head.
func (x *Exchange) appendOwn(dst []byte, p *plan) []byte {
	if !p.hasDate {
		dst = append(x.conn.config.clock.append(append(dst, "Date: "...), time.Now()), "\r\n"...)
	}
	if p.length >= 0 {
		dst = append(strconv.AppendInt(append(dst, "Content-Length: "...), p.length, 10), "\r\n"...)
	}
	if p.contentType != "" {
		dst = append(append(append(dst, "Content-Type: "...), p.contentType...), "\r\n"...)
	}
	if p.connection != "" {
		dst = append(append(append(dst, "Connection: "...), p.connection...), "\r\n"...)
	}
	if x.chunked {
		dst = append(dst, "Transfer-Encoding: chunked\r\n"...)
	}
	return append(dst, "\r\n"...)
}

func appendStatus(dst []byte, status int) []byte {
	dst = append(strconv.AppendInt(dst, int64(status), 10), ' ')
	if reason := http.StatusText(status); reason != "" {
		dst = append(dst, reason...)
	} else {
		dst = strconv.AppendInt(append(dst, "status code "...), int64(status), 10)
	}
	return append(dst, "\r\n"...)
}

// inform writes an answer before the answer.
func (x *Exchange) inform(status int) {
	if x.old {
		return // which does not know any
	}
	if status == http.StatusContinue && x.expecting {
		x.body.mu.Lock()
		x.body.asked = true
		x.body.mu.Unlock()
	}
	head := appendStatus([]byte("HTTP/1.1 "), status)
	for _, l := range snapshot(nil, x.header) {
		if l.name != "Content-Length" && l.name != "Transfer-Encoding" {
			head = appendHeader(head, &l)
		}
	}
	x.write(append(head, "\r\n"...))
}
