package logging

import (
	"fmt"
	"strconv"
	"strings"
)

// fileError is what is wrong with the file of log_config_append, in oslo.log's words.
type fileError struct {
	file string
	err  error
}

func (e *fileError) Error() string {
	return fmt.Sprintf("Error loading logging config %s: %s", e.file, e.err)
}

func (e *fileError) Unwrap() error { return e.err }

// logFile reads a plan from a file in the form of Python's logging.config.fileConfig.
type logFile struct {
	*ini
	cfg        Config
	formatters map[string]*formatter
	handlers   map[string]*handler
}

// planOfFile is the plan of a log_config_append. cfg is filled.
func planOfFile(cfg Config) (plan, error) {
	p := plan{clock: cfg.Clock, levels: levelTable{root: notSet, set: map[string]severity{}}, routes: map[string]route{}}
	parsed, err := parseINI(cfg.LogConfigFile, cfg.LogConfig)
	if err != nil {
		return p, err
	}
	f := &logFile{ini: parsed, cfg: cfg, formatters: map[string]*formatter{}, handlers: map[string]*handler{}}
	if err := f.each("formatters", "formatter_", f.addFormatter); err != nil {
		return p, err
	}
	err = f.each("handlers", "handler_", func(name string, s *section) error {
		h, err := f.handler(s)
		f.handlers[name] = h
		if err == nil {
			p.handlers = append(p.handlers, h)
		}
		return err
	})
	if err != nil {
		return p, err
	}
	return p, f.addLoggers(&p)
}

// each runs do for every section that a list of keys names.
func (f *logFile) each(list, prefix string, do func(name string, s *section) error) error {
	names, err := f.keys(list)
	if err != nil {
		return err
	}
	for _, name := range names {
		s, err := f.section(prefix + name)
		if err != nil {
			return err
		}
		if err := do(name, s); err != nil {
			return err
		}
	}
	return nil
}

// keys is the list of names that section has as its option keys.
func (f *logFile) keys(name string) ([]string, error) {
	s, err := f.section(name)
	if err != nil {
		return nil, err
	}
	v, err := f.need(s, "keys")
	if err != nil {
		return nil, err
	}
	return splitNames(v.value), nil
}

func splitNames(list string) []string {
	if strings.TrimSpace(list) == "" {
		return nil
	}
	names := strings.Split(list, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

func (f *logFile) section(name string) (*section, error) {
	if s := f.sections[name]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("%s: there is no section [%s]", f.file, name)
}

// need is an option that must be there.
func (f *logFile) need(s *section, key string) (setting, error) {
	v, ok, err := f.get(s, key)
	if err == nil && !ok {
		err = f.errorf(s.line, "[%s] has no %s", s.name, key)
	}
	return v, err
}

// addFormatter reads a [formatter_...]: Python's own, or one of oslo.log's.
func (f *logFile) addFormatter(name string, s *section) error {
	class, _, err := f.get(s, "class")
	if err != nil {
		return err
	}
	date, _ := f.raw(s, "datefmt") // formats are not interpolated: they are full of %(name)s
	format, there := f.raw(s, "format")
	if style, ok := f.raw(s, "style"); ok && style.value != "%" {
		return f.errorf(style.line, "style %q is not supported, only %%", style.value)
	}
	l := layout{date: date.value}
	at := class.line
	switch class.value {
	case "", "logging.Formatter":
		l.format, at = "%(message)s", s.line
		if there && format.value != "" {
			l.format, at = format.value, format.line
		}
	case "oslo_log.formatters.ContextFormatter":
	case "oslo_log.formatters.JSONFormatter":
		l.json = true
	default:
		return f.errorf(class.line, "formatter class %s is not supported", class.value)
	}
	compiled, err := newFormatter(f.cfg, l)
	if err != nil {
		return f.errorf(at, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	f.formatters[name] = compiled
	return nil
}

// handler reads a [handler_...].
func (f *logFile) handler(s *section) (*handler, error) {
	class, err := f.need(s, "class")
	if err != nil {
		return nil, err
	}
	h := &handler{option: "log_config_append"}
	if h.level, err = f.level(s, notSet); err != nil {
		return nil, err
	}
	if h.format, err = f.formatterOf(s); err != nil {
		return nil, err
	}
	args, line, err := f.arguments(s)
	if err != nil {
		return nil, err
	}
	build := classNamed(class.value)
	if build == nil {
		return nil, f.errorf(class.line, "handler class %s is not supported", class.value)
	}
	if h.spec, err = build(f.cfg, args); err != nil {
		return nil, f.errorf(line, "%s: %s", class.value, err)
	}
	if args.unused() != "" {
		return nil, f.errorf(line, "%s: argument %s is not supported", class.value, args.unused())
	}
	if class.value == "oslo_log.handlers.ColorHandler" {
		h.format = h.format.colored(true)
	}
	return h, nil
}

// formatterOf is the formatter that a handler names, or Python's default.
func (f *logFile) formatterOf(s *section) (*formatter, error) {
	v, _, err := f.get(s, "formatter")
	if err != nil {
		return nil, err
	}
	if v.value == "" {
		return newFormatter(f.cfg, layout{format: "%(message)s"})
	}
	if known := f.formatters[v.value]; known != nil {
		return known, nil
	}
	return nil, f.errorf(v.line, "there is no formatter %q in the keys of [formatters]", v.value)
}

// arguments reads args and kwargs.
func (f *logFile) arguments(s *section) (*arguments, int, error) {
	a := &arguments{named: pyDict{}}
	line := s.line
	v, ok, err := f.get(s, "args")
	if err != nil {
		return nil, line, err
	}
	if ok && v.value != "" {
		line = v.line
		literal, err := parseLiteral(v.value)
		if err != nil {
			return nil, line, f.errorf(line, "args: %s", err)
		}
		if a.placed, ok = literal.(pyTuple); !ok {
			return nil, line, f.errorf(line, "args must be a tuple, and %s is not one: a tuple of one ends in a comma", v.value)
		}
	}
	if v, ok, err = f.get(s, "kwargs"); err != nil || !ok || v.value == "" {
		return a, line, err
	}
	if line == s.line {
		line = v.line
	}
	literal, err := parseLiteral(v.value)
	if err != nil {
		return nil, line, f.errorf(v.line, "kwargs: %s", err)
	}
	if a.named, ok = literal.(pyDict); !ok {
		return nil, line, f.errorf(v.line, "kwargs must be a dict, and %s is not one", v.value)
	}
	return a, line, nil
}

func (f *logFile) level(s *section, otherwise severity) (severity, error) {
	v, ok, err := f.get(s, "level")
	if err != nil || !ok {
		return otherwise, err
	}
	level, err := parseSeverity(v.value)
	if err != nil {
		return otherwise, f.errorf(v.line, "%s", err)
	}
	return level, nil
}

// addLoggers reads the loggers into levels and routes.
func (f *logFile) addLoggers(p *plan) error {
	root := false
	err := f.each("loggers", "logger_", func(name string, s *section) error {
		if name == "root" {
			root = true
			return f.addLogger(p, rootName, s)
		}
		qualname, err := f.need(s, "qualname")
		if err != nil {
			return err
		}
		return f.addLogger(p, canonical(qualname.value), s)
	})
	if err == nil && !root {
		err = f.errorf(f.sections["loggers"].line, "the keys of [loggers] must name root")
	}
	return err
}

func (f *logFile) addLogger(p *plan, name string, s *section) error {
	level, err := f.level(s, notSet)
	if err != nil {
		return err
	}
	if name == rootName {
		p.levels.root = level
	} else {
		p.levels.set[name] = level
	}
	r := route{}
	if r.ends, err = f.ends(s); err != nil {
		return err
	}
	v, err := f.need(s, "handlers")
	if err != nil {
		return err
	}
	for _, name := range splitNames(v.value) {
		h := f.handlers[name]
		if h == nil {
			return f.errorf(v.line, "there is no handler %q in the keys of [handlers]", name)
		}
		r.handlers = append(r.handlers, h)
	}
	p.routes[name] = r
	return nil
}

// ends reads propagate: 0 ends the way of a record.
func (f *logFile) ends(s *section) (bool, error) {
	v, ok, err := f.get(s, "propagate")
	if err != nil || !ok {
		return false, err
	}
	n, err := strconv.Atoi(v.value)
	if err != nil {
		return false, f.errorf(v.line, "propagate must be a number, not %q", v.value)
	}
	return n == 0, nil
}
