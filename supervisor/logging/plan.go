package logging

import (
	"strings"
	"time"
)

// spec says what a sink is made from. Specs are comparable: a sink whose spec is in the next Config again stays open.
type spec interface {
	// check finds what would make open fail, without opening or creating anything.
	check() error
	open(now time.Time) (sink, error)
	// wantsCaller reports whether the sink itself shows where a record was logged.
	wantsCaller() bool
}

// handler is a way from loggers to a sink, as Python has it.
type handler struct {
	option string // that asks for it
	level  severity
	format *formatter
	spec   spec
	sink   sink // once it is open
}

// route is what one logger does with records: its own handlers have them, then those of the logger above unless it ends there.
type route struct {
	handlers []*handler
	ends     bool
}

// plan is a Config, compiled.
type plan struct {
	clock    func() time.Time
	levels   levelTable
	handlers []*handler
	routes   map[string]route
	limit    limit
}

// compilePlan compiles cfg, which is filled. The plan is there even when it is in part wrong, for Check to go on with.
func compilePlan(cfg Config) (plan, error) {
	if cfg.LogConfigFile != "" {
		p, err := planOfFile(cfg)
		var found Problems
		if err != nil {
			found.add("log_config_append", &fileError{file: cfg.LogConfigFile, err: err})
		}
		return p, found.err()
	}
	return planOfOptions(cfg)
}

// planOfOptions is the plan of everybody who sets no log_config_append: one list of handlers, of the root.
func planOfOptions(cfg Config) (plan, error) {
	var found Problems
	p := plan{clock: cfg.Clock}
	var err error
	p.levels, err = newLevelTable(cfg)
	found.add("default_log_levels", err)
	p.limit, err = newLimit(cfg)
	found.add("rate_limit_except_level", err)
	p.handlers, err = handlersOfOptions(cfg)
	found.add("", err)
	p.routes = map[string]route{rootName: {handlers: p.handlers}}
	return p, found.err()
}

// handlersOfOptions lists the handlers in oslo.log's order: Output alone, or file, stderr, journal, else stdout; and syslog.
func handlersOfOptions(cfg Config) ([]*handler, error) {
	var found Problems
	format, err := newFormatter(cfg, layoutOfOptions(cfg))
	found.add("", err)
	add := func(list []*handler, option string, s spec, err error) []*handler {
		found.add(option, err)
		if err != nil {
			return list
		}
		return append(list, &handler{option: option, format: format, spec: s})
	}
	if cfg.Output != nil {
		return add(nil, "", outputSpec{&stream{w: cfg.Output}}, nil), found.err()
	}
	facility, err := facilityNamed(cfg.SyslogFacility)
	if cfg.UseJournal || cfg.UseSyslog {
		found.add("syslog_log_facility", err)
	}
	var list []*handler
	if path := cfg.path(); path != "" {
		option := "log_file"
		if cfg.LogFile == "" || path != cfg.LogFile {
			option = "log_dir"
		}
		turns, err := rotationOfOptions(cfg)
		found.add("", err)
		list = add(list, option, fileSpec{path: path, rotation: turns}, nil)
	}
	colored := format.colored(cfg.Color)
	if cfg.UseStderr {
		list = append(list, &handler{option: "use_stderr", format: colored, spec: stdStream(2)})
	}
	if cfg.UseJournal {
		list = add(list, "use_journal", journalSpec{socket: cfg.JournalSocket, ident: cfg.ProgramName, facility: facility}, nil)
	}
	if len(list) == 0 {
		list = append(list, &handler{option: "log_file", format: colored, spec: stdStream(1)})
	}
	if cfg.UseSyslog {
		list = add(list, "use_syslog", syslogSpec{address: cfg.SyslogSocket, ident: cfg.ProgramName, facility: facility}, nil)
	}
	return list, found.err()
}

// output is what records of one logger go through. It is not changed once built.
type output struct {
	clock  func() time.Time
	limit  *limiter
	groups []group
	caller bool // a sink shows where each record was logged
	lines  bool // records need no more than Lines gives them
	swift  bool // and all formats are swift
}

// group are the handlers that print a record in one way, so that it is printed once.
type group struct {
	format   *formatter
	handlers []*handler
	level    severity // of the handler that takes most
	folded   *folded  // for Lines; nil where those are not for it
	swift    *swift   // nil where the formats are not plain enough
}

// outputOf collects the handlers that a record of the logger reaches.
func (p *plan) outputOf(name string, l *limiter) *output {
	o := &output{clock: p.clock, limit: l}
	for at := name; ; {
		r, ok := p.routes[at]
		for _, h := range r.handlers {
			o.add(h)
		}
		if at == rootName || ok && r.ends {
			o.prepareLines(name)
			return o
		}
		if dot := strings.LastIndexByte(at, '.'); dot >= 0 {
			at = at[:dot]
		} else {
			at = rootName
		}
	}
}

func (o *output) add(h *handler) {
	o.caller = o.caller || h.spec.wantsCaller()
	for i := range o.groups {
		if g := &o.groups[i]; g.format == h.format {
			g.handlers, g.level = append(g.handlers, h), min(g.level, h.level)
			return
		}
	}
	o.groups = append(o.groups, group{format: h.format, handlers: []*handler{h}, level: h.level})
}

// prepareLines is for the logger's Lines, where they are enough.
func (o *output) prepareLines(name string) {
	if o.lines = !o.wantsCaller(info); !o.lines {
		return
	}
	o.swift = true
	for i := range o.groups {
		g := &o.groups[i]
		formats := g.format.fold(name)
		g.folded, g.swift = &formats, g.format.swiftly(&formats)
		o.swift = o.swift && g.swift != nil
	}
}

// wantsCaller reports whether a record of this level must know where it was logged.
func (o *output) wantsCaller(level severity) bool {
	if o.caller {
		return true
	}
	for i := range o.groups {
		if level >= o.groups[i].level && o.groups[i].format.wantsCaller(level) {
			return true
		}
	}
	return false
}
