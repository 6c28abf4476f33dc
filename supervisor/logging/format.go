package logging

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// wantsCaller reports whether printing a record of this level shows where it was logged.
func (f *formatter) wantsCaller(level severity) bool {
	return f.json || f.context.caller || f.plain.caller || f.exception.caller || level == debug && f.suffix.caller
}

// appendRecord prints r, with the newline that ends it.
func (f *formatter) appendRecord(dst []byte, r *record) []byte {
	if f.json {
		return append(f.appendJSON(dst, r), '\n')
	}
	t := &f.plain
	if r.inRequest() {
		t = &f.context
	}
	dst = f.appendTemplate(dst, t, r)
	if r.has(slotError) && !t.summary {
		dst = r.appendText(append(dst, ": "...), r.spanOf(slotError), false)
	}
	if r.level == debug && len(f.suffix.segments) > 0 {
		dst = f.appendTemplate(append(dst, ' '), &f.suffix, r)
	}
	if r.has(slotStack) {
		dst = f.appendStack(dst, r)
	}
	if f.color {
		dst = append(dst, resetColor...)
	}
	return append(dst, '\n')
}

// appendStack prints the stack below the line, every line of it behind the exception prefix.
func (f *formatter) appendStack(dst []byte, r *record) []byte {
	dst = append(dst, '\n')
	from := len(dst)
	dst = f.appendTemplate(dst, &f.exception, r)
	prefix := string(dst[from:])
	stack := r.appendText(nil, r.spanOf(slotStack), true)
	for i, line := range strings.Split(strings.TrimRight(string(stack), "\n"), "\n") {
		if i > 0 {
			dst = append(append(dst, '\n'), prefix...)
		}
		dst = append(dst, line...)
	}
	return dst
}

func (f *formatter) appendTemplate(dst []byte, t *template, r *record) []byte {
	for i := range t.segments {
		s := &t.segments[i]
		if s.verb == 0 {
			dst = append(dst, s.literal...)
			continue
		}
		from := len(dst)
		dst = f.appendField(dst, s, r)
		if s.width > 0 || s.prec >= 0 && s.verb == 's' {
			dst = s.fit(dst, from)
		}
	}
	return dst
}

// fit cuts and pads what was printed from dst[from] on.
func (s *segment) fit(dst []byte, from int) []byte {
	runes := utf8.RuneCount(dst[from:])
	for ; s.verb == 's' && s.prec >= 0 && runes > s.prec; runes-- {
		_, size := utf8.DecodeLastRune(dst)
		dst = dst[:len(dst)-size]
	}
	missing := s.width - runes
	if missing <= 0 {
		return dst
	}
	end := len(dst)
	pad := byte(' ')
	if s.zeros && !s.left {
		pad = '0'
	}
	for range missing {
		dst = append(dst, pad)
	}
	if !s.left {
		copy(dst[from+missing:], dst[from:end])
		for i := range missing {
			dst[from+i] = pad
		}
	}
	return dst
}

func (f *formatter) appendField(dst []byte, s *segment, r *record) []byte {
	switch s.field {
	case ofSlot:
		return r.appendSlot(dst, s.slot)
	case ofIdentity:
		return r.appendKnown(dst, s.slot)
	case ofUUID:
		return r.appendUUID(dst)
	case asctime:
		return f.appendDate(dst, r.at)
	case msecs, created, relativeCreated, isotime:
		return f.appendMoment(dst, s, r)
	case process:
		return strconv.AppendInt(dst, int64(f.pid), 10)
	case processName:
		return append(dst, f.program...)
	case version:
		return append(dst, f.version...)
	case thread:
		return append(dst, '0')
	case threadName:
		return append(dst, "MainThread"...)
	case color:
		return f.appendColor(dst, r.level.color())
	case colorReset:
		return f.appendColor(dst, resetColor)
	case unknown:
		return r.appendUnknown(dst)
	case levelname:
		return append(dst, r.level.name()...)
	case levelno:
		return strconv.AppendInt(dst, int64(r.level), 10)
	case loggerName:
		return r.appendName(dst)
	case message:
		return r.appendMessage(dst)
	case instance:
		return f.appendInstance(dst, r)
	case userIdentity:
		return f.appendIdentity(dst, r)
	case errorSummary:
		return r.appendSummary(dst)
	}
	return r.caller.append(dst, s.field)
}

// appendMoment prints the record's time in one of the ways that are not asctime.
func (f *formatter) appendMoment(dst []byte, s *segment, r *record) []byte {
	switch s.field {
	case isotime:
		return r.at.AppendFormat(dst, "2006-01-02T15:04:05.000000-07:00")
	case msecs:
		return appendFloat(dst, float64(r.at.Nanosecond()/1e6), s)
	case relativeCreated:
		return appendFloat(dst, float64(r.at.Sub(f.started))/1e6, s)
	}
	return appendFloat(dst, float64(r.at.UnixMicro())/1e6, s)
}

// appendFloat prints v as Python does: six digits unless told otherwise, all that matter for s, none for d.
func appendFloat(dst []byte, v float64, s *segment) []byte {
	switch {
	case s.verb == 's':
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	case s.verb != 'f':
		return strconv.AppendInt(dst, int64(v), 10)
	case s.prec < 0:
		return strconv.AppendFloat(dst, v, 'f', 6, 64)
	}
	return strconv.AppendFloat(dst, v, 'f', s.prec, 64)
}

// appendDate prints %(asctime)s.
func (f *formatter) appendDate(dst []byte, t time.Time) []byte {
	if f.subsecond {
		return appendTime(dst, f.dateFormat, t)
	}
	last := f.second.Load()
	if last == nil || last.unix != t.Unix() || last.zone != t.Location() {
		last = &second{unix: t.Unix(), zone: t.Location(), text: appendTime(nil, f.dateFormat, t)}
		f.second.Store(last)
	}
	dst = append(dst, last.text...)
	if f.millis {
		return appendZeros(append(dst, ','), t.Nanosecond()/1e6, 3)
	}
	return dst
}

func (f *formatter) appendColor(dst []byte, code string) []byte {
	if !f.color {
		return dst
	}
	return append(dst, code...)
}

// appendIdentity prints %(user_identity)s: nothing outside a request.
func (f *formatter) appendIdentity(dst []byte, r *record) []byte {
	if !r.inRequest() {
		return dst
	}
	return f.appendTemplate(dst, &f.identity, r)
}

// appendInstance prints %(instance)s, from the instance if there is one, or from its uuid.
func (f *formatter) appendInstance(dst []byte, r *record) []byte {
	switch {
	case r.filled(slotInstance):
		return f.appendTemplate(dst, &f.instance, r)
	case r.filled(slotInstanceUUID):
		return f.appendTemplate(dst, &f.instanceUUID, r)
	}
	return dst
}
