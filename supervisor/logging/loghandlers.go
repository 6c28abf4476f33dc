package logging

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// arguments are what a handler's class is called with.
type arguments struct {
	placed pyTuple
	named  pyDict
	taken  int // of placed
	used   []string
	err    error
}

// take is the next argument by place, or by name; false when neither is given.
func (a *arguments) take(name string) (any, bool) {
	a.used = append(a.used, name)
	named, both := a.named[name]
	if a.taken < len(a.placed) {
		v := a.placed[a.taken]
		a.taken++
		if both {
			a.fail(name, "is given twice")
		}
		return v, true
	}
	return named, both
}

func (a *arguments) fail(name, why string) {
	a.err = errors.Join(a.err, fmt.Errorf("argument %s %s", name, why))
}

// unused names an argument that the class has not taken.
func (a *arguments) unused() string {
	if a.taken < len(a.placed) {
		return fmt.Sprintf("%d", a.taken+1)
	}
	for _, name := range slices.Sorted(maps.Keys(a.named)) {
		if !slices.Contains(a.used, name) {
			return name
		}
	}
	return ""
}

func (a *arguments) text(name, otherwise string) string {
	v, there := a.take(name)
	if !there {
		return otherwise
	}
	text, ok := v.(string)
	if !ok {
		a.fail(name, "must be a string")
	}
	return text
}

func (a *arguments) number(name string, otherwise int64) int64 {
	v, there := a.take(name)
	if !there {
		return otherwise
	}
	n, ok := v.(int64)
	if !ok || n < 0 {
		a.fail(name, "must be a number that is not negative")
	}
	return n
}

func (a *arguments) flag(name string) bool {
	v, there := a.take(name)
	if !there {
		return false
	}
	on, ok := v.(bool)
	if n, isNumber := v.(int64); isNumber {
		on, ok = n != 0, true
	}
	if !ok {
		a.fail(name, "must be True or False")
	}
	return on
}

// ignore takes arguments that mean nothing here: every file is written in UTF-8, and opened at once.
func (a *arguments) ignore(names ...string) {
	for _, name := range names {
		a.take(name)
	}
}

// refuse takes an argument that must be None.
func (a *arguments) refuse(name string) {
	if v, _ := a.take(name); v != nil {
		a.fail(name, "is not supported")
	}
}

// class makes a sink of a handler's arguments.
type class func(Config, *arguments) (spec, error)

// classNamed knows the handlers of Python's logging and of oslo.log that are supported; nil for all others.
func classNamed(name string) class {
	short := strings.TrimPrefix(name, "logging.")
	switch {
	case short == "NullHandler" || name == "oslo_log.handlers.NullHandler":
		return func(Config, *arguments) (spec, error) { return nowhere{}, nil }
	case short == "StreamHandler" || name == "oslo_log.handlers.ColorHandler":
		return streamOf
	case short == "FileHandler":
		return fileOf
	case short == "handlers.WatchedFileHandler" || name == "oslo_log.watchers.FastWatchedFileHandler":
		return fileOf
	case short == "handlers.RotatingFileHandler":
		return rotatingOf
	case short == "handlers.TimedRotatingFileHandler":
		return timedOf
	case short == "handlers.SysLogHandler":
		return sysLogOf
	case name == "oslo_log.handlers.OSSysLogHandler":
		return osSysLogOf
	case name == "oslo_log.handlers.OSJournalHandler":
		return journalOf
	}
	return nil
}

func streamOf(_ Config, a *arguments) (spec, error) {
	v, there := a.take("stream")
	switch {
	case !there || v == nil || v == pyName("sys.stderr"):
		return stdStream(2), nil
	case v == pyName("sys.stdout"):
		return stdStream(1), nil
	}
	return nil, errors.New("argument stream must be sys.stderr or sys.stdout")
}

// file and mode are what the file handlers have in common. Relative names are below the working directory.
func (a *arguments) file() fileSpec {
	s := fileSpec{path: a.text("filename", "")}
	if s.path == "" {
		a.fail("filename", "is missing")
	}
	return s
}

func (a *arguments) mode(cfg Config, s *fileSpec) {
	switch mode := a.text("mode", "a"); mode {
	case "a":
	case "w":
		s.truncate = !cfg.Joins
	default:
		a.fail("mode", fmt.Sprintf("%q is not supported, only 'a' and 'w'", mode))
	}
}

func fileOf(cfg Config, a *arguments) (spec, error) {
	s := a.file()
	a.mode(cfg, &s)
	a.ignore("encoding", "delay", "errors")
	return s, a.err
}

func rotatingOf(cfg Config, a *arguments) (spec, error) {
	s := a.file()
	a.mode(cfg, &s)
	s.rotation.size, s.rotation.keep = a.number("maxBytes", 0), int(a.number("backupCount", 0))
	s.truncate = s.truncate && s.rotation.size == 0 // as in Python
	a.ignore("encoding", "delay", "errors")
	return s, a.err
}

func timedOf(_ Config, a *arguments) (spec, error) {
	s := a.file()
	when := strings.ToUpper(a.text("when", "h"))
	r := rotation{times: int(a.number("interval", 1)), keep: int(a.number("backupCount", 0))}
	a.ignore("encoding", "delay")
	r.utc = a.flag("utc")
	a.refuse("atTime")
	a.ignore("errors")
	units := map[string]every{"S": everySecond, "M": everyMinute, "H": everyHour, "D": everyDay, "MIDNIGHT": everyMidnight}
	if len(when) == 2 && when[0] == 'W' && when[1] >= '0' && when[1] <= '6' {
		r.every, r.weekday, r.times = everyWeek, int(when[1]-'0'), 1
	} else if r.every = units[when]; r.every == never {
		a.fail("when", fmt.Sprintf("%q is not supported", when))
	}
	if err := r.check(); err != nil {
		a.fail("interval", err.Error())
	}
	s.rotation = r
	return s, a.err
}

// sysLogOf is Python's SysLogHandler, over UDP or to a Unix socket.
func sysLogOf(_ Config, a *arguments) (spec, error) {
	s := syslogSpec{facility: 1}
	switch v, there := a.take("address"); address := v.(type) {
	case string:
		s.address = address
	case pyTuple:
		host, port := hostPort(address)
		if port == 0 {
			a.fail("address", "must be a path, or (host, port)")
		}
		s.network, s.address = "udp", fmt.Sprintf("%s:%d", bracketed(host), port)
	default:
		if there {
			a.fail("address", "must be a path, or (host, port)")
		}
		s.network, s.address = "udp", "localhost:514"
	}
	s.facility = a.facility(0)
	if v, there := a.take("socktype"); there && v != nil && v != pyName("socket.SOCK_DGRAM") {
		a.fail("socktype", "is not supported, but for socket.SOCK_DGRAM")
	}
	return s, a.err
}

func hostPort(address pyTuple) (string, int64) {
	if len(address) != 2 {
		return "", 0
	}
	host, _ := address[0].(string)
	port, _ := address[1].(int64)
	if port < 1 || port > 65535 {
		return "", 0
	}
	return host, port
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// facility takes the argument facility: a name of SysLogHandler's constants or of its table, or a number, which counts in steps
// of 1<<shift.
func (a *arguments) facility(shift int) int {
	v, there := a.take("facility")
	if !there || v == nil {
		return 1
	}
	name, isName := "", true
	switch v := v.(type) {
	case int64:
		if v >= 0 && v>>shift <= 23 && v == v>>shift<<shift {
			return int(v >> shift)
		}
		isName = false
	case string:
		name = v
	case pyName:
		name = string(v[strings.LastIndexByte(string(v), '.')+1:])
	}
	n, err := facilityNamed(name)
	if err != nil || !isName {
		a.fail("facility", "must be one of syslog's")
	}
	return n
}

// osSysLogOf is oslo.log's own, which goes through syslog(3), so that a number is one of syslog.h.
func osSysLogOf(cfg Config, a *arguments) (spec, error) {
	return syslogSpec{address: cfg.SyslogSocket, ident: cfg.ProgramName, facility: a.facility(3)}, a.err
}

func journalOf(cfg Config, a *arguments) (spec, error) {
	return journalSpec{socket: cfg.JournalSocket, ident: cfg.ProgramName, facility: a.facility(3)}, a.err
}
