package supervisor_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSIGTERMWithEveryKindOfClient has a request that takes its time, a connection that waits for its next request, and half a body
// whose rest never comes: the second is closed without waiting for the others, the first is answered, the third cut at the limit,
// and none of them makes the stop a failure.
func TestSIGTERMWithEveryKindOfClient(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.under(isolation, "graceful_shutdown_timeout = 10")
		p.started(isolation)
		idle := p.idle()
		half := p.halfSent("half")
		slow := p.begun("slow")
		workers := p.workers()
		began := time.Now()
		p.stops()
		idle.closed()
		p.write("go-slow", "")
		if status, _ := slow.answer(); status != http.StatusOK {
			t.Errorf("the request in flight got %d", status)
		}
		half.closed()
		if took := time.Since(began); took < 9*time.Second {
			t.Errorf("half a body was given %s, not its 10 seconds", took)
		}
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
		p.free(workers)
	})
}

// TestSIGTERMWithAStuckHandler has a request that ends neither by itself nor with its connection: the process ends at the
// limit all the same, says why, and takes its workers along.
func TestSIGTERMWithAStuckHandler(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.under(isolation, "graceful_shutdown_timeout = 3")
		p.started(isolation)
		p.begun(stick)
		workers := p.workers()
		began := time.Now()
		p.stops()
		if status := p.status(); status != 1 {
			t.Errorf("exit status %d", status)
		}
		if took := time.Since(began); took < 2500*time.Millisecond {
			t.Errorf("it had %s, not its 3 seconds", took)
		}
		if !strings.Contains(p.log(), "Graceful shutdown timeout exceeded, instantaneous exiting") {
			t.Error("the log does not say why")
		}
		p.free(workers)
	})
}

// TestSIGINTWithAClientConnected is oslo.service's: it ends at once, although a client is connected and a request in flight.
func TestSIGINTWithAClientConnected(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.under(isolation, "graceful_shutdown_timeout = 300")
		p.started(isolation)
		idle, busy := p.idle(), p.begun(stick)
		workers := p.workers()
		p.signal(syscall.SIGINT)
		if status := p.status(); status != 1 {
			t.Errorf("exit status %d", status)
		}
		idle.closed()
		busy.closed()
		if !strings.Contains(p.log(), "Caught SIGINT signal, instantaneous exiting") {
			t.Error("the log does not say why")
		}
		for pid := range workers {
			p.gone(pid)
		}
		p.free(workers)
	})
}

// TestSIGTERMWithAClientConnected is oslo.service's: a client in the middle of its request holds the stop, and when it leaves
// the stop is over.
func TestSIGTERMWithAClientConnected(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.under(isolation, "graceful_shutdown_timeout = 300")
		p.started(isolation)
		half := p.halfSent("half")
		workers := p.workers()
		p.stops()
		p.stillThere(time.Second)
		if err := half.Close(); err != nil {
			t.Fatal(err)
		}
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
		p.free(workers)
	})
}

// stillThere fails the test when the process ends meanwhile.
func (p *proc) stillThere(d time.Duration) {
	p.t.Helper()
	select {
	case <-p.exited:
		p.t.Fatalf("the process ended with %s", p.cmd.ProcessState)
	case <-time.After(d):
	}
}

// TestASecondSIGTERMIsIgnored sends more of them during a stop that waits for a request: it is finished, and the status stays 0.
func TestASecondSIGTERMIsIgnored(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.under(isolation, "graceful_shutdown_timeout = 300")
		p.started(isolation)
		slow := p.begun("held")
		workers := p.workers()
		p.stops()
		for pid := range workers { // as who signals the whole group
			if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && alive(pid) {
				t.Error(err)
			}
		}
		for range 3 {
			p.signal(syscall.SIGTERM)
			p.stillThere(100 * time.Millisecond)
		}
		p.write("go-held", "")
		if status, _ := slow.answer(); status != http.StatusOK {
			t.Errorf("the request in flight got %d", status)
		}
		if status := p.status(); status != 0 {
			t.Errorf("exit status %d", status)
		}
		p.free(workers)
	})
}

// TestAKilledParentLeavesThePortFree: as soon as nothing is left of the server somebody else may have its port, although a client
// is connected and a request in flight.
func TestAKilledParentLeavesThePortFree(t *testing.T) {
	t.Parallel()
	isolations(t, func(t *testing.T, p *proc, isolation string) {
		p.started(isolation)
		p.idle()
		p.begun(stick)
		p.kill()
		if ended, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ended.Signal() != syscall.SIGKILL {
			t.Errorf("it ended with %s", p.cmd.ProcessState)
		}
		p.free(nil)
		p.up() // on the same address, with retry_until_window = 0
	})
}
