package actors

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// strictly reads a stream of requests as the RFC says, with the eyes of this test alone: it shares nothing with what it is
// compared to. It returns what is in each request, and how the stream ends.
func strictly(p []byte) (requests []string, end string) {
	for len(p) > 0 {
		if rest, ok := bytes.CutPrefix(p, []byte("\r\n")); ok { // one empty line may stand before a request
			p = rest
		} else if rest, ok := bytes.CutPrefix(p, []byte("\n")); ok {
			p = rest
		}
		lines, rest, state := strictHead(p)
		if state != "" {
			return requests, state
		}
		first := strictFirst.FindStringSubmatch(lines[0])
		if first == nil {
			return requests, "bad"
		}
		if _, err := url.ParseRequestURI(first[2]); err != nil {
			return requests, "bad"
		}
		fields := map[string][]string{}
		for _, line := range lines[1:] {
			f := strictField.FindStringSubmatch(line)
			if f == nil {
				return requests, "bad"
			}
			name := strings.ToLower(f[1])
			fields[name] = append(fields[name], strings.Trim(f[2], " \t"))
		}
		body, rest, state := strictBody(fields, first[3] == "0", rest)
		if state != "" {
			return requests, state
		}
		requests = append(requests, fmt.Sprintf("%s %s %q", first[1], first[2], body))
		connection := strings.ToLower(strings.Join(fields["connection"], ","))
		if strings.Contains(connection, "close") || first[3] == "0" && !strings.Contains(connection, "keep-alive") {
			return requests, "closed"
		}
		p = rest
	}
	return requests, ""
}

var (
	strictFirst = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\\x00-\\x20\\x7f]+) HTTP/1\\.([0-9])$")
	strictField = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\\x00-\\x08\\x0a-\\x1f\\x7f]*)$")
	strictSize  = regexp.MustCompile("^([0-9a-fA-F]{1,15})(;[^\\x00-\\x08\\x0a-\\x1f\\x7f]*)?\r\n")
	strictHost  = regexp.MustCompile("^[!-~]*$")
)

func strictHead(p []byte) (lines []string, rest []byte, state string) {
	for {
		line, rest, ok := bytes.Cut(p, []byte("\n"))
		if !ok {
			return nil, nil, "more"
		}
		line = bytes.TrimSuffix(line, []byte("\r"))
		p = rest
		if len(line) == 0 {
			break
		}
		lines = append(lines, string(line))
	}
	if len(lines) == 0 {
		return nil, nil, "bad"
	}
	return lines, p, ""
}

func strictBody(fields map[string][]string, old bool, p []byte) (body, rest []byte, state string) {
	lengths, codings, hosts, expects := fields["content-length"], fields["transfer-encoding"], fields["host"], fields["expect"]
	switch {
	case len(hosts) > 1 || len(hosts) == 0 && !old, len(hosts) == 1 && !strictHost.MatchString(hosts[0]):
		return nil, nil, "bad"
	case len(expects) > 0 && !strings.EqualFold(strings.Join(expects, ","), "100-continue"):
		return nil, nil, "bad"
	case len(codings) > 0:
		if len(lengths) > 0 || old || len(codings) > 1 || !strings.EqualFold(codings[0], "chunked") {
			return nil, nil, "bad"
		}
		return strictChunks(p)
	case len(lengths) == 0:
		return nil, p, ""
	case len(lengths) > 1 || !regexp.MustCompile("^[0-9]{1,18}$").MatchString(lengths[0]):
		return nil, nil, "bad"
	}
	n, err := strconv.Atoi(lengths[0])
	if err != nil {
		return nil, nil, "bad"
	}
	if n > len(p) {
		return nil, nil, "more"
	}
	return p[:n], p[n:], ""
}

func strictChunks(p []byte) (body, rest []byte, state string) {
	for {
		size := strictSize.FindSubmatch(p)
		if size == nil {
			return nil, nil, "bad" // or more, which comes to the same here
		}
		n, err := strconv.ParseInt(string(size[1]), 16, 64)
		if err != nil {
			return nil, nil, "bad"
		}
		p = p[len(size[0]):]
		if n == 0 {
			break
		}
		if int64(len(p)) < n+2 {
			return nil, nil, "more"
		}
		if string(p[n:n+2]) != "\r\n" {
			return nil, nil, "bad"
		}
		body, p = append(body, p[:n]...), p[n+2:]
	}
	for {
		line, rest, ok := bytes.Cut(p, []byte("\r\n"))
		if !ok {
			return nil, nil, "more"
		}
		p = rest
		if len(line) == 0 {
			return body, p, ""
		}
		if !strictField.Match(line) {
			return nil, nil, "bad"
		}
	}
}

// ambiguous makes streams of requests, most of them with something wrong.
type ambiguous struct{ *rand.Rand }

func (a ambiguous) pick(all ...string) string { return all[a.IntN(len(all))] }

func (a ambiguous) stream() []byte {
	var b strings.Builder
	for range 1 + a.IntN(4) {
		b.WriteString(a.request())
	}
	p := []byte(b.String())
	for range max(0, a.IntN(5)-2) {
		p = a.mutate(p)
	}
	return append(p, "GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"...)
}

func (a ambiguous) request() string {
	eol := a.pick("\r\n", "\r\n", "\r\n", "\r\n", "\n")
	head := a.pick("GET", "POST", "PUT", "DELETE") + " /" + a.pick("a", "b", "c%2Fd", "e?f=g") + " HTTP/1." + a.pick("1", "1", "1", "1", "0", "2") + eol +
		"Host: x" + eol
	body := a.pick("", "abc", "0\r\n\r\n", "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
	switch a.IntN(4) {
	case 0:
		body = ""
	case 1:
		head += fmt.Sprintf("Content-Length: %d", len(body)) + eol
	case 2:
		head += fmt.Sprintf("Content-Length:%d", len(body)) + eol
	case 3:
		head += "Transfer-Encoding: " + a.pick("chunked", "Chunked", "chunked ") + eol
		body = a.chunks(body)
	}
	for range a.IntN(3) {
		head += a.pick("A: b", "Connection: keep-alive", "X_Y: z", "Accept: */*") + eol
	}
	if a.IntN(8) == 0 {
		head += a.nasty() + eol
	}
	return head + eol + body + a.pick("", "", "", "", "", "", "", "", "", "", "\r\n", "\n")
}

func (a ambiguous) chunks(body string) string {
	var b strings.Builder
	for len(body) > 0 {
		n := 1 + a.IntN(len(body))
		fmt.Fprintf(&b, "%x%s\r\n%s\r\n", n, a.pick("", "", ";a=b", ";"), body[:n])
		body = body[n:]
	}
	return b.String() + "0\r\n" + a.pick("", "", "T: u\r\n", "Content-Length: 5\r\n") + "\r\n"
}

func (a ambiguous) nasty() string {
	return a.pick("Content-Length: 3", "Content-Length: 0", "Content-Length: +3", "Content-Length: 3, 3", "Content-Length : 3", "Content-Length: 0x3",
		"Content-Length:", "Content-Length: 3\x00", "content-length: 1", "Content_Length: 3",
		"Transfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding : chunked",
		"Transfer-Encoding:\tchunked", "Transfer-Encoding:\x0bchunked", "Transfer-Encoding: xchunked", "Transfer-Encoding: identity", "Transfer_Encoding: chunked",
		"Transfer-Encoding:\r\n chunked", "X: y\r\n\tz", "X: y\rTransfer-Encoding: chunked", "X: y\r\r", " Transfer-Encoding: chunked", "nonsense", ": x",
		"Expect: 100-continue", "Expect: x", "Host: y", "Connection: close", "\r\nGET /smuggled HTTP/1.1\r\nHost: x")
}

func (a ambiguous) mutate(p []byte) []byte {
	if len(p) == 0 {
		return p
	}
	at := a.IntN(len(p))
	odd := "\r\n\t :;,_-+0x5aZ\x00\x0b\x7f\xff"
	switch a.IntN(5) {
	case 0:
		p[at] = odd[a.IntN(len(odd))]
		return p
	case 1:
		return append(p[:at:at], p[at+1:]...)
	case 2:
		return append(append(p[:at:at], odd[a.IntN(len(odd))]), p[at:]...)
	case 3: // an end of line more, less, or other
		if i := bytes.Index(p[at:], []byte("\r\n")); i >= 0 {
			return append(append(p[:at+i:at+i], a.pick("\n", "\r", "", "\r\n\r\n", "\n\r", " \r\n")...), p[at+i+2:]...)
		}
	case 4: // a part again
		n := min(len(p)-at, 1+a.IntN(30))
		return append(p[:at+n:at+n], p[at:]...)
	}
	return p
}

// TestNobodySmugglesRequests: what the application sees is what a strict reader of the stream sees, or less, and then the
// connection is closed.
func TestNobodySmugglesRequests(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	saw := make(map[string][]string) // by client
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("a broken body comes to the application: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		saw[r.RemoteAddr] = append(saw[r.RemoteAddr], fmt.Sprintf("%s %s %q", r.Method, r.RequestURI, body))
		w.WriteHeader(http.StatusNoContent)
	})
	s := serve(t, app, 2, 16, ServerOptions{KeepAlive: true, SocketTimeout: time.Minute})
	const clients = 8
	each := 500
	var equal, refused, requests atomic.Int64
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			a := ambiguous{rand.New(rand.NewPCG(uint64(client), 4))}
			for range each {
				stream := a.stream()
				want, end := strictly(stream)
				client, answers, reset, err := exchange(s.listener.Addr().String(), stream, len(want), end, a.IntN(len(stream)))
				mu.Lock()
				got := saw[client]
				delete(saw, client)
				mu.Unlock()
				requests.Add(int64(len(got)))
				if err != nil {
					t.Errorf("%q: the connection is not closed: %v", stream, err)
				}
				for i := range got {
					if i >= len(want) || got[i] != want[i] {
						t.Errorf("%q: the application saw %q, a strict reader sees %q", stream, got, want)
						break
					}
				}
				if len(got) == len(want) {
					equal.Add(1)
				}
				if end == "bad" && len(answers) > 0 && answers[len(answers)-1] >= 400 {
					refused.Add(1)
				} else if end == "bad" && !reset {
					t.Errorf("%q: something bad is answered with %v", stream, answers)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d streams: %d requests seen, %d streams refused, %d seen as the strict reader sees them", clients*each, requests.Load(), refused.Load(), equal.Load())
	if total := int64(clients * each); equal.Load() < total*95/100 || refused.Load() < total/4 || requests.Load() < total {
		t.Error("that is not what the test is for")
	}
}

// exchange sends the stream in two parts, and reads answers until the server closes the connection. Where the stream stops in the
// middle of a request, the client says that this is all. A client that sends for longer than a refused one is listened to has its
// connection reset, and with that the kernel throws away what it has not read yet.
func exchange(addr string, stream []byte, want int, end string, cut int) (client string, answers []int, reset bool, err error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return "", nil, false, err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return "", nil, false, err
	}
	client = c.LocalAddr().String()
	_, _ = c.Write(stream[:cut]) // the server may have closed it
	_, _ = c.Write(stream[cut:])
	r := bufio.NewReader(c)
	half := func() {
		if len(answers) >= want && end == "more" {
			_ = c.(*net.TCPConn).CloseWrite()
		}
	}
	half()
	for {
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			if strings.Contains(err.Error(), "timeout") {
				return client, answers, false, err
			}
			return client, answers, errors.Is(err, syscall.ECONNRESET), nil
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return client, answers, errors.Is(err, syscall.ECONNRESET), nil
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusContinue {
			answers = append(answers, answer.StatusCode)
		}
		half()
	}
}
