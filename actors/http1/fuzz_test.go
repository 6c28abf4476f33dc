package http1

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
)

// seen is what a reader of requests has seen of one.
func seen(r *http.Request, body []byte) string {
	header := r.Header.Clone()
	delete(header, "Trailer")
	return fmt.Sprintf("%s %s %q %q %s %d %v %t %q %v %q", r.Method, r.RequestURI, r.URL, r.Host, r.Proto, r.ContentLength, r.TransferEncoding,
		r.Close, body, header, r.URL.RawPath)
}

// ours are the requests that a handler gets whole, and how the connection ends.
func ours(p []byte, steps []int) (all []string, answers string, end Ending) {
	m := newMemory(string(p), steps...)
	answers, end = m.serve(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			all = append(all, seen(r, body))
		}
	})
	return all, answers, end
}

// reference reads as net/http's server does, of a stream in which one empty line may stand before a request.
func reference(r *bufio.Reader) (string, error) {
	if p, _ := r.Peek(2); len(p) > 0 && p[0] == '\n' {
		_, _ = r.Discard(1)
	} else if string(p) == "\r\n" {
		_, _ = r.Discard(2)
	}
	request, err := http.ReadRequest(r)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return "", err
	}
	for name := range request.Header {
		if bytes.ContainsRune([]byte(name), '_') {
			delete(request.Header, name)
		}
	}
	delete(request.Header, "Host")
	return seen(request, body), nil
}

// FuzzHead compares this package with net/http, which reads the same stream: whatever a handler gets here, net/http reads in the same
// way, with the same body. And it does not matter in which pieces a stream comes.
func FuzzHead(f *testing.F) {
	const get, post = "GET / HTTP/1.1\r\nHost: x\r\n", "POST /p HTTP/1.1\r\nHost: x\r\n"
	for _, s := range []string{
		get + "\r\n", get + "\r\n" + get + "\r\n", post + "Content-Length: 3\r\n\r\nabc" + get + "\r\n",
		post + "Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nA: b\r\n\r\n" + get + "\r\n",
		post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", get + "A: b\r\n c\r\n\r\n",
		post + "Content-Length: 1\r\n\r\na\r\n" + get + "\r\n", "GET / HTTP/1.0\nConnection: keep-alive\n\n" + get + "\r\n",
		"CONNECT a:1 HTTP/1.1\r\n\r\n" + get + "\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\n",
		"GET /a%2Fb;c?d=%zz#e HTTP/1.1\r\nhost: x:1\r\nx-AUTH-token: t\r\nX_Auth_Token: u\r\nPragma: no-cache\r\n\r\n",
		"GET //a?b? HTTP/1.1\r\nHost:\r\nConnection: a, close\r\nAccept: b\r\naccept: c\r\n\r\n", "GET http://u@h:1?q HTTP/1.1\r\nHost: x\r\n\r\n",
		post + "Trailer: A, b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", "\r\n" + get + "\r\n\n" + get + "\r\n", "\r" + get,
		post + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\na", "HEAD /? HTTP/1.1\r\nHost: x\r\nUser-Agent: \xff\t\r\n\r\n",
	} {
		f.Add([]byte(s), 7)
	}
	f.Fuzz(func(t *testing.T, p []byte, cut int) {
		all, answers, end := ours(p, nil)
		for _, steps := range [][]int{every(string(p)), {cut}} {
			got, other, otherEnd := ours(p, steps)
			if !slices.Equal(got, all) || end != otherEnd || !slices.Equal(statuses(answers), statuses(other)) {
				t.Fatalf("in pieces %v: %q, %q, %d\nin one: %q, %q, %d", steps, got, other, otherEnd, all, answers, end)
			}
		}
		r := bufio.NewReader(bytes.NewReader(p))
		for i, got := range all {
			want, err := reference(r)
			if err != nil || got != want {
				t.Fatalf("request %d: %s\nnet/http: %s (%v)", i+1, got, want, err)
			}
		}
	})
}
