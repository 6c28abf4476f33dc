package logging

import (
	"bytes"
	"encoding/json"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// appendJSON prints r with the keys of oslo.log's JSONFormatter, in its order. What has no meaning in Go is null: there are
// no thread numbers, and args is empty because the message is complete.
func (f *formatter) appendJSON(dst []byte, r *record) []byte {
	dst = append(dst, `{"message":`...)
	from := len(dst)
	if r.has(slotMessage) {
		dst = r.appendJSONValue(dst, r.spanOf(slotMessage))
	} else {
		dst = append(dst, `""`...)
	}
	to := len(dst)
	dst = appendQuoted(append(dst, `,"asctime":`...), f.appendDate(nil, r.at))
	dst = append(dst, `,"name":`...)
	dst = appendQuoted(dst, r.appendName(nil))
	dst = append(dst, `,"msg":`...)
	dst = append(dst, dst[from:to]...)
	dst = append(dst, `,"args":[],"levelname":"`...)
	dst = append(dst, r.level.name()...)
	dst = strconv.AppendInt(append(dst, `","levelno":`...), int64(r.level), 10)
	dst = r.caller.appendJSON(dst)
	dst = f.appendJSONTimes(dst, r)
	dst = f.appendJSONProcess(dst)
	dst = f.appendJSONError(dst, r)
	dst = f.appendJSONContext(append(dst, `,"context":`...), r)
	dst = r.appendJSONExtra(append(dst, `,"extra":`...))
	return append(dst, '}')
}

func (c caller) appendJSON(dst []byte) []byte {
	file := path.Base(c.file)
	dst = appendQuoted(append(dst, `,"pathname":`...), c.file)
	dst = appendQuoted(append(dst, `,"filename":`...), file)
	dst = appendQuoted(append(dst, `,"module":`...), strings.TrimSuffix(file, ".go"))
	dst = strconv.AppendInt(append(dst, `,"lineno":`...), int64(c.line), 10)
	return appendQuoted(append(dst, `,"funcname":`...), c.function)
}

func (f *formatter) appendJSONTimes(dst []byte, r *record) []byte {
	dst = strconv.AppendFloat(append(dst, `,"created":`...), float64(r.at.UnixMicro())/1e6, 'f', -1, 64)
	dst = strconv.AppendInt(append(dst, `,"msecs":`...), int64(r.at.Nanosecond()/1e6), 10)
	return strconv.AppendFloat(append(dst, `.0,"relative_created":`...), float64(r.at.Sub(f.started))/1e6, 'f', -1, 64)
}

func (f *formatter) appendJSONProcess(dst []byte) []byte {
	dst = appendQuoted(append(dst, `,"thread":null,"thread_name":null,"process_name":`...), f.program)
	return strconv.AppendInt(append(dst, `,"process":`...), int64(f.pid), 10)
}

// appendJSONError prints traceback, hostname and error_summary.
func (f *formatter) appendJSONError(dst []byte, r *record) []byte {
	dst = append(dst, `,"traceback":`...)
	if r.has(slotStack) {
		dst = appendLines(dst, r.appendText(nil, r.spanOf(slotStack), true))
	} else {
		dst = append(dst, "null"...)
	}
	dst = appendQuoted(append(dst, `,"hostname":`...), f.hostname)
	dst = append(dst, `,"error_summary":`...)
	if !r.has(slotError) {
		return append(dst, `""`...)
	}
	return r.appendJSONValue(dst, r.spanOf(slotError))
}

// appendLines prints the lines of a stack as a list, without the empty ones.
func appendLines(dst, stack []byte) []byte {
	dst = append(dst, '[')
	first := true
	for line := range bytes.SplitSeq(stack, []byte{'\n'}) {
		if len(line) == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendQuoted(dst, line)
	}
	return append(dst, ']')
}

// appendJSONContext prints the request's values, null where it has none, or {} outside a request.
func (f *formatter) appendJSONContext(dst []byte, r *record) []byte {
	if !r.inRequest() {
		return append(dst, "{}"...)
	}
	dst = append(dst, '{')
	for _, name := range [...]string{
		"request_id", "global_request_id", "user", "user_id", "user_name", "project", "project_id", "project_name",
		"tenant", "tenant_id", "domain", "system_scope", "user_domain", "project_domain",
	} {
		dst = append(append(append(dst, '"'), name...), `":`...)
		if s := contextSlot(name); r.filled(s) {
			dst = r.appendJSONValue(dst, r.spanOf(s))
		} else {
			dst = append(dst, "null"...)
		}
		dst = append(dst, ',')
	}
	dst = appendQuoted(append(dst, `"user_identity":`...), f.appendIdentity(nil, r))
	return append(dst, '}')
}

func (r *record) appendJSONExtra(dst []byte) []byte {
	dst = append(dst, '{')
	first := true
	for _, e := range r.entries {
		if !r.isExtra(e.slot) && e.slot != slotInstance && e.slot != slotInstanceUUID {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if e.value.kind == broken {
			dst = append(dst, `"unparsed"`...)
		} else {
			dst = r.appendJSONValue(dst, e.key)
		}
		dst = r.appendJSONValue(append(dst, ':'), e.value)
	}
	return append(dst, '}')
}

// appendJSONValue prints a value as valid JSON, as it stands if it is that already.
func (r *record) appendJSONValue(dst []byte, v span) []byte {
	b := r.bytes(v)
	switch {
	case v.kind == absent:
		return append(dst, "null"...)
	case v.kind == text && r.isJSON(v):
		return append(append(append(dst, '"'), b...), '"')
	case v.kind == literal:
		return appendQuoted(dst, b)
	case v.kind == raw && json.Valid(b) && utf8.Valid(b):
		return appendControlFree(dst, b)
	case v.kind == text:
		return appendQuoted(dst, appendUnescaped(nil, b, true))
	}
	return appendQuoted(dst, b)
}

// isJSON reports whether the string v is one, as those that zerolog wrote are. Escapes are rare and left to the JSON package.
func (r *record) isJSON(v span) bool {
	b := r.bytes(v)
	if bytes.IndexByte(b, '\\') >= 0 {
		return json.Valid(r.src[v.lo-1:v.hi+1]) && utf8.Valid(b) // with the quotes around it
	}
	return isBare(b) && utf8.Valid(b)
}

// isBare reports whether s needs no escape between JSON's quotes, if it is valid UTF-8.
func isBare[T string | []byte](s T) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// appendQuoted prints s as a JSON string.
func appendQuoted[T string | []byte](dst []byte, s T) []byte {
	if isBare(s) && utf8.ValidString(string(s)) {
		return append(append(append(dst, '"'), s...), '"')
	}
	quoted, err := json.Marshal(string(s))
	if err != nil {
		return append(dst, `""`...) // cannot happen: every Go string has a JSON form
	}
	return append(dst, quoted...)
}
