package conf

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"time"
)

// OriginKind is the sort of place a value came from.
type OriginKind int

// The places, from the weakest.
const (
	FromDefault OriginKind = iota
	FromFile
	FromEnvironment
	FromCommandLine
)

// Origin is where a value came from.
type Origin struct {
	Kind OriginKind
	// File and Line are set for FromFile.
	File string
	Line int
	// Variable is set for FromEnvironment.
	Variable string
}

// String returns file:line, or words for the other places.
func (o Origin) String() string {
	switch o.Kind {
	case FromFile:
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	case FromEnvironment:
		return "environment variable " + o.Variable
	case FromCommandLine:
		return "command line"
	default:
		return "default"
	}
}

// Snapshot is one whole, valid configuration. It never changes, and may be read from anywhere.
type Snapshot struct {
	table    *table
	values   map[*Option]setting
	warnings []Warning
	args     []string
	files    []string // in effect: those of the command line, or the default ones
	dirs     []string
	findDirs []string
	world    *Recording
}

// Bool returns the value of a boolean option; none is false.
func (s *Snapshot) Bool(o BoolOption) bool { return as[bool](s, o) }

// Int returns the value of an integer option; none is zero, and a number beyond 64 bits is the nearest that they hold.
func (s *Snapshot) Int(o IntOption) int { return as[int](s, o) }

// Seconds returns the value of an integer option that counts seconds, or as many as a Duration holds.
func (s *Snapshot) Seconds(o IntOption) time.Duration {
	const most = int(math.MaxInt64 / time.Second)
	return time.Duration(max(-most, min(s.Int(o), most))) * time.Second
}

// Float returns the value of a floating point option; none is zero.
func (s *Snapshot) Float(o FloatOption) float64 { return as[float64](s, o) }

// Text returns the value of a string option; none is empty.
func (s *Snapshot) Text(o TextOption) string { return as[string](s, o) }

// List returns the items of a list option, for the caller to keep; none is nil.
func (s *Snapshot) List(o ListOption) []string { return slices.Clone(as[[]string](s, o)) }

// Item is one of the values of a multi-valued option, and where it is.
type Item struct {
	Text   string
	Origin Origin
}

// Items returns the values of a multi-valued option with their places, none for an option that is not set.
func (s *Snapshot) Items(o ListOption) []Item {
	set := s.values[o.option()]
	texts := as[[]string](s, o)
	items := make([]Item, len(texts))
	for i, text := range texts {
		items[i] = Item{Text: text, Origin: set.origin}
		if len(set.places) == len(texts) {
			items[i].Origin = set.places[i]
		}
	}
	return items
}

// Dict returns the pairs of a dict option, for the caller to keep; none is nil.
func (s *Snapshot) Dict(o DictOption) map[string]string {
	return maps.Clone(as[map[string]string](s, o))
}

// as reads a value whose type the option's type has fixed; only none fails the assertion, and gives the zero value.
func as[T any](s *Snapshot, h Handle) T {
	value, _ := s.values[h.option()].used().(T)
	return value
}

// IsNone reports whether an option has no value: it was not set, or to nothing, and has no default.
func (s *Snapshot) IsNone(h Handle) bool { return s.values[h.option()].used() == nil }

// IsSet reports whether something other than the default gave the value.
func (s *Snapshot) IsSet(h Handle) bool { return s.Origin(h).Kind != FromDefault }

// Origin returns where the value of an option came from.
func (s *Snapshot) Origin(h Handle) Origin { return s.values[h.option()].origin }

// Value is an option's value for those who show it.
type Value struct {
	Option Option
	// Value is nil, bool, int, float64, string, []string or map[string]string.
	Value  any
	Origin Origin
	shown  string
}

// String returns the value as oslo shows it. Secrets are four stars, and so are passwords inside URLs.
func (v Value) String() string { return v.shown }

// Lookup returns a declared option by the name a file would use, be it the current or a former one.
func (s *Snapshot) Lookup(group, key string) (Value, bool) {
	o, ok := s.table.find(Name{Group: normalGroup(group), Key: key})
	if !ok {
		return Value{}, false
	}
	set := s.values[o]
	return Value{Option: handle{o}.Option(), Value: cloneValue(set.used()), Origin: set.origin, shown: show(o, set)}, true
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case []string:
		return slices.Clone(v)
	case map[string]string:
		return maps.Clone(v)
	default:
		return v
	}
}

// Warnings returns what was odd: deprecated and unknown names, empty numbers.
func (s *Snapshot) Warnings() []Warning { return slices.Clone(s.warnings) }

// ConfigFiles returns the configuration files in effect: those the command line named, or the default ones.
func (s *Snapshot) ConfigFiles() []string { return slices.Clone(s.files) }

// ConfigDirs returns the configuration directories in effect.
func (s *Snapshot) ConfigDirs() []string { return slices.Clone(s.dirs) }

// FindDirs returns the directories that FindFile searches, in order, for messages that say where nothing was found.
func (s *Snapshot) FindDirs() []string { return slices.Clone(s.findDirs) }

// FindFile locates a file that belongs to the configuration, such as api-paste.ini or policy.yaml: in the directories of
// --config-dir, beside the configuration files from the last to the first, then in the search directories. An absolute name
// stands for itself.
func (s *Snapshot) FindFile(name string) (string, bool) {
	if filepath.IsAbs(name) {
		return name, s.world.there(name)
	}
	for _, dir := range s.findDirs {
		if path := filepath.Join(dir, name); s.world.there(path) {
			return path, true
		}
	}
	return "", false
}

// ReadFile reads a file that belongs to the configuration. Whoever asks again gets what the first one got, whatever has
// become of the file: see Recording.
func (s *Snapshot) ReadFile(path string) ([]byte, error) { return s.world.readFile(path) }

// ListDir returns the names of what is in a directory that belongs to the configuration; like ReadFile, always the same.
func (s *Snapshot) ListDir(path string) ([]string, error) {
	entries, err := s.world.readDir(path)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// Anew is the same configuration with a fresh look at the files and directories of these names, wherever FindFile may find them,
// and at what is in those directories.
func (s *Snapshot) Anew(names ...string) *Snapshot {
	var below []string
	for _, name := range names {
		if filepath.IsAbs(name) {
			below = append(below, name)
			continue
		}
		for _, dir := range s.findDirs {
			below = append(below, filepath.Join(dir, name))
		}
	}
	next := *s
	next.world = s.world.without(func(path string) bool {
		return slices.Contains(below, path) || slices.Contains(below, filepath.Dir(path))
	})
	return &next
}

// Recording is everything that this configuration was made from.
func (s *Snapshot) Recording() *Recording { return s.world }
