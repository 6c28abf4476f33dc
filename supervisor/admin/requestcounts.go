package admin

import (
	"errors"
	"fmt"
)

// RequestCounts are what a Requests has counted so far, by method. Methods that were never seen are not there.
type RequestCounts map[string]MethodCounts

// MethodCounts are those of one method.
type MethodCounts struct {
	// Statuses counts answers by status; those that were never given are not there.
	Statuses map[string]uint64 `json:"statuses"`
	// Buckets counts requests by how long they took: as many limits as the histogram has, and one for what took longer.
	Buckets []uint64 `json:"buckets"`
	// Nanoseconds is how long all of them took together.
	Nanoseconds int64 `json:"nanoseconds"`
}

// Counts returns a copy.
func (r *Requests) Counts() RequestCounts {
	counts := make(RequestCounts)
	for i := range r.methods {
		m := &r.methods[i]
		c := MethodCounts{Statuses: make(map[string]uint64), Buckets: make([]uint64, len(m.buckets)), Nanoseconds: m.nanoseconds.Load()}
		seen := uint64(0)
		for j := range m.status {
			if n := m.status[j].Load(); n > 0 {
				c.Statuses[statusText(j)] = n
			}
		}
		for j := range m.buckets {
			c.Buckets[j] = m.buckets[j].Load()
			seen += c.Buckets[j]
		}
		if seen > 0 {
			counts[methodNames[i]] = c
		}
	}
	return counts
}

// histogram returns the number of requests, and of those up to each bound, as Prometheus counts.
func (m MethodCounts) histogram() (count uint64, buckets map[float64]uint64) {
	buckets = make(map[float64]uint64, len(bounds))
	for i, bound := range bounds {
		count += m.Buckets[i]
		buckets[bound.Seconds()] = count
	}
	return count + m.Buckets[len(bounds)], buckets
}

// check refuses counts that another version has made.
func (c RequestCounts) check() error {
	for method, m := range c {
		if len(m.Buckets) != len(bounds)+1 {
			return fmt.Errorf("requests of method %s have %d buckets, not %d", method, len(m.Buckets), len(bounds)+1)
		}
		if m.Nanoseconds < 0 {
			return errors.New("requests of method " + method + " took less than no time")
		}
	}
	return nil
}

// add adds others to c.
func (c RequestCounts) add(others RequestCounts) {
	for method, o := range others {
		m, ok := c[method]
		if !ok {
			m = MethodCounts{Statuses: make(map[string]uint64), Buckets: make([]uint64, len(o.Buckets))}
		}
		for status, n := range o.Statuses {
			m.Statuses[status] += n
		}
		for i, n := range o.Buckets {
			m.Buckets[i] += n
		}
		m.Nanoseconds += o.Nanoseconds
		c[method] = m
	}
}
