package conf

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The layout of argparse on a terminal of 80 columns.
const (
	helpWidth  = 78
	helpColumn = 24
)

// usage is the line that stands above a complaint about the command line.
func usage(prog string, list []*cliSwitch) string {
	lead := "usage: " + prog + " "
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = "[" + s.invocation(s.names[0]) + "]"
	}
	lines := wrap(parts, helpWidth-len(lead))
	return lead + strings.Join(lines, "\n"+strings.Repeat(" ", len(lead))) + "\n"
}

// help is the answer to --help.
func help(prog string, list []*cliSwitch) string {
	var out strings.Builder
	out.WriteString(usage(prog, list) + "\noptions:\n")
	for _, s := range list {
		s.describe(&out)
	}
	return out.String()
}

func (s *cliSwitch) invocation(name string) string {
	if s.act.takesValue() {
		return name + " " + s.metavar
	}
	return name
}

func (s *cliSwitch) describe(out *strings.Builder) {
	spellings := make([]string, len(s.names))
	for i, name := range s.names {
		spellings[i] = s.invocation(name)
	}
	head := "  " + strings.Join(spellings, ", ")
	if len(head) > helpColumn-2 {
		head += "\n" + strings.Repeat(" ", helpColumn)
	} else {
		head += strings.Repeat(" ", helpColumn-len(head))
	}
	text := wrap(strings.Fields(s.help), helpWidth-helpColumn)
	fmt.Fprintf(out, "%s%s\n", head, strings.Join(text, "\n"+strings.Repeat(" ", helpColumn)))
}

// wrap joins words with blanks into lines of at most width characters, as far as the words let it.
func wrap(words []string, width int) []string {
	var lines []string
	line := ""
	for _, word := range words {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
