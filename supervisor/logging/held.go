package logging

import (
	"errors"
	"slices"
	"time"
)

// The access log of a busy server is thousands of lines a second, and to write each by a system call of its own costs as much as
// to make it. So a file may hold lines of Lines back and write them together: as soon as any other record comes, or enough of them
// have, or holdFor has passed. The first ones of a while are written at once, so that a server that is not busy holds nothing.
const (
	holdFor  = 2 * time.Millisecond
	fewLines = 4        // within holdFor
	maxHeld  = 32 << 10 // bytes
)

// holder is a sink that holds lines back. Its method is called under Log's write mutex.
type holder interface {
	release() error
}

// held is the lines that a file holds back.
type held struct {
	lines []byte
	until time.Time // the end of the while that is being counted
	count int       // of lines in it
	busy  bool      // there were more than a few in the one before
}

// take takes a line, or leaves it to be written at once, with those that are held.
func (h *held) take(at time.Time, line []byte) bool {
	if left := h.until.Sub(at); left <= 0 || left > 2*holdFor { // the latter when the clock was set back
		h.busy = h.count > fewLines && left > -holdFor
		h.count, h.until = 0, at.Add(holdFor)
	}
	h.count++
	if !h.busy && h.count <= fewLines || len(h.lines)+len(line) > maxHeld {
		return false
	}
	h.lines = append(h.lines, line...)
	return true
}

// keep sees to it that what the sink holds is released in time.
func (l *Log) keep(h holder) {
	if slices.Contains(l.held, h) {
		return
	}
	if l.held = append(l.held, h); len(l.held) > 1 {
		return // the timer is set
	}
	if l.timer == nil {
		l.timer = time.AfterFunc(holdFor, l.Flush)
	} else {
		l.timer.Reset(holdFor)
	}
}

// Flush writes what is held back, for a process that ends without closing its Log. (It also runs when the timer is over: a sink that
// was closed meanwhile has nothing any more.)
func (l *Log) Flush() {
	l.write.Lock()
	defer l.write.Unlock()
	report(l.release())
}

// release writes what is held back. The write mutex is held.
func (l *Log) release() error {
	var failed error
	for i, h := range l.held {
		failed = errors.Join(failed, h.release())
		l.held[i] = nil
	}
	l.held = l.held[:0]
	return failed
}
