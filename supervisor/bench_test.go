package supervisor_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// BenchmarkPipeline compares a bare net/http server with a whole server around the same handler: the tree, every filter of the
// default api-paste.ini, and the access log in a file. As in BenchmarkSupervision: 1 KB body, 64 keep-alive connections, one after the
// other in short turns. The metric pipeline/bare is the median of the ratios of neighbouring turns; pipeline/bare-cpu is the same with
// requests per second of processor time, which a busy machine disturbs less. Both count what the clients cost, as they share the
// processors with the servers.
//
//	go test -run - -bench Pipeline -benchtime 20x ./supervisor
func BenchmarkPipeline(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1024)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		w.Header()["Content-Length"] = []string{"1024"}
		if _, err := w.Write(body); err != nil {
			b.Error(err)
		}
	})
	bare := httptest.NewServer(handler)
	defer bare.Close()
	file := filepath.Join(b.TempDir(), "neutron.log")
	whole, err := neutrontest.New(b.Context(), neutrontest.Options{Log: accessLog(b, file), Config: "api_workers = 2",
		Wrap: func(http.Handler) http.Handler { return handler }})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := whole.Stop(b.Context()); err != nil {
			b.Error(err)
		}
	}()
	compareTurns(b, dialAll(b, bare.Listener.Addr().String()), dialAll(b, strings.TrimPrefix(whole.URL, "http://")))
	if lines, err := os.ReadFile(file); err != nil || !bytes.Contains(lines, []byte(`"GET /v2.0/networks HTTP/1.1" status: 200`)) {
		b.Errorf("the access log has no line of these requests: %v", err)
	}
}

// accessLog logs to a file as the daemon does.
func accessLog(b *testing.B, file string) *logging.Log {
	cfg := logging.Defaults()
	cfg.LogFile = file
	log, err := logging.Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() })
	return log
}

func compareTurns(b *testing.B, toBare, toWhole []net.Conn) {
	const length = 200 * time.Millisecond
	askFor(b, toBare, length)
	askFor(b, toWhole, length)
	var byTime, byCPU []float64
	var bare, whole turn
	for i := range b.N {
		var nBare, nWhole turn
		if i%2 == 0 {
			nBare, nWhole = take(b, toBare, length), take(b, toWhole, length)
		} else {
			nWhole, nBare = take(b, toWhole, length), take(b, toBare, length)
		}
		byTime = append(byTime, nWhole.requests/nBare.requests)
		byCPU = append(byCPU, nWhole.requests/nWhole.cpu*nBare.cpu/nBare.requests)
		bare, whole = turn{bare.requests + nBare.requests, bare.cpu + nBare.cpu}, turn{whole.requests + nWhole.requests, whole.cpu + nWhole.cpu}
	}
	slices.Sort(byTime)
	slices.Sort(byCPU)
	b.ReportMetric(byTime[b.N/2], "pipeline/bare")
	b.ReportMetric(byCPU[b.N/2], "pipeline/bare-cpu")
	b.ReportMetric(bare.requests/length.Seconds()/float64(b.N), "bare-req/s")
	b.ReportMetric(whole.requests/length.Seconds()/float64(b.N), "pipeline-req/s")
	b.ReportMetric(1e6*bare.cpu/bare.requests, "bare-us/req")
	b.ReportMetric(1e6*whole.cpu/whole.requests, "pipeline-us/req")
}

// turn is what one turn has done, and the seconds of processor time it took.
type turn struct{ requests, cpu float64 }

func take(b *testing.B, conns []net.Conn, d time.Duration) turn {
	before := cpuTime(b)
	n := askFor(b, conns, d)
	return turn{requests: float64(n), cpu: cpuTime(b) - before}
}

func cpuTime(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func dialAll(b *testing.B, addr string) []net.Conn {
	conns := make([]net.Conn, 64)
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

// askFor sends requests on every connection for d and returns how many were answered with 200.
func askFor(b *testing.B, conns []net.Conn, d time.Duration) int {
	var wg sync.WaitGroup
	counts := make([]int, len(conns))
	end := time.Now().Add(d)
	for i, c := range conns {
		wg.Go(func() {
			request := []byte("GET /v2.0/networks HTTP/1.1\r\nHost: x\r\n\r\n")
			r := bufio.NewReader(c)
			for time.Now().Before(end) {
				if _, err := c.Write(request); err != nil {
					b.Error(err)
					return
				}
				if err := skipOK(r); err != nil {
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

// skipOK reads one answer as cheaply as it can: the load shares its processors with the servers.
func skipOK(r *bufio.Reader) error {
	length, first := 0, true
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return fmt.Errorf("answered %q", line)
		}
		first = false
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
