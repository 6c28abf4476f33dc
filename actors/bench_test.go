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

	"golang.org/x/sys/unix"
)

// BenchmarkSupervision compares a bare net/http server with the tree listener -> worker -> pool -> handler around the same
// handler: 1 KB body, 64 keep-alive connections, one after the other in short turns, so that the machine's moods hit both.
// The metric supervised/bare is the median of the ratios of neighbouring turns. Where others work on the machine, too, cpu-bare/supervised
// says more: the processor time of a bare request, with that of its client, in that of a supervised one.
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
	tree := serve(b, app, 2, 100, ServerOptions{KeepAlive: true, SocketTimeout: 900 * time.Second})
	const connections = 64
	toBare, toTree := connect(b, bare.Listener.Addr().String(), connections), connect(b, tree.listener.Addr().String(), connections)
	turn := 200 * time.Millisecond
	load(b, toBare, turn)
	load(b, toTree, turn)
	var ratios []float64
	var sumBare, sumTree int
	var cpuBare, cpuTree time.Duration
	timed := func(conns []net.Conn, cpu *time.Duration) int {
		before := processorTime(b)
		defer func() { *cpu += processorTime(b) - before }()
		return load(b, conns, turn)
	}
	for i := range b.N {
		var nBare, nTree int
		if i%2 == 0 {
			nBare, nTree = timed(toBare, &cpuBare), timed(toTree, &cpuTree)
		} else {
			nTree, nBare = timed(toTree, &cpuTree), timed(toBare, &cpuBare)
		}
		ratios = append(ratios, float64(nTree)/float64(nBare))
		sumBare, sumTree = sumBare+nBare, sumTree+nTree
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "supervised/bare")
	b.ReportMetric(float64(cpuBare)/float64(sumBare)*float64(sumTree)/float64(cpuTree), "cpu-bare/supervised")
	b.ReportMetric(float64(sumBare)/turn.Seconds()/float64(b.N), "bare-req/s")
	b.ReportMetric(float64(sumTree)/turn.Seconds()/float64(b.N), "supervised-req/s")
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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
