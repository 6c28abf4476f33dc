package conf

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

const noConfigFile = "ERROR: Unable to find configuration file via the default search paths " +
	"(~/.neutron/, ~/, /etc/neutron/, /etc/) and the '--config-file' option!"

// Load reads the whole configuration. The error is an *Error with every problem there is, or an *Answer when the command
// line only asked a question.
func Load(src Source) (*Snapshot, error) { return load(src, declared()) }

// load is Load for any table of options, such as that of the comparison with oslo.config.
func load(src Source, options *table) (*Snapshot, error) {
	list := switches(options.options)
	tokens, err := scanArgs(list, src.Args)
	if err != nil {
		text := fmt.Sprintf("%s: error: %s", filepath.Base(src.Prog), err)
		return nil, &Error{Usage: usage(filepath.Base(src.Prog), list), Problems: []Problem{{Text: text}}, status: 2}
	}
	if answer := answerTo(src, list, tokens); answer != nil {
		return nil, answer
	}
	world := Record(src)
	l := &loader{src: world.Source(), table: options}
	l.gather(tokens)
	return l.finish(world)
}

func answerTo(src Source, list []*cliSwitch, tokens []token) *Answer {
	prog := filepath.Base(src.Prog)
	for _, t := range tokens {
		switch t.act {
		case showHelp:
			return &Answer{Text: help(prog, list)}
		case showVersion:
			return &Answer{Text: prog + " " + src.Version + "\n"}
		}
	}
	return nil
}

type loader struct {
	src       Source
	table     *table
	layers    []layer
	files     []string // named on the command line, or the default ones
	dirs      []string
	ownDirs   []string // named on the command line
	missing   []string
	denied    []string
	problems  []Problem
	accountIn string // the section that auth_section names
	warnings  []Warning
}

// gather reads everything in order: default files, default directories, then the command line from left to right.
func (l *loader) gather(tokens []token) {
	// The check is textual in oslo, so that an abbreviation such as --config-fil adds to the default files.
	if !mentions(l.src.Args, "--config-file") {
		l.files = l.src.defaultFiles()
		for _, path := range l.files {
			l.read(path)
		}
	}
	if !mentions(l.src.Args, "--config-dir") {
		l.dirs = l.src.defaultDirs()
		for _, dir := range l.dirs {
			l.readDir(dir)
		}
	}
	named := false
	for _, t := range tokens {
		if t.act == readFile && !named {
			l.files, named = nil, true
		}
		l.apply(t)
	}
	l.reportUnreadable()
}

func mentions(args []string, name string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		return arg == name || strings.HasPrefix(arg, name+"=")
	})
}

func (l *loader) apply(t token) {
	switch t.act {
	case readFile:
		l.files = append(l.files, t.value)
		l.read(l.src.abs(t.value))
	case readDir:
		l.ownDirs = append(l.ownDirs, t.value)
		l.readDir(l.src.expand(t.value))
	case storeTrue:
		l.layers = append(l.layers, layer{opt: t.opt, text: "true"})
	case storeFalse:
		l.layers = append(l.layers, layer{opt: t.opt, text: "false"})
	case storeText:
		l.layers = append(l.layers, layer{opt: t.opt, text: t.value})
	}
}

// readDir reads the files of a directory. As with oslo something that is no directory counts as an empty one, but is
// warned of.
func (l *loader) readDir(dir string) {
	paths, err := l.src.confFiles(l.src.abs(dir))
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		l.warn(Origin{File: dir}, "is no directory, and nothing is read from it")
	case err != nil:
		l.problems = append(l.problems, Problem{File: dir, Text: "Failed to read config file directory: " + dir})
		return
	}
	for _, path := range paths {
		l.read(path)
	}
}

func (l *loader) read(path string) {
	data, err := l.src.ReadFile(path)
	switch {
	case err == nil:
		l.parse(path, data)
	case errors.Is(err, fs.ErrNotExist):
		l.missing = append(l.missing, path)
	case errors.Is(err, fs.ErrPermission):
		l.denied = append(l.denied, path)
	default:
		l.problems = append(l.problems, Problem{File: path, Text: unreadable(path, err)})
	}
}

// unreadable says what Python's exception would about a file that is there but cannot be read, such as a directory.
func unreadable(path string, err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		reason := errno.Error()
		return fmt.Sprintf("[Errno %d] %s: %s", int(errno), strings.ToUpper(reason[:1])+reason[1:], pyRepr(path))
	}
	return fmt.Sprintf("Failed to open some config files: %s: %v", path, err)
}

func (l *loader) parse(path string, data []byte) {
	parsed, problems := parseFile(path, data)
	l.problems = append(l.problems, problems...)
	byID := map[Name][]setAt{}
	for _, a := range parsed.assignments {
		n := Name{Group: normalGroup(a.section), Key: a.key}
		byID[n] = append(byID[n], setAt{text: a.value, line: a.line})
	}
	l.layers = append(l.layers, layer{file: parsed, byID: byID})
}

func (l *loader) reportUnreadable() {
	if len(l.missing) > 0 {
		l.problems = append(l.problems, Problem{
			File: l.missing[0], Text: "Failed to find some config files: " + strings.Join(l.missing, ","),
		})
	}
	if len(l.denied) > 0 {
		l.problems = append(l.problems, Problem{
			File: l.denied[0], Text: "Failed to open some config files: " + strings.Join(l.denied, ","),
		})
	}
	if len(l.files) == 0 {
		l.problems = append(l.problems, Problem{Text: noConfigFile})
	}
}

// finish computes every option's value and judges every name.
func (l *loader) finish(world *Recording) (*Snapshot, error) {
	r := newResolver(l)
	values := r.all()
	l.accountIn, _ = values[AuthTokenAuthSection.o].value.(string)
	l.warnUnknown()
	if len(l.problems) > 0 {
		return nil, &Error{Problems: l.problems, status: 1}
	}
	return &Snapshot{
		table: l.table, values: values, warnings: l.warnings, args: slices.Clone(l.src.Args), files: l.files,
		dirs: l.ownOrDefaultDirs(), findDirs: l.findDirs(), world: world,
	}, nil
}

func (l *loader) ownOrDefaultDirs() []string {
	if l.ownDirs != nil {
		return l.ownDirs
	}
	return l.dirs
}

// findDirs is the order in which files that belong to the configuration are looked for.
func (l *loader) findDirs() []string {
	var dirs []string
	for _, dir := range l.ownDirs {
		dirs = append(dirs, l.src.abs(dir))
	}
	for _, path := range slices.Backward(l.files) {
		dirs = append(dirs, filepath.Dir(l.src.abs(path)))
	}
	return append(dirs, l.src.searchDirs()...)
}

func (l *loader) warn(origin Origin, format string, args ...any) {
	l.warnings = append(l.warnings, Warning{File: origin.File, Line: origin.Line, Text: fmt.Sprintf(format, args...)})
}
