package admin

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Requests counts HTTP requests by method and status, and how long they took. A request costs three atomic additions
// without a lock or an allocation; the labels of client_golang's vectors would cost several hundred nanoseconds. It may be
// used from anywhere.
type Requests struct {
	methods  [len(methodNames)]methodCounts
	total    *prometheus.Desc
	duration *prometheus.Desc
}

// methodNames are the values of the label method. What is not among them counts as the last: a client must not be able to
// make metrics up.
var methodNames = [...]string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "other"}

// The statuses that are counted one by one. What is outside, which net/http would refuse to send, counts as 0.
const (
	lowestStatus  = 100
	highestStatus = 599
)

// bounds are the upper limits of the histogram's buckets: a request takes from half a millisecond to seconds.
var bounds = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// methodCounts are those of one method. The number of observations is the sum of the buckets, so that a histogram that is
// read while it is written to is at least whole in itself.
type methodCounts struct {
	status      [highestStatus - lowestStatus + 2]atomic.Uint64 // the last one is for statuses outside
	buckets     [len(bounds) + 1]atomic.Uint64
	nanoseconds atomic.Int64
}

// NewRequests returns counters at zero.
func NewRequests() *Requests {
	return &Requests{
		total: prometheus.NewDesc("neutron_http_requests_total", "HTTP requests that were answered.",
			[]string{"method", "status"}, nil),
		duration: prometheus.NewDesc("neutron_http_request_duration_seconds", "Time from a request's head to the end of its answer.",
			[]string{"method"}, nil),
	}
}

// Observe counts one answered request.
func (r *Requests) Observe(method string, status int, took time.Duration) {
	m := &r.methods[methodIndex(method)]
	m.status[statusIndex(status)].Add(1)
	m.buckets[bucketIndex(took)].Add(1)
	m.nanoseconds.Add(int64(took))
}

func methodIndex(method string) int {
	for i, name := range methodNames {
		if name == method {
			return i
		}
	}
	return len(methodNames) - 1
}

func statusIndex(status int) int {
	if status < lowestStatus || status > highestStatus {
		return highestStatus - lowestStatus + 1
	}
	return status - lowestStatus
}

func bucketIndex(took time.Duration) int {
	for i, bound := range bounds {
		if took <= bound {
			return i
		}
	}
	return len(bounds)
}

// Describe implements prometheus.Collector.
func (r *Requests) Describe(ch chan<- *prometheus.Desc) {
	ch <- r.total
	ch <- r.duration
}

// Collect implements prometheus.Collector. Methods and statuses that were never seen are left out.
func (r *Requests) Collect(ch chan<- prometheus.Metric) { r.emit(ch, r.Counts()) }

// emit writes counts as the metrics of r.
func (r *Requests) emit(ch chan<- prometheus.Metric, counts RequestCounts) {
	for method, m := range counts {
		for status, n := range m.Statuses {
			ch <- prometheus.MustNewConstMetric(r.total, prometheus.CounterValue, float64(n), method, status)
		}
		count, buckets := m.histogram()
		sum := time.Duration(m.Nanoseconds).Seconds()
		ch <- prometheus.MustNewConstHistogram(r.duration, count, sum, buckets, method)
	}
}

func statusText(index int) string {
	if index > highestStatus-lowestStatus {
		return "0"
	}
	return strconv.Itoa(index + lowestStatus)
}
