package conf

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// sampleWidth is where oslo-config-generator wraps help texts.
const sampleWidth = 70

// Sample writes a configuration file of every option that a file can set, in the layout of oslo-config-generator: each one
// commented out, with its default, below what there is to know about it.
func Sample(w io.Writer) error {
	var out strings.Builder
	for i, group := range sampleGroups() {
		if i > 0 {
			out.WriteString("\n\n")
		}
		fmt.Fprintf(&out, "[%s]\n\n#\n# From hadron\n#\n", group)
		for _, o := range declared().options {
			if o.Group == group && !onlySwitch(o) {
				o.sample(&out)
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// sampleGroups are all groups, DEFAULT first.
func sampleGroups() []string {
	// Upper case sorts before lower case.
	return slices.Sorted(slices.Values(declared().groups))
}

// onlySwitch tells the options that only the command line can set.
func onlySwitch(o *Option) bool {
	return slices.Contains([]*Option{ConfigFile.o, ConfigDir.o, CheckOnly.o, UpgradeOnly.o, SampleOnly.o}, o)
}

// sample writes the block of one option.
func (o *Option) sample(out *strings.Builder) {
	help := fmt.Sprintf("%s (%s)", o.Help, o.typeTag())
	if o.Obsolete {
		help = "DEPRECATED: " + help
	}
	lines := wrap(strings.Fields(help), sampleWidth-len("# "))
	lines = append(lines, o.limits()...)
	if o.Reload == Hot && o.Why == "" {
		lines = append(lines, "Note: This option can be changed without restarting.")
	}
	lines = append(lines, o.formerNames()...)
	if o.Obsolete {
		lines = append(lines, "This option is deprecated for removal.", "Its value may be silently ignored in the future.")
	}
	if o.Why != "" {
		lines = append(lines, wrap(strings.Fields("This option has no effect: "+string(o.Why)+"."), sampleWidth-len("# "))...)
	}
	if o.ByMachine || o == Host.o {
		lines = append(lines, "", "This option has a sample default set, which means that",
			"its actual default value may vary from the one documented", "below.")
	}
	out.WriteString("\n")
	for _, line := range lines {
		out.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	out.WriteString(strings.TrimRight(fmt.Sprintf("#%s = %s", o.Key(), quoteBlanks(o.defaultText())), " ") + "\n")
}

// quoteBlanks keeps blanks at the ends of a value from being lost.
func quoteBlanks(value string) string {
	if value != strings.TrimSpace(value) {
		return `"` + value + `"`
	}
	return value
}

// typeTag is the type as samples name it.
func (o *Option) typeTag() string {
	if o.Multi {
		return "multi valued"
	}
	switch o.Type.(type) {
	case Boolean:
		return "boolean value"
	case Integer, ZonePrefix:
		return "integer value"
	case Float:
		return "floating point value"
	case List:
		return "list value"
	case Dict:
		return "dict value"
	case Port:
		return "port value"
	case HostAddress:
		return "host address value"
	case IPAddress:
		return "IP address value"
	case URI:
		return "uri value"
	default:
		return "string value"
	}
}

// limits are the lines about bounds and choices.
func (o *Option) limits() []string {
	var lines []string
	least, most, choices := o.bounds()
	if least != "" {
		lines = append(lines, "Minimum value: "+least)
	}
	if most != "" {
		lines = append(lines, "Maximum value: "+most)
	}
	if choices != nil {
		lines = append(lines, "Possible values:")
	}
	for _, c := range choices {
		lines = append(lines, cmp.Or(c, "''")+" - <No description provided>")
	}
	return lines
}

// bounds are the restrictions of the type as texts, empty where there are none.
func (o *Option) bounds() (least, most string, choices []string) {
	switch t := o.Type.(type) {
	case Integer:
		for _, n := range t.Choices {
			choices = append(choices, strconv.Itoa(n))
		}
		return boundText(t.Min), boundText(t.Max), choices
	case ZonePrefix:
		return boundText(&t.Min), boundText(&t.Max), nil
	case Port:
		return "0", "65535", nil
	case Float:
		return boundText(t.Min), boundText(t.Max), nil
	case Text:
		return "", "", t.Choices
	default:
		return "", "", nil
	}
}

func boundText[T int | float64](n *T) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

func (o *Option) formerNames() []string {
	var lines []string
	for _, old := range o.Deprecated {
		line := fmt.Sprintf("Deprecated group/name - [%s]/%s", old.Group, strings.ReplaceAll(old.Key, "-", "_"))
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// defaultText is the default as a sample file shows it.
func (o *Option) defaultText() string {
	if o.NoDefault && !o.Multi { // an option that may be repeated is not there at all
		return "<None>"
	}
	return o.Default
}
