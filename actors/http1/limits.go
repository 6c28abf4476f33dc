package http1

import (
	"fmt"
	"net/http"
)

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

// Refusal is why a request is not served. Its body's readers get it as their error.
type Refusal struct {
	Status int
	// Reason is for the status line, where it is not the usual one of Status.
	Reason string
	// Text says more.
	Text string

	head bool // the request is of method HEAD, whose answers have no body
}

// Error says what is wrong.
func (r *Refusal) Error() string {
	if r.Reason != "" {
		return r.Reason
	}
	return r.Text
}

func malformed(text string) *Refusal { return &Refusal{Status: http.StatusBadRequest, Text: text} }

// Answer is the refusal as the last answer of a connection.
func (r *Refusal) Answer() []byte {
	reason, body := r.Reason, ""
	if reason == "" {
		reason = http.StatusText(r.Status)
		if !r.head {
			body = fmt.Sprintf("%d %s: %s", r.Status, reason, r.Text)
		}
	}
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		r.Status, reason, len(body), body)
}
