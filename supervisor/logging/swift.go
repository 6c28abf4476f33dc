package logging

import (
	"encoding/binary"
	"time"
)

// swift is a folded format as plain as they mostly are: no widths, and no field but the date, the message, and those of a request.
// It prints a record of Lines from where its parts are, with nothing collected before.
type swift struct{ context, plain []part }

// part is literal text, or one field. A field of a request has, as its literal, what is printed where the request has none.
type part struct {
	literal string
	field   field
	slot    slot
}

// swiftly compiles the folded formats once more; nil when they are not plain enough, or have more in them than printable ASCII.
func (f *formatter) swiftly(formats *folded) *swift {
	context, ok := f.parts(&formats.context, true)
	if !ok {
		return nil
	}
	plain, ok := f.parts(&formats.plain, false)
	if !ok {
		return nil
	}
	return &swift{context: context, plain: plain}
}

func (f *formatter) parts(t *template, inRequest bool) ([]part, bool) {
	var parts []part
	for i := range t.segments {
		p, ok := t.segments[i].part(inRequest)
		if !ok {
			return nil, false
		}
		if n := len(parts); n > 0 && parts[n-1].field == nothing && p.field == nothing {
			parts[n-1].literal += p.literal
		} else {
			parts = append(parts, p)
		}
	}
	return parts, !f.color // whose escapes are no printable ASCII
}

func (s *segment) part(inRequest bool) (part, bool) {
	plain := s.verb == 's' && s.width == 0 && s.prec < 0
	switch {
	case s.verb == 0:
		return part{literal: s.literal, field: nothing}, isPrintable([]byte(s.literal))
	case s.field == msecs:
		return part{field: msecs}, (s.verb == 'd' || s.verb == 'i') && s.width == 3 && s.zeros && !s.left && s.prec < 0
	case plain && (s.field == asctime || s.field == message):
		return part{field: s.field}, true
	case plain && (s.field == ofSlot || s.field == ofIdentity):
		if !inRequest {
			return part{literal: s.missing(false), field: nothing}, true
		}
		return part{literal: s.missing(true), field: ofSlot, slot: s.slot}, true
	}
	return part{}, false
}

// missing is what stands for a value that there is not.
func (s *segment) missing(inRequest bool) string {
	var none event
	none.reset()
	if r := (record{event: none}); s.field == ofIdentity {
		return string(r.appendKnown(nil, s.slot))
	} else if !inRequest {
		return string(r.appendSlot(nil, s.slot))
	}
	return "None"
}

// append prints a record, with the newline that ends it. False: something in it is not printable ASCII.
func (w *swift) append(dst []byte, f *formatter, at time.Time, r *Request, text Message) ([]byte, bool) {
	from, parts := len(dst), w.plain
	if r.RequestID != "" {
		parts = w.context
	}
	for i := range parts {
		switch p := &parts[i]; p.field {
		case asctime:
			dst = f.appendDate(dst, at)
		case msecs:
			dst = appendZeros(dst, at.Nanosecond()/1e6, 3)
		case message:
			dst = text.Append(dst)
		case ofSlot:
			if v := r.value(p.slot); v != "" {
				dst = append(dst, v...)
				continue
			}
			fallthrough
		default:
			dst = append(dst, p.literal...)
		}
	}
	fine := isPrintable(dst[from:])
	return append(dst, '\n'), fine
}

// value is what the request has for a field.
func (r *Request) value(s slot) string {
	switch s {
	case slotRequestID:
		return r.RequestID
	case slotGlobalRequestID:
		return r.GlobalRequestID
	case slotUserID:
		return r.UserID
	case slotProjectID:
		return r.ProjectID
	case slotDomainID:
		return r.DomainID
	case slotSystemScope:
		return r.SystemScope
	case slotUserDomainID:
		return r.UserDomainID
	case slotProjectDomainID:
		return r.ProjectDomainID
	case slotUserName:
		return r.UserName
	case slotProjectName:
		return r.ProjectName
	}
	return ""
}

// isPrintable reports whether b is printable ASCII, eight bytes at a time: lines are looked at by the thousand.
func isPrintable(b []byte) bool {
	const each, top = 0x0101010101010101, 0x8080808080808080
	var odd uint64 // has the top bit of a byte that is from 0x80 up, is 0x7f, or is below the blank
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		odd |= w | (w + each) | ^((w | top) - ' '*each)
	}
	if odd&top != 0 {
		return false
	}
	for _, c := range b {
		if c-' ' > '~'-' ' {
			return false
		}
	}
	return true
}
