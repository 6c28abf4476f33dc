package admin

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Reload is the outcome of one.
type Reload struct {
	At time.Time `json:"at"`
	OK bool      `json:"ok"`
	// Error says why the old configuration stayed.
	Error string `json:"error,omitempty"`
}

// Reloads remembers the last reload and counts all of them, whoever asked for them. The methods may be called on nil, which
// remembers nothing, and from anywhere.
type Reloads struct {
	mu         sync.Mutex
	last       Reload // guarded by mu, as all below
	ok, failed uint64
}

// NewReloads returns one that has seen nothing.
func NewReloads() *Reloads { return &Reloads{} }

// Record notes the end of a reload: err is why it was refused.
func (r *Reloads) Record(at time.Time, err error) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = Reload{At: at, OK: err == nil}
	if err != nil {
		r.last.Error = err.Error()
		r.failed++
		return
	}
	r.ok++
}

// Last is the most recent reload; false when there was none.
func (r *Reloads) Last() (Reload, bool) {
	if r == nil {
		return Reload{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.ok+r.failed > 0
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
	ok, failed, at := r.ok, r.failed, 0.0
	if ok+failed > 0 {
		at = float64(r.last.At.UnixMilli()) / 1000
	}
	r.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(reloadsTotal(), prometheus.CounterValue, float64(ok), "ok")
	ch <- prometheus.MustNewConstMetric(reloadsTotal(), prometheus.CounterValue, float64(failed), "failed")
	ch <- prometheus.MustNewConstMetric(reloadTime(), prometheus.GaugeValue, at)
}
