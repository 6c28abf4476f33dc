package admin

import (
	"maps"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// HookFailures counts what went wrong in hooks of resource events when it was too late to matter to the request. It may be used
// from anywhere.
type HookFailures struct {
	total *prometheus.Desc

	mu     sync.Mutex
	counts HookCounts // guarded by mu
}

// HookCounts are numbers of failures by event, such as "port after_create", and hook.
type HookCounts map[string]map[string]uint64

// NewHookFailures returns one that has counted nothing.
func NewHookFailures() *HookFailures {
	return &HookFailures{counts: make(HookCounts), total: prometheus.NewDesc("neutron_callback_failures_total",
		"Hooks of resource events that failed, or panicked, behind the request that they were told of.", []string{"event", "hook"}, nil)}
}

// Observe counts one failure.
func (f *HookFailures) Observe(event, hook string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts.add(HookCounts{event: {hook: 1}})
}

// Counts returns a copy.
func (f *HookFailures) Counts() HookCounts {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts := make(HookCounts, len(f.counts))
	for event, hooks := range f.counts {
		counts[event] = maps.Clone(hooks)
	}
	return counts
}

// Describe implements prometheus.Collector.
func (f *HookFailures) Describe(ch chan<- *prometheus.Desc) { ch <- f.total }

// Collect implements prometheus.Collector. Hooks that never failed are left out.
func (f *HookFailures) Collect(ch chan<- prometheus.Metric) { f.emit(ch, f.Counts()) }

// emit writes counts as the metric of f.
func (f *HookFailures) emit(ch chan<- prometheus.Metric, counts HookCounts) {
	for event, hooks := range counts {
		for hook, n := range hooks {
			ch <- prometheus.MustNewConstMetric(f.total, prometheus.CounterValue, float64(n), event, hook)
		}
	}
}

// add adds others to c.
func (c HookCounts) add(others HookCounts) {
	for event, hooks := range others {
		if c[event] == nil {
			c[event] = make(map[string]uint64, len(hooks))
		}
		for hook, n := range hooks {
			c[event][hook] += n
		}
	}
}
