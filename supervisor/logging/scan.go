package logging

import "bytes"

// kind says how a value was spelled in the event.
type kind uint8

const (
	absent  kind = iota // no value at all: zerolog writes `"key":` and nothing more for a nil pointer that is an error
	text                // a JSON string; the span lies within its quotes
	raw                 // any other JSON value
	broken              // a piece of an event that is not JSON, as it stands
	literal             // printable ASCII, as it stands; no event of zerolog's has any
)

// span is a piece of the scanned event.
type span struct {
	lo, hi int
	kind   kind
}

// entry is one field of an event.
type entry struct {
	key, value span
	slot       slot
}

// slot is the meaning of a field's name; noSlot is an extra field, printed after the message.
type slot uint8

const (
	noSlot slot = iota
	slotMessage
	slotError
	slotStack
	slotLogger
	slotInstance
	slotInstanceUUID
	slotLevel
	slotTime
	slotRequestID
	slotGlobalRequestID
	slotUserID
	slotProjectID
	slotDomainID
	slotSystemScope
	slotUserDomainID
	slotProjectDomainID
	slotUserName
	slotProjectName
	slotCount
)

// slotOf knows the field names that WithContext and zerolog itself write.
func slotOf(key []byte) slot {
	switch string(key) {
	case "message":
		return slotMessage
	case "error":
		return slotError
	case "stack":
		return slotStack
	case "logger":
		return slotLogger
	case "instance":
		return slotInstance
	case "instance_uuid":
		return slotInstanceUUID
	case "level":
		return slotLevel
	case "time":
		return slotTime
	case "request_id":
		return slotRequestID
	case "global_request_id":
		return slotGlobalRequestID
	case "user_id":
		return slotUserID
	case "project_id":
		return slotProjectID
	case "domain_id":
		return slotDomainID
	case "system_scope":
		return slotSystemScope
	case "user_domain_id":
		return slotUserDomainID
	case "project_domain_id":
		return slotProjectDomainID
	case "user_name":
		return slotUserName
	case "project_name":
		return slotProjectName
	}
	return noSlot
}

// event is one zerolog event, taken apart but not copied: spans point into src.
type event struct {
	src     []byte
	entries []entry
	slots   [slotCount]int // index into entries, or -1
	dirty   bool           // src holds raw line breaks, which only RawJSON can have put there
}

// scan takes src apart. What is not JSON ends up in an extra field named unparsed; the message is found in any case, because
// zerolog writes it last and escapes every quote within it.
func (e *event) scan(src []byte) {
	src = bytes.TrimSuffix(src, []byte{'\n'})
	e.reset()
	e.src = src
	e.dirty = bytes.IndexByte(src, '\n') >= 0 || bytes.IndexByte(src, '\r') >= 0
	if len(src) == 0 || src[0] != '{' {
		e.add(entry{value: span{hi: len(src), kind: broken}, slot: slotMessage})
		return
	}
	for i := 1; i < len(src) && (src[i] != '}' || i != len(src)-1); {
		key, value, next := e.field(i)
		if next < 0 {
			e.salvage(i)
			return
		}
		e.add(entry{key: key, value: value, slot: slotOf(src[key.lo:key.hi])})
		i = next
	}
}

// reset forgets the event before.
func (e *event) reset() {
	e.src, e.entries, e.dirty = nil, e.entries[:0], false
	for i := range e.slots {
		e.slots[i] = -1
	}
}

// field reads `"key":value,` at i. next is where the following field starts, or the closing brace; negative when there is no
// field here.
func (e *event) field(i int) (key, value span, next int) {
	if e.src[i] != '"' {
		return key, value, -1
	}
	end := stringEnd(e.src, i+1)
	if end < 0 || end+1 >= len(e.src) || e.src[end+1] != ':' {
		return key, value, -1
	}
	key = span{lo: i + 1, hi: end, kind: text}
	value, next = e.value(end + 2)
	if next < 0 {
		return key, value, -1
	}
	switch next = skipBlank(e.src, next); {
	case next < len(e.src)-1 && e.src[next] == ',':
		return key, value, next + 1
	case next == len(e.src)-1 && e.src[next] == '}':
		return key, value, next
	}
	return key, value, -1
}

// value reads a value at i; next is the byte after it, or negative.
func (e *event) value(i int) (v span, next int) {
	if i = skipBlank(e.src, i); i == len(e.src) {
		return v, -1
	}
	switch c := e.src[i]; c {
	case '"':
		end := stringEnd(e.src, i+1)
		if end < 0 {
			return v, -1
		}
		return span{lo: i + 1, hi: end, kind: text}, end + 1
	case '{', '[':
		end := nestedEnd(e.src, i)
		return span{lo: i, hi: end, kind: raw}, end
	case ',', '}':
		return span{lo: i, hi: i, kind: absent}, i
	}
	end := i
	for end < len(e.src) && isWord(e.src[end]) {
		end++
	}
	if end == i {
		return v, -1
	}
	return span{lo: i, hi: end, kind: raw}, end
}

// add files a field under its slot. The first of a name counts, for it is the context's, and later ones are extra fields; only
// the message is the last one, because Msg writes it after all fields.
func (e *event) add(f entry) {
	switch {
	case f.slot == slotMessage:
		if old := e.slots[slotMessage]; old >= 0 {
			e.entries[old].slot = noSlot
		}
		e.slots[slotMessage] = len(e.entries)
	case f.slot == slotTime && f.value.kind != text:
		f.slot = noSlot
	case f.slot != noSlot && e.slots[f.slot] >= 0:
		f.slot = noSlot
	default:
		e.slots[f.slot] = len(e.entries)
	}
	e.entries = append(e.entries, f)
}

// salvage keeps what lies behind i, where the event stops being JSON.
func (e *event) salvage(i int) {
	const mark = `"message":"`
	at, end := bytes.LastIndex(e.src[i:], []byte(mark)), len(e.src)-len(`"}`)
	if at < 0 || stringEnd(e.src, i+at+len(mark)) != end {
		e.add(entry{value: span{lo: i, hi: len(e.src), kind: broken}, slot: noSlot})
		return
	}
	if at > 0 {
		e.add(entry{value: span{lo: i, hi: i + at, kind: broken}, slot: noSlot})
	}
	e.add(entry{value: span{lo: i + at + len(mark), hi: end, kind: text}, slot: slotMessage})
}

// stringEnd finds the quote that ends the string whose first byte is at i; negative when none does.
func stringEnd(src []byte, i int) int {
	for from := i; from < len(src); {
		n := bytes.IndexByte(src[from:], '"')
		if n < 0 {
			return -1
		}
		quote := from + n
		escapes := 0
		for quote-1-escapes >= i && src[quote-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return quote
		}
		from = quote + 1
	}
	return -1
}

// nestedEnd finds the byte after the object or array that starts at i; negative when it does not end.
func nestedEnd(src []byte, i int) int {
	for depth := 0; i < len(src); i++ {
		switch src[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			if i = stringEnd(src, i+1); i < 0 {
				return -1
			}
		}
	}
	return -1
}

func skipBlank(src []byte, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\t' || src[i] == '\n' || src[i] == '\r') {
		i++
	}
	return i
}

// isWord reports whether c may be part of a number, true, false or null.
func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '-' || c == '+'
}

func (e *event) has(s slot) bool { return e.slots[s] >= 0 }

// spanOf is the value in slot s as it stands in the event; absent when the event has none.
func (e *event) spanOf(s slot) span {
	if i := e.slots[s]; i >= 0 {
		return e.entries[i].value
	}
	return span{}
}

// bytes is the piece of the event that s spans.
func (e *event) bytes(s span) []byte { return e.src[s.lo:s.hi] }

// filled reports whether slot s holds a value that is not empty or null.
func (e *event) filled(s slot) bool {
	v := e.spanOf(s)
	return v.hi > v.lo && (v.kind != raw || string(e.bytes(v)) != "null")
}
