package admin

import (
	"fmt"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// newRegistry is a registry with everything that s can tell.
func newRegistry(s *Subject) (*prometheus.Registry, error) {
	all := []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newGauges(s),
	}
	if s.Counters != nil {
		all = append(all, s.Counters)
	}
	if s.Fleet != nil {
		all = append(all, s.Fleet)
	}
	if s.Fleet == nil && s.Requests != nil {
		all = append(all, s.Requests)
	}
	if s.Fleet == nil && s.HookFailures != nil {
		all = append(all, s.HookFailures)
	}
	if s.Reloads != nil {
		all = append(all, s.Reloads)
	}
	registry := prometheus.NewRegistry()
	for _, c := range append(all, s.Collectors...) {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return registry, nil
}

// gauges are read off the server when Prometheus asks.
type gauges struct {
	subject                                          *Subject
	build, actors, generation, degraded              *prometheus.Desc
	poolSize, poolBusy, poolWaiting, served, crashed *prometheus.Desc
}

func newGauges(s *Subject) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("neutron_"+name, help, labels, nil)
	}
	return &gauges{
		subject:     s,
		build:       desc("build_info", "What runs; always 1.", "version", "go_version"),
		actors:      desc("actors", "Actors and supervisors by state.", "state"),
		generation:  desc("generation", "Number of the application that serves."),
		degraded:    desc("degraded", "1 while the server is degraded."),
		poolSize:    desc("pool_size", "Handlers of a worker.", "worker"),
		poolBusy:    desc("pool_busy", "Handlers of a worker that have a request.", "worker"),
		poolWaiting: desc("pool_waiting", "Requests that wait for a handler.", "worker"),
		served:      desc("pool_requests_total", "Requests that a worker served since it started.", "worker"),
		crashed:     desc("pool_panics_total", "Requests of a worker that panicked since it started.", "worker"),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		g.build, g.actors, g.generation, g.degraded, g.poolSize, g.poolBusy, g.poolWaiting, g.served, g.crashed,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
	}
	gauge(g.build, 1, g.subject.Package.Version, runtime.Version())
	states, known := countStates(g.subject.Tree.Tree())
	for _, state := range known {
		gauge(g.actors, states[state], state.String())
	}
	health, degraded := g.subject.health(), 0
	if health.Status == StatusDegraded {
		degraded = 1
	}
	gauge(g.degraded, degraded)
	gauge(g.generation, health.Generation)
	if g.subject.Workers == nil {
		return
	}
	for _, w := range g.subject.Workers.Workers() {
		if w.PoolSize == 0 {
			continue // it serves no requests, or its process did not answer
		}
		gauge(g.poolSize, w.PoolSize, w.Name)
		gauge(g.poolBusy, len(w.Busy), w.Name)
		gauge(g.poolWaiting, w.Waiting, w.Name)
		ch <- prometheus.MustNewConstMetric(g.served, prometheus.CounterValue, float64(w.Served), w.Name)
		ch <- prometheus.MustNewConstMetric(g.crashed, prometheus.CounterValue, float64(w.Panics), w.Name)
	}
}

// countStates counts the nodes of a tree by state; known has all states there are, in their order, so that a gauge falls to
// zero instead of vanishing.
func countStates(top otp.Node) (states map[otp.State]int, known []otp.State) {
	for state := otp.StateStopped; state <= otp.StateDegraded; state++ {
		known = append(known, state)
	}
	states = make(map[otp.State]int, len(known))
	eachNode(&top, func(n *otp.Node) { states[n.State]++ })
	return states, known
}
