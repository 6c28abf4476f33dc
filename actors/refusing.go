package actors

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/actors/guard"
)

// A request that the guard refuses meets its end in one of three places: in Read, when net/http wants more of its head; in
// Write, when net/http has found something wrong with it, too, and says so in its own words; or in the handler, when net/http
// has nothing against it. Whichever comes first writes the answer. Then nothing is written any more.

// refuse writes the answer, if the request that is refused is the one that is to be answered next, or the one being served.
func (c *connection) refuse(serving bool) {
	c.mu.Lock()
	at, refusal := c.guard.Refused()
	next := at == c.served+1 && c.between || at == c.served && serving
	c.mu.Unlock()
	if refusal == nil && serving {
		// net/http sees another request than the guard: neither is believed.
		refusal, next = &guard.Refusal{Status: http.StatusBadRequest, Text: "ambiguous"}, true
	}
	if next && !c.refused.Swap(true) {
		_, _ = c.Conn.Write(lastAnswer(refusal)) // where the client has gone there is nobody to tell
	}
}

// lastAnswer is a refusal as an HTTP response.
func lastAnswer(r *guard.Refusal) []byte {
	reason, body := r.Reason, ""
	if reason == "" {
		reason = http.StatusText(r.Status)
		if !r.Head {
			body = fmt.Sprintf("%d %s: %s", r.Status, reason, r.Text)
		}
	}
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		r.Status, reason, len(body), body)
}

// Write implements net.Conn. Between two requests net/http writes only when it does not like the next one; where the guard does
// not either, the guard's answer is written. A client that is too slow gets none.
func (c *connection) Write(p []byte) (int, error) {
	c.mu.Lock()
	at, refusal := c.guard.Refused()
	instead := refusal != nil && c.between && at == c.served+1
	late := c.late && c.between
	c.mu.Unlock()
	if instead {
		c.refuse(false)
	}
	if late || c.refused.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// lingerOnRefusal is how long a client that was refused may take to read why. Would the connection be closed at once while
// something lies there unread, the kernel would tell the client of a broken connection, and its own would throw the answer away.
const lingerOnRefusal = 500 * time.Millisecond

func (c *connection) lingering() {
	if c.CloseWrite() != nil || c.socket.deadline(time.Now().Add(lingerOnRefusal)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, c.socket.Conn) // until it ends, in whatever way
}

// dropUnderscores leaves out headers that WSGI would take for others: who gets X_Auth_Token past a proxy that looks at
// X-Auth-Token may be anybody.
func dropUnderscores(h http.Header) {
	for name := range h {
		if strings.Contains(name, "_") {
			delete(h, name)
		}
	}
}
