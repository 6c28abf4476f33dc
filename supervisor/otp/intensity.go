package otp

import "time"

// window counts the restarts of one supervisor in a sliding period.
type window struct {
	limit  int
	period time.Duration
	times  []time.Time
}

// exceeded adds a restart and reports whether it was one too many. A restart exactly one period ago still counts, as in
// OTP.
func (w *window) exceeded(now time.Time) bool {
	old := 0
	for old < len(w.times) && now.Sub(w.times[old]) > w.period {
		old++
	}
	w.times = append(w.times[old:], now)
	return len(w.times) > w.limit
}

func (w *window) reset() { w.times = nil }
