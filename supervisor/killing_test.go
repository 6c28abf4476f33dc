package supervisor_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// loaded is a server whose workers are processes, under load.
func loaded(t *testing.T) (*proc, *load, string) {
	t.Helper()
	p := isolate(t, "")
	base := "http://" + p.addr
	network := create(t, p.client, base, "network", `"name": "n"`)
	create(t, p.client, base, "subnet", fmt.Sprintf(`"network_id": "%s", "ip_version": 4, "cidr": "10.0.0.0/12"`, network))
	return p, begin(t, base, network), network
}

// TestWorkersAreReplacedFiftyTimesUnderLoad gives every worker another process 50 times, and nobody notices.
func TestWorkersAreReplacedFiftyTimesUnderLoad(t *testing.T) {
	long(t)
	p, load, network := loaded(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	client := admin.NewClient(p.path("admin.sock"))
	for range 50 {
		made, err := client.Replace(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(made) != len(titles()) {
			t.Fatalf("%d processes were replaced", len(made))
		}
	}
	load.end()
	kept := p.ports(network)
	lost, writes := load.lost(kept)
	t.Logf("%d requests, %d failed, %d writes, %d lost", load.requests.Load(), load.failed.Load(), writes, lost)
	if lost > 0 || len(kept) != writes {
		t.Errorf("%d of %d writes are lost, %d ports are there", lost, writes, len(kept))
	}
}

// lost counts the answered writes, and those of them that are not among the kept.
func (l *load) lost(kept map[string]bool) (lost, writes int) {
	l.made.Range(func(id, _ any) bool {
		writes++
		if !kept[id.(string)] {
			lost++
		}
		return true
	})
	return lost, writes
}

// TestKilledWorkersCostWhatTheyHeld kills an API worker 20 times under load: no more requests fail than clients were waiting for
// it, every answered write is there, the other worker is untouched, and there is a new one soon.
func TestKilledWorkersCostWhatTheyHeld(t *testing.T) {
	long(t)
	p, load, network := loaded(t)
	load.excused.Store(true)
	const kills, clients = 20, 16
	var took []time.Duration
	time.Sleep(2 * time.Second) // the start counts for the throttle, too
	for range kills {
		before := p.workers()
		victim := 0
		for pid, title := range before {
			if strings.HasSuffix(title, "api worker") {
				victim = pid
			}
		}
		began := time.Now()
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.eventually("another one serves", func() bool { return p.log() != "" && !alive(victim) && p.settled() })
		took = append(took, time.Since(began))
		after := p.workers()
		for pid, title := range before {
			if _, there := after[pid]; !there && pid != victim {
				t.Errorf("%s (%d) ended, too", title, pid)
			}
		}
		time.Sleep(time.Until(began.Add(1100 * time.Millisecond))) // as many starts as the throttle lets pass
	}
	load.end()
	kept := p.ports(network)
	lost, writes := load.lost(kept)
	slices.Sort(took)
	t.Logf("%d requests, %d failed; %d writes, %d lost; a new worker after %v (median), %v (longest)", load.requests.Load(),
		load.failed.Load(), writes, lost, took[kills/2], took[kills-1])
	if lost > 0 {
		t.Errorf("%d of %d answered writes are lost", lost, writes)
	}
	if failed := load.failed.Load(); failed > kills*clients || load.answered.Load() > 0 {
		t.Errorf("%d requests failed, %d of them with an answer", failed, load.answered.Load())
	}
	if took[kills/2] > 2*time.Second { // 0.1 s on a machine that has time; see the README for the figure
		t.Errorf("a new worker takes %v", took[kills/2])
	}
	if status, _ := p.try("GET", "/v2.0/networks", ""); status != http.StatusOK {
		t.Errorf("status %d at the end", status)
	}
}
