package supervisor_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	idleConnections = 10_000
	idleLimit       = 20 << 10 // bytes of memory for each
)

// TestTenThousandIdleConnections has ten thousand clients send a request each and keep their connections. It measures
// what that costs the process in memory (PSS, so that shared pages count in parts), and what it costs a client that goes
// on. Afterwards every one of them is served again on its connection.
func TestTenThousandIdleConnections(t *testing.T) { // not parallel: it measures times
	long(t)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Max < idleConnections+1000 {
		t.Skipf("a process may have %d descriptors only", limit.Max)
	}
	p := newProc(t)
	p.up()
	active := newKeeper(t, p.addr)
	active.percentile(t, 2000) // a server that has served
	without := active.percentile(t, 2000)
	before := p.pss()
	keepers := make([]*keeper, idleConnections)
	for i := range keepers {
		keepers[i] = newKeeper(t, p.addr)
	}
	each(keepers, func(k *keeper) { k.get(t) })
	var cost int
	began := time.Now()
	p.eventually("the connections cost little", func() bool {
		cost = (p.pss() - before) / idleConnections
		return cost < idleLimit || raceEnabled || time.Since(began) > 30*time.Second
	})
	t.Logf("%d bytes for each idle connection, %s after the last request", cost, time.Since(began).Round(time.Millisecond))
	if cost >= idleLimit && !raceEnabled { // the race detector has memory of its own
		t.Errorf("an idle connection costs %d bytes, the limit is %d", cost, idleLimit)
	}
	with := active.percentile(t, 2000)
	for range 10 { // the best of several, and each time both: the machine has other work
		if with <= 2*without {
			break
		}
		with = min(with, active.percentile(t, 2000))
	}
	t.Logf("p99 %s without and %s with them", without, with)
	if with > 2*without {
		t.Errorf("the 99th percentile of an active client is %s, without idle connections it was %s", with, without)
	}
	each(keepers, func(k *keeper) { k.get(t) })
}

// each calls do for all, a hundred at a time.
func each(all []*keeper, do func(*keeper)) {
	var wg sync.WaitGroup
	for part := range slices.Chunk(all, (len(all)+99)/100) {
		wg.Go(func() {
			for _, k := range part {
				do(k)
			}
		})
	}
	wg.Wait()
}

// keeper is a client with one connection, which it never gives up.
type keeper struct {
	conn net.Conn
}

func newKeeper(t *testing.T, addr string) *keeper {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &keeper{conn: c}
}

// get sends a request and reads its answer.
func (k *keeper) get(t *testing.T) {
	if _, err := io.WriteString(k.conn, "GET /v2.0/networks HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Error(err)
		return
	}
	r, err := http.ReadResponse(bufio.NewReader(k.conn), nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK || r.Close {
		t.Errorf("%s, close %t (%v)", r.Status, r.Close, err)
	}
}

// percentile is the 99th of the times of n requests.
func (k *keeper) percentile(t *testing.T, n int) time.Duration {
	times := make([]time.Duration, n)
	for i := range times {
		begun := time.Now()
		k.get(t)
		times[i] = time.Since(begun)
	}
	slices.Sort(times)
	return times[n*99/100]
}

// pss is the proportional set size of the process in bytes.
func (p *proc) pss() int {
	p.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip(err) // not every kernel has it
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			kb, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(rest, "kB")))
			if err != nil {
				p.t.Fatal(err)
			}
			return kb << 10
		}
	}
	p.t.Fatalf("no Pss in %s", data)
	return 0
}
