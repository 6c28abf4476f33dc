package logging

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// limit is oslo.log's rate limit. The zero value limits nothing.
type limit struct {
	burst, interval int
	except          severity // records at or above it are never dropped
}

// limitNone is above every level: any record may be dropped.
const limitNone severity = 1 << 30

// newLimit reads the options of the rate limit.
func newLimit(cfg Config) (limit, error) {
	if cfg.RateBurst < 1 || cfg.RateInterval < 1 {
		return limit{}, nil
	}
	l := limit{burst: cfg.RateBurst, interval: cfg.RateInterval, except: limitNone}
	switch level := strings.ToUpper(cfg.RateExceptLevel); level {
	case "":
	case "CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG":
		l.except, _ = parseSeverity(level)
	default:
		return limit{}, fmt.Errorf("rate_limit_except_level: invalid log level name: %q", cfg.RateExceptLevel)
	}
	return l, nil
}

// limiter counts the records of all loggers in one window.
type limiter struct {
	limit
	clock func() time.Time

	mu    sync.Mutex // guards what follows
	count int
	end   time.Time
}

// limiter starts a window; nil when there is no limit.
func (l limit) limiter(clock func() time.Time) *limiter {
	if l.burst == 0 {
		return nil
	}
	return &limiter{limit: l, clock: clock, end: clock().Add(time.Duration(l.interval) * time.Second)}
}

// verdict is what becomes of a record.
type verdict int

const (
	withinLimit verdict = iota
	limitReached
	overLimit
)

// take counts a record.
func (l *limiter) take(level severity) verdict {
	if l == nil || level >= l.except {
		return withinLimit
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.clock(); !now.Before(l.end) {
		l.count, l.end = 0, now.Add(time.Duration(l.interval)*time.Second)
	}
	l.count++
	switch {
	case l.count <= l.burst:
		return withinLimit
	case l.count == l.burst+1:
		return limitReached
	}
	return overLimit
}

// report is the event that says that the limit was reached, in oslo.log's words.
func (l *limiter) report() []byte {
	return fmt.Appendf(nil, `{"message":"Logging rate limit: drop after %d records/%d sec"}`, l.burst, l.interval)
}
