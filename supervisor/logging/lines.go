package logging

import (
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"
)

// Lines is a logger for records of one kind that come by the thousand, those of the access log: INFO, a message, and the request
// they belong to. They are printed as the same record of zerolog's is, but without being an event of JSON in between. A log file
// may write them up to two milliseconds late, several by one write, see held.go: where the process is killed in that time they are
// lost.
type Lines struct{ source *source }

// Message is what a record of Lines says. It prints itself, into the memory of the log, and may be asked to do so again.
type Message interface{ Append(dst []byte) []byte }

// Text is a Message that is there already.
type Text []byte

// Append implements Message.
func (t Text) Append(dst []byte) []byte { return append(dst, t...) }

// Lines returns those of the logger called name.
func (l *Log) Lines(name string) Lines { return Lines{l.source(name)} }

// Info logs a message at the time at; the zero time is now. False: the record is not as simple as that, because of its characters,
// or of where it goes, and is to be logged by way of zerolog.
func (l Lines) Info(at time.Time, r *Request, message Message) bool {
	s := l.source
	if !s.Sample(zerolog.InfoLevel) {
		return true
	}
	o := s.out.Load()
	if !o.lines {
		return false
	}
	b, _ := s.log.buffers.Get().(*buffer)
	if at.IsZero() {
		at = o.clock()
	}
	b.hold = true
	b.record.at, b.record.level, b.record.logger, b.record.caller = at, info, s.name, caller{}
	taken := false
	if o.swift {
		taken = s.hurry(o, b, r, message)
	}
	if !taken {
		if taken = b.compose(r, message); taken && s.log.admits(o.limit, info) {
			report(s.write(b))
		}
	}
	s.log.giveBack(b)
	return taken
}

// hurry logs a record whose formats are all swift. False: they are not any more, or it is not printable ASCII.
func (s *source) hurry(o *output, b *buffer, r *Request, message Message) bool {
	b.line, b.ends = b.line[:0], b.ends[:0]
	for i := range o.groups {
		if g := &o.groups[i]; g.level <= info {
			var fine bool
			if b.line, fine = g.swift.append(b.line, g.format, b.record.at, r, message); !fine {
				return false
			}
		}
		b.ends = append(b.ends, len(b.line))
	}
	if !s.log.admits(o.limit, info) {
		return true
	}
	err, current := s.emit(o, b)
	if !current { // they are made again for other handlers; the limit has admitted it
		if !b.compose(r, message) {
			return false
		}
		err = s.write(b)
	}
	report(err)
	return true
}

// compose makes the record. False: something in it is not printable ASCII.
func (b *buffer) compose(r *Request, message Message) bool {
	e := &b.record.event
	e.reset()
	b.values = b.values[:0]
	if r.RequestID != "" {
		addLiteral(b, slotRequestID, r.RequestID)
		addLiteral(b, slotGlobalRequestID, r.GlobalRequestID)
		addLiteral(b, slotUserID, r.UserID)
		addLiteral(b, slotProjectID, r.ProjectID)
		addLiteral(b, slotDomainID, r.DomainID)
		addLiteral(b, slotSystemScope, r.SystemScope)
		addLiteral(b, slotUserDomainID, r.UserDomainID)
		addLiteral(b, slotProjectDomainID, r.ProjectDomainID)
		addLiteral(b, slotUserName, r.UserName)
		addLiteral(b, slotProjectName, r.ProjectName)
	}
	from := len(b.values)
	b.values = message.Append(b.values)
	b.note(slotMessage, from)
	e.src = b.values
	return isPrintable(b.values)
}

func addLiteral(b *buffer, s slot, value string) {
	if value != "" {
		from := len(b.values)
		b.values = append(b.values, value...)
		b.note(s, from)
	}
}

// note makes what has been collected since from the value of a slot.
func (b *buffer) note(s slot, from int) {
	e := &b.record.event
	e.slots[s] = len(e.entries)
	e.entries = append(e.entries, entry{value: span{lo: from, hi: len(b.values), kind: literal}, slot: s})
}

// report tells of an error that nobody is left to get, in the way of zerolog.
func report(err error) {
	switch {
	case err == nil:
	case zerolog.ErrorHandler != nil:
		zerolog.ErrorHandler(err)
	default:
		_, _ = fmt.Fprintf(os.Stderr, "zerolog: could not write event: %v\n", err)
	}
}
