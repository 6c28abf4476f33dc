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

	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

// BenchmarkPipeline compares a bare net/http server with a whole server around the same handler: the tree, every filter of the
// default api-paste.ini, and the access log in a file. As in BenchmarkSupervision: 1 KB body, 64 keep-alive connections, one after the
// other in short turns. The metric pipeline/bare is the median of the ratios of neighbouring turns; pipeline/bare-cpu is the same with
// requests per second of processor time, which a busy machine disturbs less. Both count what the clients cost, as they share the
// processors with the servers. daemon/bare and daemon/bare-cpu are those of the server as the program runs it, with room for its heap
// (heaproom.go), where the others have Go's rule for theirs.
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

// compareTurns takes a turn of each kind, in changing order: bare, whole, and whole with the heap that the daemon has.
func compareTurns(b *testing.B, toBare, toWhole []net.Conn) {
	const length = 200 * time.Millisecond
	kinds := [...]func() turn{
		func() turn { return take(b, toBare, length) },
		func() turn { return take(b, toWhole, length) },
		func() turn {
			defer supervisor.KeepRoom()()
			return take(b, toWhole, length)
		},
	}
	for _, k := range kinds {
		k()
	}
	var sums [len(kinds)]turn
	var byTime, byCPU [len(kinds)][]float64
	for i := range b.N {
		var now [len(kinds)]turn
		for j := range kinds {
			k := (i + j) % len(kinds)
			now[k] = kinds[k]()
			sums[k] = turn{sums[k].requests + now[k].requests, sums[k].cpu + now[k].cpu}
		}
		for k := range kinds {
			byTime[k] = append(byTime[k], now[k].requests/now[0].requests)
			byCPU[k] = append(byCPU[k], now[k].requests/now[k].cpu*now[0].cpu/now[0].requests)
		}
	}
	for k, name := range [...]string{"bare", "pipeline", "daemon"} {
		if k > 0 {
			slices.Sort(byTime[k])
			slices.Sort(byCPU[k])
			b.ReportMetric(byTime[k][b.N/2], name+"/bare")
			b.ReportMetric(byCPU[k][b.N/2], name+"/bare-cpu")
		}
		b.ReportMetric(sums[k].requests/length.Seconds()/float64(b.N), name+"-req/s")
		b.ReportMetric(1e6*sums[k].cpu/sums[k].requests, name+"-us/req")
	}
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
