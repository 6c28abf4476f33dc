package admin

import (
	"context"
	"os"
	"time"
)

// Trigger is the file whose change asks for something, as [oslo_reports] file_event_handler does for a report.
type Trigger struct {
	// Path is empty when there is nothing to watch.
	Path string
	// Interval is how often to look; below a millisecond it is a second.
	Interval time.Duration
}

// defaultInterval is oslo.reports'.
const defaultInterval = time.Second

func (t Trigger) interval() time.Duration {
	if t.Interval < time.Millisecond {
		return defaultInterval
	}
	return t.Interval
}

// WatchTrigger calls changed whenever the file's time of modification has changed since the last look, until ctx ends. A file
// that appears has changed, one that goes has not. Before every look it asks settings, so that a reload counts; a file that it
// names for the first time is as it should be. settings and changed run on the caller's goroutine.
func WatchTrigger(ctx context.Context, settings func() Trigger, changed func()) {
	now := settings()
	last := modified(now.Path)
	timer := time.NewTimer(now.interval())
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		before := now.Path
		now = settings()
		seen := modified(now.Path)
		if now.Path == before && !seen.IsZero() && !seen.Equal(last) {
			changed()
		}
		last = seen
		timer.Reset(now.interval())
	}
}

// modified is zero for a file that cannot be looked at.
func modified(path string) time.Time {
	if path == "" {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
