package conf

import (
	"slices"
	"strings"
)

// Reload says what applying a changed option to a running server takes.
type Reload int

// The classes, from the usual to the most demanding.
const (
	// Rebuild: a new generation of the application is built beside the old one and swapped in.
	Rebuild Reload = iota
	// Hot: applied in place.
	Hot
	// Rebind: the listening sockets are opened anew.
	Rebind
	// Restart: the change is refused until the server is restarted.
	Restart
)

// String returns the class in lower case.
func (r Reload) String() string {
	return [...]string{"rebuild", "hot", "rebind", "restart"}[r]
}

// Name is the place of an option: its group and its key. Groups are in lower case, but for DEFAULT.
type Name struct {
	Group string
	Key   string
}

// String joins the two with a dot.
func (n Name) String() string { return n.Group + "." + n.Key }

// normalGroup folds the case of a section name. DEFAULT must be upper case: [default] is another section, which
// nothing reads.
func normalGroup(section string) string {
	if section == "DEFAULT" {
		return section
	}
	return strings.ToLower(section)
}

// Option declares one setting.
type Option struct {
	// Group is the section, DEFAULT if empty.
	Group string
	// Name is oslo's name of the option, which may have hyphens; the key in files has underscores instead.
	Name string
	Type Type
	// Multi makes every occurrence in the files one item of the value.
	Multi bool
	// Default is what a file would say; NoDefault makes the value none until it is set.
	Default   string
	NoDefault bool
	// ByMachine options have a default that depends on the machine, and that hadron does not work out, for nothing asks
	// for it. A reference to one that is not set is an error.
	ByMachine bool
	// Why says why the option has no effect; it is empty for those that have one.
	Why Reason
	// Only lists the values, or the items of a list, that are not refused; nil refuses none. It is for options where
	// another value, taken and ignored, would make the server do something else than it was told.
	Only []string
	// Built lists the items of a list that have an effect, where others are accepted without one; nil for all of them.
	Built []string
	Help  string
	// Secret hides the value wherever values are shown.
	Secret bool
	// Flags are the command line switches, the main one first. A boolean gets its --no twins by itself.
	Flags   []string
	Metavar string
	// Deprecated are former names, which are still read.
	Deprecated []Name
	// Required options must have a value.
	Required bool
	// Obsolete options are read, but draw a warning when they are set; the reason, if there is one, stands in it.
	Obsolete       bool
	ObsoleteReason string
	Reload         Reload

	// Of an option as a reference by a former name sees it: that name, and the option itself.
	seenAs string
	of     *Option
}

// itself is the option that the command line sets, nil where a former name does not see what the command line says.
func (o *Option) itself() *Option {
	switch {
	case o.of == nil:
		return o
	case o.Group == o.of.Group:
		return o.of
	default:
		return nil
	}
}

// lookedUpAs is the key that the name of an environment variable is made of.
func (o *Option) lookedUpAs() string {
	if o.of != nil {
		return o.seenAs
	}
	return o.Key()
}

// Key is the option's name in files.
func (o *Option) Key() string { return strings.ReplaceAll(o.Name, "-", "_") }

// Place is the option's group and key.
func (o *Option) Place() Name { return Name{Group: o.Group, Key: o.Key()} }

// names are all places a file can set the option at, the current one first.
func (o *Option) names() []Name { return append([]Name{o.Place()}, o.Deprecated...) }

// Handle is a declared option; the typed handles below are the only ones.
type Handle interface {
	// Option returns a copy of the declaration.
	Option() Option
	option() *Option
}

type handle struct{ o *Option }

func (h handle) option() *Option { return h.o }

func (h handle) Option() Option {
	o := *h.o
	o.Flags = slices.Clone(o.Flags)
	o.Deprecated = slices.Clone(o.Deprecated)
	o.Only = slices.Clone(o.Only)
	return o
}

// The typed handles. A Snapshot gives their values, so that a misspelt option does not compile.
type (
	// BoolOption is read with Snapshot.Bool.
	BoolOption struct{ handle }
	// IntOption is read with Snapshot.Int, or with Snapshot.Seconds when it is a length of time.
	IntOption struct{ handle }
	// FloatOption is read with Snapshot.Float.
	FloatOption struct{ handle }
	// TextOption is read with Snapshot.Text.
	TextOption struct{ handle }
	// ListOption is read with Snapshot.List.
	ListOption struct{ handle }
	// DictOption is read with Snapshot.Dict.
	DictOption struct{ handle }
)

func boolOption(o Option) BoolOption   { return BoolOption{declare(o, Boolean{})} }
func intOption(o Option) IntOption     { return IntOption{declare(o, Integer{})} }
func floatOption(o Option) FloatOption { return FloatOption{declare(o, Float{})} }
func textOption(o Option) TextOption   { return TextOption{declare(o, Text{})} }
func listOption(o Option) ListOption   { return ListOption{declare(o, List{})} }
func dictOption(o Option) DictOption   { return DictOption{declare(o, Dict{})} }

// multiOption declares an option whose every occurrence counts; its value is a list.
func multiOption(o Option) ListOption {
	o.Multi = true
	return ListOption{declare(o, Text{})}
}

// declare fills in what most declarations leave out.
func declare(o Option, usual Type) handle {
	if o.Group == "" {
		o.Group = "DEFAULT"
	}
	if o.Type == nil {
		o.Type = usual
	}
	o.NoDefault = o.NoDefault || o.ByMachine
	if o.Why != "" {
		o.Reload = Hot // there is nothing to do about it
	}
	return handle{&o}
}
