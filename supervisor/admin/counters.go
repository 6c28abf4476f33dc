package admin

import (
	"maps"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Tally counts what happened to the actors of one kind.
type Tally struct {
	Restarts  uint64 `json:"restarts"`
	Failures  uint64 `json:"failures"`
	GaveUp    uint64 `json:"gave_up"`
	Leaked    uint64 `json:"leaked"`
	Degraded  uint64 `json:"degraded"`
	Recovered uint64 `json:"recovered"`
}

// Counters counts the events of a tree by kind of actor. It is fed by otp.WithOnEvent, and may be used from anywhere.
type Counters struct {
	mu     sync.Mutex
	byKind map[string]*Tally // guarded by mu
	recent []Failure         // guarded by mu; a ring, next is its oldest once it is full
	next   int               // guarded by mu
	descs  []*prometheus.Desc
	worker *prometheus.Desc
}

// kindWorker is the Kind of an API worker in the tree, whose restarts have a metric of their own.
const kindWorker = "worker"

// NewCounters returns counters at zero.
func NewCounters() *Counters {
	desc := func(event, help string) *prometheus.Desc {
		return prometheus.NewDesc("neutron_actor_"+event+"_total", help, []string{"kind"}, nil)
	}
	return &Counters{
		byKind: map[string]*Tally{},
		descs: []*prometheus.Desc{ // in the order of Tally.values
			desc("restarts", "Restarts of actors that succeeded."),
			desc("failures", "Failures of actors, failed starts included."),
			desc("gave_up", "Supervisors that exceeded their restart intensity."),
			desc("leaked", "Actors that did not stop in time and were left behind."),
			desc("degraded", "Times a supervisor turned to another alternative than the preferred one."),
			desc("recovered", "Times a supervisor returned to its preferred alternative."),
		},
		worker: prometheus.NewDesc("neutron_worker_restarts_total", "Restarts of API workers.", nil, nil),
	}
}

// Observe counts one event. It costs a map access under a lock, and never blocks.
func (c *Counters) Observe(e otp.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.byKind[e.Kind]
	if t == nil {
		t = &Tally{}
		c.byKind[e.Kind] = t
	}
	switch e.Type {
	case otp.EventRestarted:
		t.Restarts++
	case otp.EventFailed:
		t.Failures++
		c.remember(e)
	case otp.EventGaveUp:
		t.GaveUp++
	case otp.EventLeaked:
		t.Leaked++
	case otp.EventDegraded:
		t.Degraded++
	case otp.EventRecovered:
		t.Recovered++
	}
}

// Tallies returns a copy of all counts. Every kind that was ever seen, be it only starting, is there.
func (c *Counters) Tallies() map[string]Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]Tally, len(c.byKind))
	for kind, t := range c.byKind {
		out[kind] = *t
	}
	return out
}

func (t Tally) values() []uint64 {
	return []uint64{t.Restarts, t.Failures, t.GaveUp, t.Leaked, t.Degraded, t.Recovered}
}

// Describe implements prometheus.Collector.
func (c *Counters) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.worker
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Counters) Collect(ch chan<- prometheus.Metric) {
	tallies := c.Tallies()
	ch <- prometheus.MustNewConstMetric(c.worker, prometheus.CounterValue, float64(tallies[kindWorker].Restarts))
	for kind, t := range maps.All(tallies) {
		for i, v := range t.values() {
			ch <- prometheus.MustNewConstMetric(c.descs[i], prometheus.CounterValue, float64(v), kind)
		}
	}
}
