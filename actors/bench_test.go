package actors

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// BenchmarkSupervision compares a bare net/http server with the tree listener -> worker -> pool -> handler around the same
// handler: 1 KB body, 64 keep-alive connections, one after the other in short turns, so that the machine's moods hit both.
// The metric supervised/bare is the median of the ratios of neighbouring turns.
//
//	go test -run - -bench Supervision -benchtime 20x ./actors
func BenchmarkSupervision(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1024)
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		w.Header()["Content-Length"] = []string{"1024"}
		if _, err := w.Write(body); err != nil {
			b.Error(err)
		}
	})
	bare := httptest.NewServer(app)
	defer bare.Close()
	tree := serve(b, app, 2, 100, ServerOptions{KeepAlive: true})
	const connections = 64
	toBare, toTree := connect(b, bare.Listener.Addr().String(), connections), connect(b, tree.listener.Addr().String(), connections)
	turn := 200 * time.Millisecond
	load(b, toBare, turn)
	load(b, toTree, turn)
	var ratios []float64
	var sumBare, sumTree int
	for i := range b.N {
		var nBare, nTree int
		if i%2 == 0 {
			nBare, nTree = load(b, toBare, turn), load(b, toTree, turn)
		} else {
			nTree, nBare = load(b, toTree, turn), load(b, toBare, turn)
		}
		ratios = append(ratios, float64(nTree)/float64(nBare))
		sumBare, sumTree = sumBare+nBare, sumTree+nTree
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "supervised/bare")
	b.ReportMetric(float64(sumBare)/turn.Seconds()/float64(b.N), "bare-req/s")
	b.ReportMetric(float64(sumTree)/turn.Seconds()/float64(b.N), "supervised-req/s")
}

func connect(b *testing.B, addr string, n int) []net.Conn {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		conns[i] = c
	}
	return conns
}

// load sends requests on every connection for d and returns how many were answered.
func load(b *testing.B, conns []net.Conn, d time.Duration) int {
	var wg sync.WaitGroup
	counts := make([]int, len(conns))
	end := time.Now().Add(d)
	for i, c := range conns {
		wg.Go(func() {
			request := []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			r := bufio.NewReader(c)
			for time.Now().Before(end) {
				if _, err := c.Write(request); err != nil {
					b.Error(err)
					return
				}
				if err := skipAnswer(r); err != nil {
					b.Error(err)
					return
				}
				counts[i]++
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// skipAnswer reads one answer with a Content-Length as cheaply as it can: the load shares its processors with the servers.
func skipAnswer(r *bufio.Reader) error {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			_, err := io.CopyN(io.Discard, r, int64(length))
			return err
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(v)); err != nil {
				return err
			}
		}
	}
}
