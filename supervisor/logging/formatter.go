package logging

import (
	"os"
	"sync/atomic"
	"time"
)

// layout is the form of a record: which of Python's formatters prints it, with which format and date.
type layout struct {
	json bool
	// format, when set, is that of Python's own Formatter, for all records. Else the formats are those of the Config.
	format string
	// date is strftime's; empty is what Python prints without one, with milliseconds.
	date string
}

// layoutOfOptions is the layout of everybody who sets no log_config_append.
func layoutOfOptions(cfg Config) layout { return layout{json: cfg.UseJSON, date: cfg.DateFormat} }

// formatter is a layout, compiled. It is not changed once built, but for the cache of the last second's date.
type formatter struct {
	json       bool
	color      bool // %(color)s is printed
	program    string
	version    string
	pid        int
	hostname   string
	started    time.Time
	dateFormat string
	subsecond  bool
	millis     bool // the date ends in milliseconds

	context, plain, suffix, exception, identity, instance, instanceUUID template

	second *atomic.Pointer[second]
}

// second is the date of one second, printed: thousands of records share it.
type second struct {
	unix int64
	zone *time.Location
	text []byte
}

// newFormatter compiles every format that the layout uses. cfg is filled.
func newFormatter(cfg Config, l layout) (*formatter, error) {
	f := &formatter{
		json: l.json, program: cfg.ProgramName, version: cfg.Version, pid: cfg.PID, started: cfg.started,
		dateFormat: l.date, millis: l.date == "", second: new(atomic.Pointer[second]),
	}
	f.hostname, _ = os.Hostname() // a host without a name logs without it, as in oslo.log
	var found Problems
	if f.millis {
		f.dateFormat = defaultDateFormat
	}
	var err error
	f.subsecond, err = checkDateFormat(f.dateFormat)
	found.add("log_date_format", err)
	for _, c := range f.formats(cfg, l) {
		*c.into, err = compile(c.option, c.format, c.known)
		found.add(c.option, err)
	}
	if l.format != "" {
		f.context = f.plain
	}
	return f, found.err()
}

// formatSource is a format to compile, and the template that it becomes.
type formatSource struct {
	option, format string
	known          func(string) (field, slot, bool)
	into           *template
}

// formats lists what the layout needs compiled.
func (f *formatter) formats(cfg Config, l layout) []formatSource {
	list := []formatSource{
		{"logging_user_identity_format", cfg.UserIdentityFormat, contextOnly, &f.identity},
		{"instance_format", cfg.InstanceFormat, uuidOnly, &f.instance},
		{"instance_uuid_format", cfg.InstanceUUIDFormat, uuidOnly, &f.instanceUUID},
	}
	if l.format != "" {
		return append(list, formatSource{"format", l.format, fieldNamed, &f.plain})
	}
	return append(list,
		formatSource{"logging_context_format_string", orMessage(cfg.ContextFormat), fieldNamed, &f.context},
		formatSource{"logging_default_format_string", orMessage(cfg.DefaultFormat), fieldNamed, &f.plain},
		formatSource{"logging_debug_format_suffix", cfg.DebugSuffix, fieldNamed, &f.suffix},
		formatSource{"logging_exception_prefix", cfg.ExceptionPrefix, fieldNamed, &f.exception},
	)
}

// colored is f with colours, or f itself where no format asks for any.
func (f *formatter) colored(on bool) *formatter {
	if !on || f == nil || f.json || !f.context.color && !f.plain.color {
		return f
	}
	with := *f
	with.color = true
	return &with
}

// orMessage is what Python's logging makes of an empty format.
func orMessage(format string) string {
	if format == "" {
		return "%(message)s"
	}
	return format
}
