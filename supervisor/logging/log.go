package logging

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Log is an open log. All methods may be called from any goroutine.
type Log struct {
	buffers sync.Pool // of *buffer
	started time.Time

	admin sync.Mutex // guards plan, limit and named, and makes Reconfigure, Reopen and Close take turns
	plan  plan
	limit *limiter
	named map[string]*source

	write  sync.Mutex // guards the sinks of plan and what follows; held while a finished line is written, and never while one is made
	closed bool
	held   []holder // that have lines to be released
	timer  *time.Timer

	lost atomic.Uint64
}

// buffer is the memory one record needs; pooled, because every record needs it.
type buffer struct {
	record record
	line   []byte // the record in every form that is wanted
	ends   []int  // of each form in line
	hold   bool   // the lines may be written a moment later
	values []byte // what the record's spans point into, where it is no event of zerolog's
	form   delivery
}

// maxPooled is the size of a line beyond which its buffer is left to the collector: one huge record shall not cost memory for
// good. zerolog's own limit for events is the same.
const maxPooled = 64 << 10

// Open makes a Log from cfg: it compiles the formats and opens the sinks. The error is Problems: each names the option or the path.
func Open(cfg Config) (*Log, error) {
	l := &Log{
		buffers: sync.Pool{New: func() any { return &buffer{line: make([]byte, 0, 512)} }},
		named:   map[string]*source{},
	}
	l.started = cfg.filled().Clock()
	if err := l.Reconfigure(cfg); err != nil {
		return nil, err
	}
	return l, nil
}

// Reconfigure puts cfg in the place of the Config before: formats, levels and sinks, those of loggers handed out earlier too.
// On error nothing has changed. Sinks that cfg asks for as the Config before did stay open; the others are closed once no line
// can reach them.
func (l *Log) Reconfigure(cfg Config) error {
	l.admin.Lock()
	defer l.admin.Unlock()
	cfg.started = l.started
	cfg = cfg.filled()
	next, err := compilePlan(cfg)
	if err != nil {
		return err
	}
	opened, err := next.open(&l.plan)
	if err != nil {
		return err
	}
	limit := l.limit
	if next.limit != l.plan.limit {
		limit = next.limit.limiter(cfg.Clock)
	}
	return l.swap(next, limit, opened)
}

// swap puts the next plan in place and closes the sinks that only the one before has. A closed Log takes none.
func (l *Log) swap(next plan, limit *limiter, opened []sink) error {
	old := l.plan
	err := l.install(next, limit)
	if err != nil {
		_ = eachSink(opened, sink.close) // nothing was written to them
		return err
	}
	_ = eachSink(old.sinksWithout(&next), sink.close) // each line was written by a write of its own: closing cannot lose any
	return nil
}

// install makes the plan that of every logger, between two lines.
func (l *Log) install(next plan, limit *limiter) error {
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		return fmt.Errorf("reconfigure log: %w", errClosed)
	}
	report(l.release()) // of sinks that are going to be closed: the timer must not find them
	l.plan, l.limit = next, limit
	for name, s := range l.named {
		s.follow(name, &l.plan, limit)
	}
	return nil
}

// errClosed is what a closed Log answers.
var errClosed = errors.New("log is closed")

// Reopen opens the log files again by their paths, for the signal that tells a daemon that its files were moved. On error the
// file open before stays in use.
func (l *Log) Reopen() error {
	l.admin.Lock()
	defer l.admin.Unlock()
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		return fmt.Errorf("reopen log: %w", errClosed)
	}
	return eachSink(l.plan.sinks(), sink.reopen)
}

// Close closes the sinks. Records that come later are dropped without an error: there is no place left that could show one.
func (l *Log) Close() error {
	l.admin.Lock()
	defer l.admin.Unlock()
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	return eachSink(l.plan.sinks(), sink.close)
}

// Lost counts the records that a sink did not take, such as those for a syslog daemon that was away, and those that the rate limit
// dropped.
func (l *Log) Lost() uint64 { return l.lost.Load() }

// Logger returns the logger called name, such as neutron.wsgi. Asking is cheap but takes a lock: do it once per component, and
// once per request through WithContext.
//
// Its level is that of the nearest name in Config.DefaultLevels, or the root's, and changes with Reconfigure: it is kept in a
// sampler, which zerolog asks before it builds an event. Do not call Sample on the result.
func (l *Log) Logger(name string) zerolog.Logger {
	s := l.source(name)
	return zerolog.New(s).Sample(s)
}

func (l *Log) source(name string) *source {
	name = canonical(name)
	l.admin.Lock()
	defer l.admin.Unlock()
	s := l.named[name]
	if s == nil {
		s = &source{log: l, name: name}
		s.follow(name, &l.plan, l.limit)
		l.named[name] = s
	}
	return s
}

// source is one named logger: the writer and the sampler of every zerolog.Logger that bears the name.
type source struct {
	log       *Log
	name      string
	threshold atomic.Int32 // a severity
	out       atomic.Pointer[output]
}

// follow gives the logger the level and the handlers that it has in the plan.
func (s *source) follow(name string, p *plan, l *limiter) {
	s.threshold.Store(int32(p.levels.effective(name)))
	s.out.Store(p.outputOf(name, l))
}

var (
	_ zerolog.LevelWriter = (*source)(nil)
	_ zerolog.Sampler     = (*source)(nil)
)

// Sample reports whether records of this level are printed.
func (s *source) Sample(level zerolog.Level) bool {
	return int32(severityOf(level)) >= s.threshold.Load()
}

// WriteLevel prints one event of zerolog's. The level is checked again, because zerolog can be told not to ask samplers.
func (s *source) WriteLevel(level zerolog.Level, event []byte) (int, error) {
	if !s.Sample(level) {
		return len(event), nil
	}
	if err := s.print(severityOf(level), event); err != nil {
		return 0, err
	}
	return len(event), nil
}

// Write prints an event without a level.
func (s *source) Write(event []byte) (int, error) { return s.WriteLevel(zerolog.NoLevel, event) }

// print turns an event into lines, in the goroutine that logs, and writes them.
func (s *source) print(level severity, event []byte) error {
	l, o := s.log, s.out.Load()
	if !l.admits(o.limit, level) {
		return nil
	}
	b, _ := l.buffers.Get().(*buffer)
	b.hold = false
	r := &b.record
	r.at, r.level, r.logger = o.clock(), level, s.name
	if o.wantsCaller(level) {
		r.caller = findCaller()
	}
	r.scan(event)
	err := s.write(b)
	r.src = nil // zerolog's, and about to be used again
	l.giveBack(b)
	return err
}

// admits counts a record, and reports whether it is within the limit.
func (l *Log) admits(limit *limiter, level severity) bool {
	switch limit.take(level) {
	case limitReached:
		l.reportLimit(limit)
		fallthrough
	case overLimit:
		l.lost.Add(1)
		return false
	}
	return true
}

func (l *Log) giveBack(b *buffer) {
	if cap(b.line)+cap(b.values) <= maxPooled {
		l.buffers.Put(b)
	}
}

// reportLimit writes the one line that says that records are dropped, past the limit.
func (l *Log) reportLimit(limit *limiter) {
	s := l.source(rootName)
	if !s.Sample(zerolog.ErrorLevel) {
		return
	}
	b, _ := l.buffers.Get().(*buffer)
	b.hold = false
	r := &b.record
	r.at, r.level, r.logger, r.caller = s.out.Load().clock(), errorSev, rootName, caller{}
	r.scan(limit.report())
	_ = s.write(b) // the sinks have counted it, and whoever logs has an error of its own to come
	r.src = nil
	l.buffers.Put(b)
}

// write prints the record in every form that the logger's handlers want, and writes the lines. When another configuration comes
// in between they are made again for its handlers: no sink that is closed gets one, and none is lost.
func (s *source) write(b *buffer) error {
	for {
		o := s.out.Load()
		b.line, b.ends = b.line[:0], b.ends[:0]
		for i := range o.groups {
			if g := &o.groups[i]; b.record.level >= g.level {
				if b.hold && g.folded != nil {
					b.line = g.format.appendFolded(b.line, g.folded, &b.record)
				} else {
					b.line = g.format.appendRecord(b.line, &b.record)
				}
			}
			b.ends = append(b.ends, len(b.line))
		}
		if err, current := s.emit(o, b); current {
			return err
		}
	}
}

// emit writes the finished lines to o's handlers. It reports false, and has done nothing, when the logger has others by now.
func (s *source) emit(o *output, b *buffer) (failed error, current bool) {
	s.log.write.Lock()
	defer s.log.write.Unlock()
	if s.log.closed {
		return nil, true
	}
	if s.out.Load() != o {
		return nil, false
	}
	m, from := &b.form, 0
	m.record, m.hold = &b.record, b.hold
	for i, to := range b.ends {
		m.line = b.line[from:to]
		from = to
		for _, h := range o.groups[i].handlers {
			if m.record.level < h.level {
				continue
			}
			if err := h.sink.write(m); err != nil {
				failed = errors.Join(failed, s.log.counted(err))
			}
			if m.held != nil {
				s.log.keep(m.held)
				m.held = nil
			}
		}
	}
	return failed, true
}

// counted counts a record that a sink has lost, and keeps the error of one that was reported before.
func (l *Log) counted(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errDropped) {
		l.lost.Add(1)
	}
	if err == errSilently {
		return nil
	}
	return err
}
