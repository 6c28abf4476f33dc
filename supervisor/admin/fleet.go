package admin

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Fleet counts for a server whose workers are processes: it asks each of them when Prometheus asks, and adds up what
// they have counted. The sums never fall. Of a worker that does not answer in time, and of one that has been killed, they have
// what was last known; one that ends in order leaves its last word. It may be used from anywhere.
type Fleet struct {
	requests *Requests // those of this process, and the metrics' descriptions
	hooks    *HookFailures
	silent   *prometheus.Desc
	patience time.Duration

	mu    sync.Mutex
	alive map[int]*ship // guarded by mu; by pid
	past  Counts        // guarded by mu; of those that have ended
}

// ship is one worker process.
type ship struct {
	ask  func(context.Context) (Counts, error)
	last Counts // as it was last heard of
}

// patience is how long Prometheus is kept waiting for a worker.
const patience = time.Second

// NewFleet returns one without workers, for a server whose own requests and failed hooks are counted by r and h.
func NewFleet(r *Requests, h *HookFailures) *Fleet {
	return &Fleet{
		requests: r, hooks: h, patience: patience, alive: make(map[int]*ship), past: newCounts(),
		silent: prometheus.NewDesc("neutron_workers_silent",
			"Worker processes that did not answer in time; of theirs what they told before is counted.", nil, nil),
	}
}

// Started adds a worker process; address is its admin socket.
func (f *Fleet) Started(pid int, address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alive[pid] = &ship{ask: NewClient(address).Counts, last: newCounts()}
}

// Ended takes a worker process away. Its last word is nil where it had none.
func (f *Fleet) Ended(pid int, word *Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.alive[pid]
	if s == nil {
		return
	}
	delete(f.alive, pid)
	if word == nil || word.check() != nil {
		word = &s.last
	}
	f.past.add(*word)
}

// Describe implements prometheus.Collector.
func (f *Fleet) Describe(ch chan<- *prometheus.Desc) {
	f.requests.Describe(ch)
	f.hooks.Describe(ch)
	ch <- f.silent
}

// Collect implements prometheus.Collector.
func (f *Fleet) Collect(ch chan<- prometheus.Metric) {
	silent := f.hear()
	sum := f.sum()
	f.requests.emit(ch, sum.Requests)
	f.hooks.emit(ch, sum.Hooks)
	ch <- prometheus.MustNewConstMetric(f.silent, prometheus.GaugeValue, float64(silent))
}

// hear asks all workers at the same time, and returns how many did not answer.
func (f *Fleet) hear() (silent int) {
	ctx, cancel := context.WithTimeout(context.Background(), f.patience)
	defer cancel()
	asked := f.ships()
	answers := make([]Counts, len(asked))
	failures := make([]error, len(asked))
	var all sync.WaitGroup
	for i, s := range asked {
		all.Go(func() {
			if answers[i], failures[i] = s.ask(ctx); failures[i] == nil {
				failures[i] = answers[i].check()
			}
		})
	}
	all.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, s := range asked {
		switch {
		case failures[i] == nil:
			s.last = answers[i] // of one that has ended meanwhile nobody reads it any more
		case !absent(failures[i]):
			silent++
		}
	}
	return silent
}

// absent reports whether nobody listens: the worker is about to serve, or has begun to leave.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

func (f *Fleet) ships() []*ship {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*ship, 0, len(f.alive))
	for _, s := range f.alive {
		all = append(all, s)
	}
	return all
}

func (f *Fleet) sum() Counts {
	sum := CountsOf(f.requests, f.hooks)
	f.mu.Lock()
	defer f.mu.Unlock()
	sum.add(f.past)
	for _, s := range f.alive {
		sum.add(s.last)
	}
	return sum
}
