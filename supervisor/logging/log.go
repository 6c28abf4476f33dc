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
	format  atomic.Pointer[formatter]
	buffers sync.Pool // of *buffer
	started time.Time

	admin  sync.Mutex // guards levels and named, and makes Reconfigure, Reopen and Close take turns
	levels levelTable
	named  map[string]*source

	write  sync.Mutex // guards sinks and closed; held while a finished line is written, and never while one is made
	sinks  []sink
	closed bool
}

// buffer is the memory one record needs; pooled, because every record needs it.
type buffer struct {
	record record
	line   []byte
}

// maxPooled is the size of a line beyond which its buffer is left to the collector: one huge record shall not cost memory for
// good. zerolog's own limit for events is the same.
const maxPooled = 64 << 10

// Open makes a Log from cfg: it compiles the formats and opens the sinks. The error names the option or the path.
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
// On error nothing has changed. The old sinks are closed once no line can reach them.
func (l *Log) Reconfigure(cfg Config) error {
	l.admin.Lock()
	defer l.admin.Unlock()
	cfg = cfg.filled()
	levels, err := newLevelTable(cfg)
	if err != nil {
		return err
	}
	format, err := newFormatter(cfg, l.started)
	if err != nil {
		return err
	}
	sinks, err := openSinks(cfg)
	if err != nil {
		return err
	}
	old, err := l.swap(sinks)
	if err != nil {
		return err
	}
	l.format.Store(format)
	l.levels = levels
	for name, s := range l.named {
		s.threshold.Store(int32(levels.effective(name)))
	}
	_ = eachSink(old, sink.close) // each line was written by a write of its own: closing cannot lose any
	return nil
}

// swap puts sinks in place and returns those before. A closed Log takes none.
func (l *Log) swap(sinks []sink) ([]sink, error) {
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		_ = eachSink(sinks, sink.close) // nothing was written to them
		return nil, fmt.Errorf("reconfigure log: %w", errClosed)
	}
	old := l.sinks
	l.sinks = sinks
	return old, nil
}

// errClosed is what a closed Log answers.
var errClosed = errors.New("log is closed")

// Reopen opens the log file again by its path, for the signal that tells a daemon that its files were moved. On error the file
// open before stays in use.
func (l *Log) Reopen() error {
	l.admin.Lock()
	defer l.admin.Unlock()
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		return fmt.Errorf("reopen log: %w", errClosed)
	}
	return eachSink(l.sinks, sink.reopen)
}

// Close closes the file. Records that come later are dropped without an error: there is no place left that could show one.
func (l *Log) Close() error {
	l.admin.Lock()
	defer l.admin.Unlock()
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	return eachSink(l.sinks, sink.close)
}

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
		s.threshold.Store(int32(l.levels.effective(name)))
		l.named[name] = s
	}
	return s
}

// source is one named logger: the writer and the sampler of every zerolog.Logger that bears the name.
type source struct {
	log       *Log
	name      string
	threshold atomic.Int32 // a severity
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
	if err := s.log.print(s.name, severityOf(level), event); err != nil {
		return 0, err
	}
	return len(event), nil
}

// Write prints an event without a level.
func (s *source) Write(event []byte) (int, error) { return s.WriteLevel(zerolog.NoLevel, event) }

// print turns an event into a line, in the goroutine that logs, and writes it.
func (l *Log) print(logger string, level severity, event []byte) error {
	format := l.format.Load()
	b, _ := l.buffers.Get().(*buffer)
	r := &b.record
	r.at, r.level, r.logger = format.clock(), level, logger
	if format.wantsCaller(level) {
		r.caller = findCaller()
	}
	r.scan(event)
	b.line = format.appendRecord(b.line[:0], r)
	err := l.emit(r.at, b.line)
	r.src = nil // zerolog's, and about to be used again
	if cap(b.line) <= maxPooled {
		l.buffers.Put(b)
	}
	return err
}

// emit writes a finished line to every sink.
func (l *Log) emit(now time.Time, line []byte) error {
	l.write.Lock()
	defer l.write.Unlock()
	if l.closed {
		return nil
	}
	var failed error
	for _, s := range l.sinks {
		if err := s.write(now, line); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
