package otp

import "time"

// Clock is where a tree takes time from. SystemClock is the default; FakeClock is for tests.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once, on another goroutine or from the one that moves the clock.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a pending AfterFunc.
type Timer interface {
	// Stop prevents the call; false means that it came too late.
	Stop() bool
}

// SystemClock is the time of package time.
type SystemClock struct{}

// Now implements Clock.
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc implements Clock.
func (SystemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
