package conf

import (
	"regexp"
	"strings"
	"sync"
)

// oracleTable declares the options of the comparison with oslo.config: every type, with and without a default, on the
// command line and off it, in groups, with former names. The option that is required is left out unless it is wanted.
func oracleTable(required bool) *table {
	if required {
		return oracleTableWith()
	}
	return oracleTableWithout()
}

var (
	oracleTableWith    = sync.OnceValue(func() *table { return newOracleTable(true) })
	oracleTableWithout = sync.OnceValue(func() *table { return newOracleTable(false) })
)

func newOracleTable(required bool) *table {
	t := &table{byName: map[Name]*Option{}, former: map[Name]*Option{}, known: map[Name]bool{}, sections: map[string]bool{}}
	t.add(ConfigFile.o)
	t.add(ConfigDir.o)
	for _, o := range oracleOptions() {
		if !o.Required || required {
			t.add(o)
		}
	}
	for n := range t.known {
		t.sections[n.Group] = true
	}
	return t
}

func oracleOptions() []*Option {
	list := append(append(scalarOptions(), textOptions()...), groupedOptions()...)
	for i := range list {
		o := declare(list[i], Text{}).o
		o.NoDefault = o.NoDefault || o.Default == "" && !o.Multi
		list[i] = *o
	}
	options := make([]*Option, len(list))
	for i := range list {
		options[i] = &list[i]
	}
	return options
}

func scalarOptions() []Option {
	return []Option{
		{Name: "flag", Type: Boolean{}, Default: "false", Flags: []string{"--flag", "-f", "--old_flag"},
			Deprecated: []Name{{"DEFAULT", "old_flag"}}},
		{Name: "flat-out", Type: Boolean{}, Flags: []string{"--flat-out", "-o"}},
		{Name: "quiet", Type: Boolean{}, Default: "true"},
		{Name: "maybe", Type: Boolean{}},
		{Name: "count", Type: Integer{}, Default: "5"},
		{Name: "level", Type: Integer{Min: bound(-1), Max: bound(10)}, Flags: []string{"--level", "-l"}},
		{Name: "big", Type: Integer{Min: bound(1), Max: bound(2147483)}},
		{Name: "pick", Type: Integer{Choices: []int{4, 6}}, Default: "4"},
		{Name: "ratio", Type: Float{}, Default: "1.5"},
		{Name: "share", Type: Float{Min: bound(0.0), Max: bound(1.0)}},
		{Name: "port", Type: Port{}},
		{Name: "pin", Type: Integer{}, Secret: true},
	}
}

func textOptions() []Option {
	return []Option{
		{Name: "word", Default: "plain"},
		{Name: "log-path", Flags: []string{"--log-path", "--logpath", "--log-place", "--log_place"},
			Deprecated: []Name{{"DEFAULT", "logpath"}, {"DEFAULT", "log-place"}, {"DEFAULT", "log_place"}}},
		{Name: "mode", Type: Text{Choices: []string{"legacy", "pecan"}}, Default: "legacy"},
		{Name: "when", Type: Text{Choices: []string{"Days", "Hours", ""}, IgnoreCase: true}, Flags: []string{"--when"}},
		{Name: "short", Type: Text{MaxLength: 8}},
		{Name: "code", Type: Text{Regex: regexp.MustCompile(`^[a-z]+-[0-9]+`)}},
		{Name: "names", Type: List{}, Default: "a,b"},
		{Name: "numbers", Type: List{Item: Integer{Max: bound(9)}}},
		{Name: "switches", Type: List{Item: Boolean{}}, Flags: []string{"--switches"}},
		{Name: "protos", Type: List{Item: Dict{}}},
		{Name: "modes", Type: List{Item: Text{Choices: []string{"a", "b,c", "d"}}}},
		{Name: "pairs", Type: Dict{}, Default: "k:v"},
		{Name: "sizes", Type: Dict{Value: Integer{}}},
		{Name: "many", Multi: true, Default: "one"},
		{Name: "each", Multi: true, NoDefault: true, Flags: []string{"--each", "-e"}},
		{Name: "ints", Multi: true, NoDefault: true, Type: Integer{}, Deprecated: []Name{{"DEFAULT", "int"}}},
		{Name: "addr", Type: IPAddress{}},
		{Name: "addr4", Type: IPAddress{Version: 4}},
		{Name: "addr6", Type: IPAddress{Version: 6}},
		{Name: "node", Type: Hostname{}, Default: "node-1"},
		{Name: "bind", Type: HostAddress{}, Default: "0.0.0.0"},
		{Name: "site", Type: URI{}},
		{Name: "web", Type: URI{Schemes: []string{"http", "https"}}},
		{Name: "tiny", Type: URI{MaxLength: 16}},
		{Name: "hidden", Secret: true, Default: "hunter2"},
		{Name: "path", Default: "$word/lib/${net.name}"},
		{Name: "gone", Obsolete: true},
		{Name: "shell_completion", Type: Text{Choices: []string{"bash", "zsh"}}, Flags: []string{"--shell_completion"}},
		{Name: "going", Obsolete: true, ObsoleteReason: "nobody reads it", Type: Integer{}, Flags: []string{"--going"}},
	}
}

func groupedOptions() []Option {
	return []Option{
		{Group: "net", Name: "name", Default: "lan", Flags: []string{"--net-name"}},
		{Group: "net", Name: "mtu", Type: Integer{}, Default: "1500", Deprecated: []Name{{"DEFAULT", "net_mtu"}}},
		{Group: "net", Name: "peers", Type: List{}},
		{Group: "net", Name: "word", Default: "inner"},
		{Group: "net", Name: "up", Type: Boolean{}, Flags: []string{"--net-up"}},
		{Group: "net", Name: "must", Type: Integer{}, Required: true},
		{Group: "store", Name: "url", Default: "db://$word"},
		{Group: "store", Name: "pool", Type: Integer{Min: bound(1)}, Default: "3",
			Deprecated: []Name{{"DEFAULT", "store_pool"}, {"old_store", "pool"}, {"store", "size"}}},
	}
}

// oracleOption is the form in which the other side is told of an option.
type oracleOption struct {
	Group      string      `json:"group"`
	Name       string      `json:"name"`
	Type       oracleType  `json:"type"`
	Multi      bool        `json:"multi,omitempty"`
	Default    *string     `json:"default,omitempty"`
	Secret     bool        `json:"secret,omitempty"`
	Required   bool        `json:"required,omitempty"`
	CLI        bool        `json:"cli,omitempty"`
	Short      string      `json:"short,omitempty"`
	Deprecated [][2]string `json:"deprecated,omitempty"`
	Obsolete   bool        `json:"obsolete,omitempty"`
	Reason     string      `json:"reason,omitempty"`
}

type oracleType struct {
	Kind       string      `json:"kind"`
	Item       *oracleType `json:"item,omitempty"`
	Min        any         `json:"min,omitempty"`
	Max        any         `json:"max,omitempty"`
	Choices    any         `json:"choices,omitempty"`
	IgnoreCase bool        `json:"ignore_case,omitempty"`
	MaxLength  int         `json:"max_length,omitempty"`
	Regex      string      `json:"regex,omitempty"`
	Version    int         `json:"version,omitempty"`
	Schemes    []string    `json:"schemes,omitempty"`
}

func toldOptions() []oracleOption {
	var told []oracleOption
	for _, o := range oracleOptions() {
		t := oracleOption{Group: o.Group, Name: o.Name, Type: toldType(o.Type), Multi: o.Multi, Secret: o.Secret,
			Required: o.Required, CLI: o.Flags != nil, Obsolete: o.Obsolete, Reason: o.ObsoleteReason}
		if !o.NoDefault {
			t.Default = &o.Default
		}
		for _, flag := range o.Flags {
			if !strings.HasPrefix(flag, "--") {
				t.Short = flag[1:]
			}
		}
		for i, n := range o.Deprecated {
			// oslo adds the spelling with underscores by itself.
			if i == 0 || strings.ReplaceAll(o.Deprecated[i-1].Key, "-", "_") != n.Key {
				t.Deprecated = append(t.Deprecated, [2]string{n.Group, n.Key})
			}
		}
		told = append(told, t)
	}
	return told
}

func toldType(t Type) oracleType {
	switch t := t.(type) {
	case Integer:
		told := oracleType{Kind: "Integer", Min: orNil(t.Min), Max: orNil(t.Max)}
		if t.Choices != nil {
			told.Choices = t.Choices
		}
		return told
	case Float:
		return oracleType{Kind: "Float", Min: orNil(t.Min), Max: orNil(t.Max)}
	case Text:
		told := oracleType{Kind: "String", IgnoreCase: t.IgnoreCase, MaxLength: t.MaxLength}
		if t.Choices != nil {
			told.Choices = t.Choices
		}
		if t.Regex != nil {
			told.Regex = t.Regex.String()
		}
		return told
	case List:
		return container("List", t.Item)
	case Dict:
		return container("Dict", t.Value)
	case IPAddress:
		return oracleType{Kind: "IPAddress", Version: t.Version}
	case URI:
		return oracleType{Kind: "URI", Schemes: t.Schemes, MaxLength: t.MaxLength}
	default:
		return oracleType{Kind: strings.Split(t.String(), "(")[0]} // Boolean, Port, Hostname, HostAddress
	}
}

func container(kind string, item Type) oracleType {
	if item == nil {
		return oracleType{Kind: kind}
	}
	told := toldType(item)
	return oracleType{Kind: kind, Item: &told}
}

func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
