package conf

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// action is what a command line switch does.
type action int

const (
	storeText action = iota
	storeTrue
	storeFalse
	readFile
	readDir
	showHelp
	showVersion
)

func (a action) takesValue() bool { return a == storeText || a == readFile || a == readDir }

// cliSwitch is one argparse action: all its spellings, and what it does.
type cliSwitch struct {
	names   []string
	act     action
	opt     *Option
	metavar string
	help    string
}

// display is how argparse names the action in messages.
func (s *cliSwitch) display() string { return strings.Join(s.names, "/") }

// group is empty for the options of DEFAULT, which come first.
func (s *cliSwitch) group() string {
	if s.opt == nil || s.opt.Group == "DEFAULT" {
		return ""
	}
	return s.opt.Group
}

// token is one switch found on the command line, in its place.
type token struct {
	act   action
	opt   *Option
	value string
}

// switches lists what the command line accepts, in argparse's order: help and version, then group by group, sorted by spelling.
func switches(options []*Option) []*cliSwitch {
	list := []*cliSwitch{
		{names: []string{"--config-dir"}, act: readDir, metavar: "DIR", help: ConfigDir.o.Help},
		{names: []string{"--config-file"}, act: readFile, metavar: "PATH", help: ConfigFile.o.Help},
	}
	for _, o := range options {
		list = append(list, optionSwitches(o)...)
	}
	slices.SortStableFunc(list, func(a, b *cliSwitch) int {
		return cmp.Or(strings.Compare(a.group(), b.group()), slices.Compare(a.names, b.names))
	})
	return append([]*cliSwitch{
		{names: []string{"-h", "--help"}, act: showHelp, help: "show this help message and exit"},
		{names: []string{"--version"}, act: showVersion, help: "show program's version number and exit"},
	}, list...)
}

func optionSwitches(o *Option) []*cliSwitch {
	if o.Flags == nil {
		return nil
	}
	if _, isBool := o.Type.(Boolean); !isBool {
		metavar := o.Metavar
		if metavar == "" {
			metavar = strings.ToUpper(o.Key())
		}
		return []*cliSwitch{{names: o.Flags, act: storeText, opt: o, metavar: metavar, help: o.Help}}
	}
	return []*cliSwitch{
		{names: o.Flags, act: storeTrue, opt: o, help: o.Help},
		{names: inverse(o), act: storeFalse, opt: o, help: "The inverse of " + o.Flags[0]},
	}
}

// inverse spells the --no twins: no dash behind "no", which stands behind the group if the switch has one, and none for
// single letters.
func inverse(o *Option) []string {
	var twins []string
	for _, f := range o.Flags {
		lead := "--" + o.Group + "-"
		if !strings.HasPrefix(f, lead) {
			lead = "--"
		}
		if name, long := strings.CutPrefix(f, lead); long {
			twins = append(twins, lead+"no"+name)
		}
	}
	return twins
}

// commandLine scans arguments by the rules of Python's argparse.
type commandLine struct {
	switches []*cliSwitch
	byName   map[string]*cliSwitch
	args     []string
	next     int
	tokens   []token
	extras   []string
}

// scanArgs returns the switches of args in order. The error is what argparse would say.
func scanArgs(list []*cliSwitch, args []string) ([]token, error) {
	c := &commandLine{switches: list, byName: map[string]*cliSwitch{}, args: args}
	for _, s := range list {
		for _, name := range s.names {
			c.byName[name] = s
		}
	}
	for c.next < len(args) {
		if err := c.step(); err != nil {
			return nil, err
		}
		if n := len(c.tokens); n > 0 && (c.tokens[n-1].act == showHelp || c.tokens[n-1].act == showVersion) {
			return c.tokens, nil // argparse answers at once and looks no further
		}
	}
	if len(c.extras) > 0 {
		return nil, fmt.Errorf("unrecognized arguments: %s", strings.Join(c.extras, " "))
	}
	return c.tokens, nil
}

func (c *commandLine) step() error {
	arg := c.args[c.next]
	c.next++
	if arg == "--" {
		c.extras = append(append(c.extras, arg), c.args[c.next:]...)
		c.next = len(c.args)
		return nil
	}
	m, err := c.match(arg)
	switch {
	case err != nil:
		return err
	case m.sw == nil:
		c.extras = append(c.extras, arg)
		return nil
	case m.sw.act.takesValue():
		return c.value(m)
	default:
		return c.flag(m)
	}
}

// match is what one argument means.
type match struct {
	sw       *cliSwitch // nil: no switch we know
	name     string     // the spelling that matched
	explicit string     // behind "=", or behind a single letter
	hasValue bool
	equals   bool // explicit stands behind "="
	switchy  bool // looks like a switch, known or not
}

// negativeNumber is what Python takes for one since 3.14: only the beginning counts.
var negativeNumber = regexp.MustCompile(`^-\.?\d`)

func (c *commandLine) match(arg string) (match, error) {
	if len(arg) < 2 || arg[0] != '-' {
		return match{}, nil
	}
	if sw, ok := c.byName[arg]; ok {
		return match{sw: sw, name: arg, switchy: true}, nil
	}
	if name, value, ok := strings.Cut(arg, "="); ok && c.byName[name] != nil {
		return match{sw: c.byName[name], name: name, explicit: value, hasValue: true, equals: true, switchy: true}, nil
	}
	if m, err := c.abbreviation(arg); m.sw != nil || err != nil {
		return m, err
	}
	// argparse takes negative numbers and anything with a blank inside for positional arguments.
	return match{switchy: !negativeNumber.MatchString(arg) && !strings.Contains(arg, " ")}, nil
}

// abbreviation resolves an unambiguous prefix of a long switch, or a single letter with more behind it.
func (c *commandLine) abbreviation(arg string) (match, error) {
	if !strings.HasPrefix(arg, "--") {
		if sw := c.byName[arg[:2]]; sw != nil {
			return match{sw: sw, name: arg[:2], explicit: arg[2:], hasValue: true, switchy: true}, nil
		}
		return match{}, nil
	}
	prefix, value, hasValue := strings.Cut(arg, "=")
	m := match{name: prefix, explicit: value, hasValue: hasValue, switchy: true}
	var candidates []string
	for _, sw := range c.switches {
		for _, name := range sw.names {
			if strings.HasPrefix(name, prefix) && !sw.ownSpelling(name) {
				candidates = append(candidates, name)
				m.sw = sw
			}
		}
	}
	if len(candidates) > 1 {
		return match{}, fmt.Errorf("ambiguous option: %s could match %s", arg, strings.Join(candidates, ", "))
	}
	return m, nil
}

// ownSpelling reports whether a name is hadron's: --state-path beside --state_path. It makes nothing ambiguous.
func (s *cliSwitch) ownSpelling(name string) bool {
	return s.opt != nil && strings.Contains(s.opt.Name, "_") && name == "--"+strings.ReplaceAll(s.opt.Name, "_", "-")
}

func (c *commandLine) value(m match) error {
	value := m.explicit
	if !m.hasValue {
		if !c.nextIsValue() {
			return fmt.Errorf("argument %s: expected one argument", m.sw.display())
		}
		value = c.args[c.next]
		c.next++
	}
	c.tokens = append(c.tokens, token{act: m.sw.act, opt: m.sw.opt, value: value})
	return nil
}

func (c *commandLine) nextIsValue() bool {
	if c.next >= len(c.args) || c.args[c.next] == "--" {
		return false
	}
	m, err := c.match(c.args[c.next])
	return err == nil && !m.switchy
}

// flag takes a switch without a value; single letters may be joined (-dv), and the last of them may take a value. A letter that
// is none is left over, with what is behind it.
func (c *commandLine) flag(m match) error {
	if !m.hasValue {
		c.tokens = append(c.tokens, token{act: m.sw.act, opt: m.sw.opt})
		return nil
	}
	if strings.HasPrefix(m.name, "--") || m.equals || m.explicit == "" || m.explicit[0] == '-' {
		return fmt.Errorf("argument %s: ignored explicit argument %s", m.sw.display(), pyRepr(m.explicit))
	}
	c.tokens = append(c.tokens, token{act: m.sw.act, opt: m.sw.opt})
	letter, size := utf8.DecodeRuneInString(m.explicit)
	rest := m.explicit[size:]
	next := match{sw: c.byName["-"+string(letter)], name: "-" + string(letter), explicit: rest, hasValue: rest != ""}
	next.explicit, next.equals = strings.CutPrefix(rest, "=")
	switch {
	case next.sw == nil:
		c.extras = append(c.extras, "-"+m.explicit)
		return nil
	case next.sw.act.takesValue():
		return c.value(next)
	default:
		return c.flag(next)
	}
}
