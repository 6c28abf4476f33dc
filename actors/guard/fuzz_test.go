package guard

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"
)

// seen is a request as somebody sees it: where it ends, and what is in it.
type seen struct {
	end            int
	method, target string
	length         int64
}

// byGuard are the ends of the requests that the guard sees whole, and the sum behind each head.
func byGuard(p []byte) (ends []int, sums []Sum, refused int64) {
	g := &Guard{Limits: DefaultLimits()}
	for i := range p {
		g.Scan(p[i : i+1])
		for int64(len(sums)) < g.Heads() {
			sums = append(sums, g.Sum())
		}
		for int64(len(ends)) < g.Bodies() {
			ends = append(ends, i+1)
		}
	}
	refused, _ = g.Refused()
	return ends, sums, refused
}

// byNetHTTP reads as net/http's server does: it skips empty lines behind a POST, and reads each body to its end. More: it would wait
// for more.
func byNetHTTP(p []byte) (all []seen, more bool) {
	under := bytes.NewReader(p)
	r := bufio.NewReader(under)
	post := false
	for {
		if post {
			peek, _ := r.Peek(4)
			n := 0
			for n < len(peek) && (peek[n] == '\r' || peek[n] == '\n') {
				n++
			}
			if _, err := r.Discard(n); err != nil {
				return all, true
			}
		}
		request, err := http.ReadRequest(r)
		if err != nil {
			return all, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		}
		length := request.ContentLength
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return all, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		}
		post = request.Method == http.MethodPost
		all = append(all, seen{len(p) - under.Len() - r.Buffered(), request.Method, request.RequestURI, length})
	}
}

// FuzzGuard compares the guard with net/http, which is the reference: of what the guard takes for whole and fine, net/http
// sees the same, with the same end, or refuses it. And nothing that net/http serves gets past the guard unseen: behind a refusal
// everything is over.
func FuzzGuard(f *testing.F) {
	const post = "POST /p HTTP/1.1\r\nHost: x\r\n"
	for _, s := range []string{
		get + "\r\n", get + "\r\n" + get + "\r\n", post + "Content-Length: 3\r\n\r\nabc" + get + "\r\n",
		post + "Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nA: b\r\n\r\n" + get + "\r\n",
		post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", get + "A: b\r\n c\r\n\r\n",
		post + "Content-Length: 1\r\n\r\na\r\n" + get + "\r\n", "GET / HTTP/1.0\nConnection: keep-alive\n\n" + get + "\r\n",
		"CONNECT a:1 HTTP/1.1\r\n\r\n" + get + "\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		if bytes.Contains(p, []byte("HTTP/2.0")) {
			return // ReadRequest knows the preface of HTTP/2, which the server does not
		}
		ends, sums, refused := byGuard(p)
		whole := &Guard{Limits: DefaultLimits()}
		whole.Scan(p)
		if at, _ := whole.Refused(); whole.Bodies() != int64(len(ends)) || whole.Heads() != int64(len(sums)) || at != refused {
			t.Fatalf("whole: %+v, byte by byte: %d bodies, %d heads, refused %d", whole.outcome(), len(ends), len(sums), refused)
		}
		reference, more := byNetHTTP(p)
		var sum Sum
		for i := range min(len(ends), len(reference)) {
			r := reference[i]
			sum = sum.Add(len(r.method), len(r.target), r.length)
			if ends[i] != r.end || sums[i] != sum {
				t.Fatalf("request %d ends at %d (%d) for the guard, and at %d (%d) for net/http: %+v", i+1, ends[i], sums[i], r.end, sum, r)
			}
		}
		if len(reference) < len(ends) && more {
			t.Fatalf("net/http waits for more behind %d requests, the guard sees %d whole", len(reference), len(ends))
		}
		if len(reference) > len(ends) && refused == 0 {
			t.Fatalf("net/http sees %d requests where the guard sees %d, and refuses none", len(reference), len(ends))
		}
	})
}
