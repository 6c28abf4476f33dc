package conf

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const masked = "****"

// urlPassword finds the password of a URL. It may hold unescaped at signs, so the last one before the path counts.
var urlPassword = regexp.MustCompile(`(://[^:/@\s]*:)[^/\s]+@`)

// MaskURLs hides the passwords of all URLs in a text.
func MaskURLs(text string) string {
	return urlPassword.ReplaceAllString(text, "${1}"+masked+"@")
}

// show writes a value for people to read.
func show(o *Option, s setting) string {
	if o.Secret || s.secret {
		return masked
	}
	return MaskURLs(s.python(o))
}

// LogOptValues writes oslo's dump of all options, a line at a time.
func (s *Snapshot) LogOptValues(line func(string)) {
	stars := strings.Repeat("*", 80)
	line(stars)
	line("Configuration options gathered from:")
	line("command line args: " + MaskURLs(pyList(s.args)))
	line("config files: " + show(ConfigFile.o, s.values[ConfigFile.o]))
	line(strings.Repeat("=", 80))
	for _, group := range s.table.groups {
		for _, o := range s.table.sorted(group) {
			line(fmt.Sprintf("%-30s = %s", dumpName(o), show(o, s.values[o])))
		}
	}
	line(stars)
}

func (t *table) sorted(group string) []*Option {
	var options []*Option
	for _, o := range t.options {
		if o.Group == group {
			options = append(options, o)
		}
	}
	slices.SortFunc(options, func(a, b *Option) int { return strings.Compare(a.Key(), b.Key()) })
	return options
}

// dumpName leaves the group DEFAULT out, as oslo does.
func dumpName(o *Option) string {
	if o.Group == "DEFAULT" {
		return o.Key()
	}
	return o.Place().String()
}
