package logging

import (
	"errors"
	"io"
	"os"
	"time"
)

// delivery is one finished record on its way to a sink.
type delivery struct {
	record *record
	line   []byte // with the newline that ends it
	hold   bool   // the line may be written a moment later, with others
	held   holder // the sink that has done so
}

// sink is one place that records go to. Its methods are called under Log's write mutex.
type sink interface {
	write(m *delivery) error
	reopen() error
	close() error
}

// open opens the sinks of p, but for those that old has already. It returns those that it has opened; on error there are none.
func (p *plan) open(old *plan) ([]sink, error) {
	var opened []sink
	var found Problems
	known := old.bySpec()
	now := p.clock()
	for _, h := range p.handlers {
		if h.sink = known[h.spec]; h.sink != nil {
			continue
		}
		s, err := h.spec.open(now)
		if err != nil {
			found.add(h.option, err)
			continue
		}
		h.sink, known[h.spec] = s, s
		opened = append(opened, s)
	}
	if found != nil {
		_ = eachSink(opened, sink.close) // nothing was written to them
		return nil, found
	}
	return opened, nil
}

func (p *plan) bySpec() map[spec]sink {
	m := make(map[spec]sink, len(p.handlers))
	for _, h := range p.handlers {
		m[h.spec] = h.sink
	}
	return m
}

// sinks lists every sink once.
func (p *plan) sinks() []sink { return p.sinksWithout(&plan{}) }

// sinksWithout lists every sink of p that other has not.
func (p *plan) sinksWithout(other *plan) []sink {
	seen := make(map[sink]bool, len(p.handlers))
	for _, h := range other.handlers {
		seen[h.sink] = true
	}
	var list []sink
	for _, h := range p.handlers {
		if !seen[h.sink] {
			seen[h.sink] = true
			list = append(list, h.sink)
		}
	}
	return list
}

// eachSink runs do on every sink, whatever the others answer.
func eachSink(sinks []sink, do func(sink) error) error {
	var failed error
	for _, s := range sinks {
		if err := do(s); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// stream is a sink that somebody else opened and will close.
type stream struct{ w io.Writer }

func (s *stream) write(m *delivery) error {
	_, err := s.w.Write(m.line)
	return err
}

func (s *stream) reopen() error { return nil }
func (s *stream) close() error  { return nil }

// outputSpec is Config.Output. Each Config has its own, so that no Output needs to be comparable.
type outputSpec struct{ stream *stream }

func (o outputSpec) check() error                 { return nil }
func (o outputSpec) open(time.Time) (sink, error) { return o.stream, nil }
func (o outputSpec) wantsCaller() bool            { return false }

// stdStream is the number of a standard stream.
type stdStream int

func (s stdStream) check() error      { return nil }
func (s stdStream) wantsCaller() bool { return false }

func (s stdStream) open(time.Time) (sink, error) {
	if s == 2 {
		return &stream{w: os.Stderr}, nil
	}
	return &stream{w: os.Stdout}, nil
}

// nowhere is the sink of Python's NullHandler.
type nowhere struct{}

func (nowhere) check() error                 { return nil }
func (nowhere) open(time.Time) (sink, error) { return nowhere{}, nil }
func (nowhere) wantsCaller() bool            { return false }
func (nowhere) write(*delivery) error        { return nil }
func (nowhere) reopen() error                { return nil }
func (nowhere) close() error                 { return nil }
