package logging

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
)

// severity is a level in Python's numbers, in which default_log_levels is written.
type severity int32

const (
	notSet   severity = 0
	trace    severity = 5
	debug    severity = 10
	info     severity = 20
	warning  severity = 30
	errorSev severity = 40
	critical severity = 50
)

// severityOf maps zerolog's levels to Python's. An event without a level counts as INFO: it comes from the standard library's
// log package, which knows none.
func severityOf(l zerolog.Level) severity {
	switch {
	case l < zerolog.DebugLevel:
		return trace
	case l == zerolog.DebugLevel:
		return debug
	case l == zerolog.InfoLevel, l == zerolog.NoLevel:
		return info
	case l == zerolog.WarnLevel:
		return warning
	case l == zerolog.ErrorLevel:
		return errorSev
	}
	return critical
}

// name is what %(levelname)s prints.
func (s severity) name() string {
	switch s {
	case trace:
		return "TRACE"
	case debug:
		return "DEBUG"
	case info:
		return "INFO"
	case warning:
		return "WARNING"
	case errorSev:
		return "ERROR"
	}
	return "CRITICAL"
}

// resetColor ends what color began.
const resetColor = "\x1b[00m"

// color is the code of oslo.log's ColorHandler for the level.
func (s severity) color() string {
	switch {
	case s <= trace:
		return "\x1b[00;35m"
	case s <= debug:
		return "\x1b[00;32m"
	case s <= info:
		return "\x1b[00;36m"
	case s <= warning:
		return "\x1b[01;33m"
	}
	return "\x1b[01;31m"
}

// syslog is the level in syslog's numbers, as oslo.log maps them.
func (s severity) syslog() int {
	switch s {
	case info:
		return 6
	case warning:
		return 4
	case errorSev:
		return 3
	case critical:
		return 2
	}
	return 7
}

// parseSeverity reads a level's name, in any case, or number.
func parseSeverity(text string) (severity, error) {
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return severity(n), nil
	}
	switch strings.ToUpper(text) {
	case "NOTSET":
		return notSet, nil
	case "TRACE":
		return trace, nil
	case "DEBUG":
		return debug, nil
	case "INFO":
		return info, nil
	case "WARN", "WARNING":
		return warning, nil
	case "ERROR":
		return errorSev, nil
	case "CRITICAL", "FATAL":
		return critical, nil
	}
	return notSet, fmt.Errorf("unknown level %q", text)
}

// levelTable decides from which severity on a logger prints. It is not changed once built.
type levelTable struct {
	root severity
	set  map[string]severity
}

// newLevelTable reads default_log_levels. Names are folded as Logger folds them, so that oslo_policy=DEBUG reaches the logger
// that prints as oslo.policy; of several entries for one logger the last wins.
func newLevelTable(cfg Config) (levelTable, error) {
	t := levelTable{root: info, set: make(map[string]severity, len(cfg.DefaultLevels))}
	if cfg.Debug {
		t.root = debug
	}
	var found Problems
	for _, pair := range cfg.DefaultLevels {
		name, level, _ := strings.Cut(pair, "=")
		s, err := parseSeverity(strings.TrimSpace(level))
		if err != nil {
			found.add("default_log_levels", fmt.Errorf("default_log_levels: %q: %w", pair, err))
			continue
		}
		if name = canonical(strings.TrimSpace(name)); name == rootName {
			t.root = s
			continue
		}
		t.set[name] = s
	}
	return t, found.err()
}

// effective is the level of the logger itself, or of its nearest ancestor that has one, or of the root.
func (t levelTable) effective(name string) severity {
	for {
		if s := t.set[name]; s != notSet {
			return s
		}
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return t.root
		}
		name = name[:dot]
	}
}

// rootName is how Python calls the logger without a name.
const rootName = "root"

// canonical is the name under which a logger is printed: oslo's packages lose their underscore, as through oslo.log's own
// getLogger, and the nameless logger is root.
func canonical(name string) string {
	if name == "" {
		return rootName
	}
	if rest, ok := strings.CutPrefix(name, "oslo_"); ok {
		return "oslo." + rest
	}
	return name
}
