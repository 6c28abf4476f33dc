package admin

import (
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Reload is the outcome of one.
type Reload struct {
	At time.Time `json:"at"`
	OK bool      `json:"ok"`
	// Incomplete says that the new configuration is in force, but not everywhere.
	Incomplete bool `json:"incomplete,omitempty"`
	// Error says why the old configuration stayed, or where.
	Error string `json:"error,omitempty"`
}

// IncompleteError is the outcome of a reload whose configuration is in force, but not everywhere: Err says where it is not.
type IncompleteError struct{ Err error }

// Error says so.
func (e *IncompleteError) Error() string {
	return "the new configuration is in force, but not everywhere: " + e.Err.Error()
}

// Unwrap returns where it is not.
func (e *IncompleteError) Unwrap() error { return e.Err }

// incomplete reports whether err is that of a reload that was done in part.
func incomplete(err error) bool {
	_, ok := errors.AsType[*IncompleteError](err)
	return ok
}

// Reloads remembers the last reload and counts all of them, whoever asked for them. The methods may be called on nil, which
// remembers nothing, and from anywhere.
type Reloads struct {
	mu               sync.Mutex
	last             Reload // guarded by mu, as all below
	ok, part, failed uint64
}

// NewReloads returns one that has seen nothing.
func NewReloads() *Reloads { return &Reloads{} }

// Record notes the end of a reload: err is why it was refused, or an *IncompleteError.
func (r *Reloads) Record(at time.Time, err error) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = Reload{At: at, OK: err == nil, Incomplete: incomplete(err)}
	switch {
	case err == nil:
		r.ok++
		return
	case r.last.Incomplete:
		r.part++
	default:
		r.failed++
	}
	r.last.Error = err.Error()
}

// Last is the most recent reload; false when there was none.
func (r *Reloads) Last() (Reload, bool) {
	if r == nil {
		return Reload{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.ok+r.part+r.failed > 0
}

func reloadsTotal() *prometheus.Desc {
	return prometheus.NewDesc("neutron_reloads_total", "Reloads of the configuration by result.", []string{"result"}, nil)
}

func reloadTime() *prometheus.Desc {
	return prometheus.NewDesc("neutron_last_reload_timestamp_seconds", "When the last reload ended, 0 before the first.", nil, nil)
}

// Describe implements prometheus.Collector.
func (r *Reloads) Describe(ch chan<- *prometheus.Desc) {
	ch <- reloadsTotal()
	ch <- reloadTime()
}

// Collect implements prometheus.Collector.
func (r *Reloads) Collect(ch chan<- prometheus.Metric) {
	r.mu.Lock()
	ok, part, failed, at := r.ok, r.part, r.failed, 0.0
	if ok+part+failed > 0 {
		at = float64(r.last.At.UnixMilli()) / 1000
	}
	r.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(reloadsTotal(), prometheus.CounterValue, float64(ok), "ok")
	ch <- prometheus.MustNewConstMetric(reloadsTotal(), prometheus.CounterValue, float64(part), "incomplete")
	ch <- prometheus.MustNewConstMetric(reloadsTotal(), prometheus.CounterValue, float64(failed), "failed")
	ch <- prometheus.MustNewConstMetric(reloadTime(), prometheus.GaugeValue, at)
}
