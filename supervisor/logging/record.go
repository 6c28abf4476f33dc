package logging

import "time"

// record is one event on its way into a line.
type record struct {
	event
	at     time.Time
	level  severity
	logger string // name of the logger that wrote the event
	caller caller
}

// inRequest reports whether the record belongs to a request.
func (r *record) inRequest() bool { return r.filled(slotRequestID) }

// appendSlot prints a value of the context as oslo.log does: None for what the request has not. Outside a request it is empty
// where oslo.log has a default, and - where Python would fail to print the line.
func (r *record) appendSlot(dst []byte, s slot) []byte {
	switch known := r.filled(s); {
	case !known && r.inRequest():
		return append(dst, "None"...)
	case !known && (s == slotGlobalRequestID || s == slotUserName || s == slotProjectName):
		return dst
	}
	return r.appendKnown(dst, s)
}

// appendKnown prints a value of the context, or - for what is not known.
func (r *record) appendKnown(dst []byte, s slot) []byte {
	if s != noSlot && r.filled(s) {
		return r.appendText(dst, r.spanOf(s), false)
	}
	return append(dst, '-')
}

// appendUnknown prints a value of the context that no request has: None within a request, as oslo.log does for what is not set.
func (r *record) appendUnknown(dst []byte) []byte {
	if r.inRequest() {
		return append(dst, "None"...)
	}
	return append(dst, '-')
}

// appendUUID prints the instance's uuid, from whichever field has it.
func (r *record) appendUUID(dst []byte) []byte {
	if r.filled(slotInstance) {
		return r.appendText(dst, r.spanOf(slotInstance), false)
	}
	return r.appendText(dst, r.spanOf(slotInstanceUUID), false)
}

func (r *record) appendName(dst []byte) []byte {
	if r.filled(slotLogger) {
		return r.appendText(dst, r.spanOf(slotLogger), false)
	}
	return append(dst, r.logger...)
}

// appendMessage prints the message and, behind it, the fields that no format asks for.
func (r *record) appendMessage(dst []byte) []byte {
	from := len(dst)
	if r.has(slotMessage) {
		dst = r.appendText(dst, r.spanOf(slotMessage), true)
	}
	for _, f := range r.entries {
		if !r.isExtra(f.slot) {
			continue
		}
		if len(dst) > from {
			dst = append(dst, ' ')
		}
		dst = r.appendPair(dst, f)
	}
	return dst
}

// isExtra reports whether a field is printed with the message. Outside a request that is so for values of the context, which
// no format would show.
func (r *record) isExtra(s slot) bool {
	return s == noSlot || s >= slotRequestID && !r.inRequest()
}

func (r *record) appendSummary(dst []byte) []byte {
	if !r.has(slotError) {
		return append(dst, '-')
	}
	return r.appendText(dst, r.spanOf(slotError), false)
}
