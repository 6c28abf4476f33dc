package logging

import (
	"fmt"
	"strings"
)

// template is a %-format of Python's logging, compiled once.
type template struct {
	segments []segment
	caller   bool // prints where the record was logged, which costs a walk of the stack
	summary  bool // places the error itself, so that it is not appended
	color    bool // begins or ends a colour
}

// segment is literal text, or one %(name)s. Verb is zero for literal text.
type segment struct {
	literal string
	field   field
	slot    slot // of a field that the event itself carries
	verb    byte
	left    bool // flag -
	zeros   bool // flag 0
	width   int
	prec    int // -1 when there is none
}

// field is what a %(name)s prints.
type field uint8

const (
	ofSlot     field = iota // a value of the request's context
	ofIdentity              // the same within %(user_identity)s, where what is missing looks different
	ofUUID                  // that of the instance, within %(instance)s
	asctime
	msecs
	created
	relativeCreated
	isotime
	process
	processName
	levelname
	levelno
	loggerName
	message
	instance
	userIdentity
	errorSummary
	funcName
	pathname
	filename
	module
	lineno
	version
	thread
	threadName
	color
	colorReset
	unknown // a value of oslo.context that no request has here
	nothing // known to oslo.log, always empty here
)

// fieldNamed knows the names of Python's LogRecord and those that oslo.log adds.
func fieldNamed(name string) (field, slot, bool) {
	switch name {
	case "asctime":
		return asctime, noSlot, true
	case "msecs":
		return msecs, noSlot, true
	case "created":
		return created, noSlot, true
	case "relativeCreated":
		return relativeCreated, noSlot, true
	case "isotime":
		return isotime, noSlot, true
	case "process":
		return process, noSlot, true
	case "processName":
		return processName, noSlot, true
	case "levelname":
		return levelname, noSlot, true
	case "levelno":
		return levelno, noSlot, true
	case "name":
		return loggerName, noSlot, true
	case "message":
		return message, noSlot, true
	case "instance":
		return instance, noSlot, true
	case "user_identity":
		return userIdentity, noSlot, true
	case "error_summary":
		return errorSummary, noSlot, true
	case "funcName":
		return funcName, noSlot, true
	case "pathname":
		return pathname, noSlot, true
	case "filename":
		return filename, noSlot, true
	case "module":
		return module, noSlot, true
	case "lineno":
		return lineno, noSlot, true
	case "version":
		return version, noSlot, true
	case "thread":
		return thread, noSlot, true
	case "threadName":
		return threadName, noSlot, true
	case "color":
		return color, noSlot, true
	case "reset_color":
		return colorReset, noSlot, true
	case "resource", "exc_text", "stack_info":
		return nothing, noSlot, true
	case "domain_name", "user_domain_name", "project_domain_name", "auth_token", "is_admin", "is_admin_project", "read_only",
		"show_deleted", "roles", "resource_uuid":
		return unknown, noSlot, true
	}
	s := contextSlot(name)
	return ofSlot, s, s != noSlot
}

// contextSlot knows what oslo.context calls the values of a request, old names included.
func contextSlot(name string) slot {
	switch name {
	case "request_id":
		return slotRequestID
	case "global_request_id":
		return slotGlobalRequestID
	case "user", "user_id":
		return slotUserID
	case "project", "project_id", "tenant", "tenant_id":
		return slotProjectID
	case "domain", "domain_id":
		return slotDomainID
	case "system_scope":
		return slotSystemScope
	case "user_domain", "user_domain_id":
		return slotUserDomainID
	case "project_domain", "project_domain_id":
		return slotProjectDomainID
	case "user_name":
		return slotUserName
	case "project_name", "tenant_name":
		return slotProjectName
	}
	return noSlot
}

// uuidOnly knows the one name that instance_format and instance_uuid_format may use.
func uuidOnly(name string) (field, slot, bool) { return ofUUID, noSlot, name == "uuid" }

// contextOnly knows the names that logging_user_identity_format may use.
func contextOnly(name string) (field, slot, bool) {
	if s := contextSlot(name); s != noSlot {
		return ofIdentity, s, true
	}
	f, _, _ := fieldNamed(name)
	return ofIdentity, noSlot, f == unknown
}

// compile reads a format; known says which names may stand in it. Errors name the option.
func compile(option, format string, known func(string) (field, slot, bool)) (template, error) {
	var t template
	for rest := format; rest != ""; {
		text, spec, found := strings.Cut(rest, "%")
		t.addLiteral(text)
		if !found {
			break
		}
		if strings.HasPrefix(spec, "%") {
			t.addLiteral("%")
			rest = spec[1:]
			continue
		}
		seg, size, err := parseSpec(spec, known)
		if err != nil {
			return template{}, fmt.Errorf("%s: %w in %q", option, err, format)
		}
		t.add(seg)
		rest = spec[size:]
	}
	return t, nil
}

func (t *template) addLiteral(text string) {
	if n := len(t.segments); n > 0 && t.segments[n-1].verb == 0 {
		t.segments[n-1].literal += text
	} else if text != "" {
		t.segments = append(t.segments, segment{literal: text})
	}
}

func (t *template) add(s segment) {
	t.segments = append(t.segments, s)
	t.caller = t.caller || s.field >= funcName && s.field <= lineno
	t.summary = t.summary || s.field == errorSummary
	t.color = t.color || s.field == color || s.field == colorReset
}

// maxWidth bounds a field's width and precision; beyond it stands a typing error, not a wish.
const maxWidth = 1000

// parseSpec reads `(name)flags width .precision verb`, and says how much of spec that was.
func parseSpec(spec string, known func(string) (field, slot, bool)) (segment, int, error) {
	closing := strings.IndexByte(spec, ')')
	if closing < 0 || spec[0] != '(' {
		return segment{}, 0, fmt.Errorf("%% without (name)")
	}
	name := spec[1:closing]
	f, s, ok := known(name)
	if !ok {
		return segment{}, 0, fmt.Errorf("unknown field %%(%s)", name)
	}
	seg := segment{field: f, slot: s, prec: -1}
	i := closing + 1
	for ; i < len(spec) && strings.IndexByte("-0 +#", spec[i]) >= 0; i++ {
		seg.left = seg.left || spec[i] == '-'
		seg.zeros = seg.zeros || spec[i] == '0'
	}
	seg.width, i = parseDigits(spec, i)
	if i < len(spec) && spec[i] == '.' {
		seg.prec, i = parseDigits(spec, i+1)
	}
	if i == len(spec) || !seg.takes(spec[i]) || max(seg.width, seg.prec) > maxWidth {
		return segment{}, 0, fmt.Errorf("%%(%s) does not end in a fitting conversion such as %%(%s)%c", name, name, seg.natural())
	}
	seg.verb = spec[i]
	seg.zeros = seg.zeros && seg.verb != 's'
	return seg, i + 1, nil
}

func parseDigits(s string, i int) (n, next int) {
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		n = min(n*10+int(s[i]-'0'), maxWidth+1)
	}
	return n, i
}

// takes reports whether the field can be printed with the verb: anything as a string, numbers as d or i, times also as f.
func (s segment) takes(verb byte) bool {
	switch verb {
	case 's':
		return true
	case 'd', 'i':
		return s.natural() != 's'
	case 'f':
		return s.natural() == 'f' || s.field == msecs
	}
	return false
}

// natural is the conversion that prints all of the field.
func (s segment) natural() byte {
	switch s.field {
	case msecs, process, levelno, lineno, thread:
		return 'd'
	case created, relativeCreated:
		return 'f'
	}
	return 's'
}
