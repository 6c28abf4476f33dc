package actors

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// parked counts the connections of a site that are parked.
func (s *site) parked() (n int) {
	for _, server := range s.servers {
		_, parked := server.Connections()
		n += parked
	}
	return n
}

// patient serves the path and the body of each request, with an idle limit.
func patient(t *testing.T, limit time.Duration) *site {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	}), 1, 4, ServerOptions{KeepAlive: true, SocketTimeout: limit})
}

// say sends text and checks the answers' bodies.
func say(t *testing.T, c net.Conn, r *bufio.Reader, text string, want ...string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("waiting for %q: %v", w, err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || string(body) != w || answer.StatusCode != http.StatusOK {
			t.Fatalf("got %d %q (%v), want %q", answer.StatusCode, body, err, w)
		}
		answer.Body.Close()
	}
}

func request(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n" }

// TestParkedConnectionsAreServedAgain has connections pause in every place that a client may pause in: those that wait
// for a request are parked, whatever comes next is served, and nothing of it is lost.
func TestParkedConnectionsAreServedAgain(t *testing.T) {
	t.Parallel()
	post := "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
	for name, c := range map[string]struct {
		limit time.Duration
		first string // what is sent before the pause, with the answers to it
		then  []string
		parks bool
		rest  string // and after it
		last  []string
	}{
		"between requests":            {time.Minute, request("/a"), []string{"/a "}, true, request("/b"), []string{"/b "}},
		"without a limit":             {0, request("/a"), []string{"/a "}, true, request("/b"), []string{"/b "}},
		"before the first request":    {time.Minute, "", nil, true, request("/a"), []string{"/a "}},
		"two at once after the pause": {time.Minute, request("/a"), []string{"/a "}, true, request("/b") + request("/c"), []string{"/b ", "/c "}},
		"within the first line":       {time.Minute, "GE", nil, false, "T /a HTTP/1.1\r\nHost: x\r\n\r\n", []string{"/a "}},
		"within a later first line":   {time.Minute, request("/a") + "GE", []string{"/a "}, false, "T /b HTTP/1.1\r\nHost: x\r\n\r\n", []string{"/b "}},
		"within later headers":        {time.Minute, request("/a") + "GET /b HTTP/1.1\r\n", []string{"/a "}, false, "Host: x\r\n\r\n", []string{"/b "}},
		"within a body":               {time.Minute, post + "bo", nil, false, "dy", []string{"/p body"}},
		"after a body":                {time.Minute, post + "body", []string{"/p body"}, true, request("/b"), []string{"/b "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := patient(t, c.limit)
			conn := dial(t, s)
			r := bufio.NewReader(conn)
			say(t, conn, r, c.first, c.then...)
			if c.parks {
				eventually(t, "the connection is parked", func() bool { return s.parked() == 1 })
			} else {
				<-time.After(2 * parkAfter)
				if s.parked() > 0 {
					t.Fatal("parked with a part of a request")
				}
			}
			say(t, conn, r, c.rest, c.last...)
			say(t, conn, r, request("/again"), "/again ")
		})
	}
}

// TestParkedConnectionsEnd closes parked connections from either side: by the client, by the idle limit, and by the stop,
// which takes no longer for them.
func TestParkedConnectionsEnd(t *testing.T) {
	t.Parallel()
	s := patient(t, 3*parkAfter)
	leaves, stays := dial(t, s), dial(t, s)
	ask(t, leaves, "/")
	ask(t, stays, "/")
	eventually(t, "both are parked", func() bool { return s.parked() == 2 })
	if err := leaves.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the client that left is forgotten", func() bool { return s.parked() == 1 })
	if err := stays.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := stays.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("beyond the idle limit: %v", err)
	}
	eventually(t, "both are forgotten", func() bool { open, _ := s.servers[0].Connections(); return open == 0 })
}

// TestAStopWakesParkedConnections sends a request over a parked connection while the server drains: it is answered, and
// the connection closed behind it. One that stays silent is closed after the linger.
func TestAStopWakesParkedConnections(t *testing.T) {
	t.Parallel()
	s := patient(t, time.Minute)
	talks, silent := dial(t, s), dial(t, s)
	ask(t, talks, "/")
	ask(t, silent, "/")
	eventually(t, "both are parked", func() bool { return s.parked() == 2 })
	if err := s.sockets.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "new connections are refused", func() bool { return refused(s.listener.Addr().String()) })
	if _, err := io.WriteString(talks, request("/last")); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(talks)
	if err != nil || !strings.Contains(string(answer), "Connection: close") || !strings.HasSuffix(string(answer), "/last ") {
		t.Errorf("got %q (%v)", answer, err)
	}
	if got, err := io.ReadAll(silent); err != nil || len(got) > 0 {
		t.Errorf("the silent one got %q (%v)", got, err)
	}
}

// TestManyParkedConnectionsReleaseMemory counts the calls: one when it has become quiet.
func TestManyParkedConnectionsReleaseMemory(t *testing.T) {
	t.Parallel()
	var q quiet
	released := make(chan struct{}, manyParked)
	note := func(n int) {
		for range n {
			q.note(func() { released <- struct{}{} })
		}
	}
	note(manyParked - 1)
	if q.timer != nil {
		t.Error("a few are enough")
	}
	note(manyParked)
	select {
	case <-released:
	case <-time.After(time.Minute):
		t.Fatal("never released")
	}
	note(manyParked - 1)
	select {
	case <-released:
		t.Error("released again without enough reason")
	case <-time.After(2 * moment):
	}
}

// TestPatienceIsMeasuredInBeatsThatComeInTime: a machine that stands still does not use it up, but not without end.
func TestPatienceIsMeasuredInBeatsThatComeInTime(t *testing.T) {
	t.Parallel()
	now := time.Now()
	p := patience{last: now, enough: lingerBeats}
	for i, c := range []struct {
		pause time.Duration
		beats int
	}{{lingerBeat, 5}, {time.Second, lateBeats}, {lingerBeat, 4}} {
		for range c.beats {
			now = now.Add(c.pause)
			if p.over(now) {
				t.Fatalf("over in part %d", i)
			}
		}
	}
	if !p.over(now.Add(time.Second)) {
		t.Error("not over when no more late beats are forgiven")
	}
}

// TestHalfAHeadDoesNotHoldTheStop: neither does a client that has made its handshake and says nothing.
func TestHalfAHeadDoesNotHoldTheStop(t *testing.T) {
	t.Parallel()
	s := patient(t, time.Minute)
	half, silent := dial(t, s), dial(t, s)
	if _, err := half.Write([]byte("GET / HT")); err != nil {
		t.Fatal(err)
	}
	ask(t, silent, "/")
	if _, err := silent.Write([]byte("GET / HT")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both are connected", func() bool { open, _ := s.servers[0].Connections(); return open == 2 })
	began := time.Now()
	if err := s.sockets.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both are closed", func() bool { open, _ := s.servers[0].Connections(); return open == 0 })
	if took := time.Since(began); took < headTime/2 { // a head that comes in time is answered
		t.Errorf("closed after %v already", took)
	}
}
