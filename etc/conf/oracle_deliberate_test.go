package conf

import (
	"slices"
	"strings"
)

// deliberateDifference is one thing that differs from oslo.config on purpose.
type deliberateDifference struct {
	name, reason string
	is           func(line oracleLine, d oracleDifference) bool
}

// deliberateDifferences is the whole list; an entry that no recorded configuration needs makes the comparison fail.
func deliberateDifferences() []deliberateDifference {
	return slices.Concat(outputDifferences(), referenceDifferences(), valueDifferences(), orderDifferences())
}

func outputDifferences() []deliberateDifference {
	return []deliberateDifference{
		{"password in a URL", "a password inside a URL is masked wherever it is shown",
			func(_ oracleLine, d oracleDifference) bool {
				return MaskURLs(d.theirs) != d.theirs && strings.Contains(d.ours, MaskURLs(d.theirs))
			}},
		{"secret", "no message shows the value of a secret option, nor one that a reference has put it into",
			func(_ oracleLine, d oracleDifference) bool {
				return strings.Contains(d.ours, "is not valid: it is secret, and no ") ||
					strings.Contains(d.ours, " value: "+masked) || d.what == "dump" && strings.HasSuffix(d.ours, " = "+masked)
			}},
		{"uri", "the text is Newton's, which does not print Python objects",
			func(_ oracleLine, d oracleDifference) bool {
				return strings.Contains(d.theirs, "URIReference(") && strings.Contains(d.ours, "invalid URI: ") ||
					strings.Contains(d.theirs, "scheme was required to be one of") && strings.Contains(d.ours, "URI scheme '")
			}},
		{"choices of numbers", "the text is Newton's, which does not print Python objects",
			func(_ oracleLine, d oracleDifference) bool {
				return strings.Contains(d.ours, "Valid values are [4, 6], but found ") &&
					strings.Contains(d.theirs, "Valid values are OrderedDict(")
			}},
		{"maximum length", "the value is quoted as later releases quote it",
			func(_ oracleLine, d oracleDifference) bool {
				return strings.Contains(d.ours, " exceeds maximum length ") && strings.Contains(d.theirs, " exceeds maximum length ")
			}},
	}
}

func referenceDifferences() []deliberateDifference {
	return []deliberateDifference{
		{"missing variable", "the variable that is missing is named, not the option that refers to it",
			func(_ oracleLine, d oracleDifference) bool {
				return strings.Contains(d.ours, "is not valid: template substitution error: ") && isReferenceError(d.theirs)
			}},
		{"reported once", "an option that refers to a broken one is not reported beside it",
			func(_ oracleLine, d oracleDifference) bool {
				return d.ours == "" && (strings.Contains(d.theirs, "is not valid: Value for option ") || isReferenceError(d.theirs))
			}},
		{"former name", "a reference by a former name finds the option where it is, not in DEFAULT",
			func(line oracleLine, d oracleDifference) bool {
				return line.mentions("$store_pool", "$old_flag") && (d.what != "warnings" || strings.Contains(d.theirs, `"pool" from group "DEFAULT"`))
			}},
	}
}

// isReferenceError knows what oslo says when a variable cannot be had, which as a rule names the wrong option.
func isReferenceError(text string) bool {
	return strings.HasPrefix(text, "no such option ") || strings.HasPrefix(text, "no such group [") ||
		strings.HasPrefix(text, "template substitution error: ") || strings.HasPrefix(text, "maximum recursion depth exceeded")
}

func (l oracleLine) mentions(texts ...string) bool {
	all := strings.Join(l.Case.Args, " ")
	for _, text := range l.Case.Files {
		all += text
	}
	for _, text := range l.Case.Env {
		all += text
	}
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(all, text) })
}

// refers reports whether the option that differs has a reference in its value, or none that is known.
func (d oracleDifference) refers() bool {
	key, _, _ := strings.Cut(d.ours, " ")
	for _, o := range d.outcome.options {
		if place := o.Place(); place.String() == d.what || d.what == "dump" && (place.String() == key || dumpName(o) == key) {
			s, valid := d.outcome.values[o]
			return !valid || strings.Contains(strings.Join(s.raw, ""), "$") || s.raw == nil && strings.Contains(o.Default, "$")
		}
	}
	return true
}

func valueDifferences() []deliberateDifference {
	return []deliberateDifference{
		{"empty number", "an empty number means the default",
			func(_ oracleLine, d oracleDifference) bool {
				return d.outcome.emptied && (strings.HasSuffix(d.theirs, "None") || d.refers())
			}},
		{"scope", "a host address may have a scope, as fe80::1%eth0",
			func(_ oracleLine, d oracleDifference) bool {
				return d.what == "DEFAULT.bind" && d.ours == "'fe80::1%eth0'"
			}},
		{"many values in the environment", "a variable is one value of a multi-valued option, not one for each of its characters",
			func(line oracleLine, d oracleDifference) bool {
				return slices.ContainsFunc([]string{"many", "each", "ints"}, func(key string) bool {
					_, set := line.Case.Env["OS_DEFAULT__"+strings.ToUpper(key)]
					return set && (d.what == "DEFAULT."+key || d.what == "dump" && strings.HasPrefix(d.ours, key+" ") ||
						line.mentions("$"+key) && d.refers())
				})
			}},
		{"64 bits", "a number has 64 bits",
			func(_ oracleLine, d oracleDifference) bool {
				beyond := func(text string) bool {
					return strings.HasSuffix(text, " to 9223372036854775807") || strings.HasSuffix(text, " to -9223372036854775808")
				}
				return beyond(d.ours) || len(strings.Trim(d.theirs, "-0123456789")) == 0 && len(d.theirs) > 19 || d.ours == "" && slices.ContainsFunc(d.outcome.problems, beyond)
			}},
	}
}

func orderDifferences() []deliberateDifference {
	return []deliberateDifference{
		{"not from a file", "a file cannot say which files are read",
			func(line oracleLine, d oracleDifference) bool {
				return line.mentions("config_file = x", "config_dir = x") && (d.what == "config files" || strings.HasPrefix(d.theirs, "config"))
			}},
		{"command line first", "the command line is checked before any file is read",
			func(_ oracleLine, d oracleDifference) bool { return d.what == "command line" && d.theirs != "" }},
		{"one switch, two spellings", "an abbreviation of two spellings of one switch is not ambiguous",
			func(_ oracleLine, d oracleDifference) bool {
				return d.what == "usage" && strings.HasPrefix(d.theirs, "ambiguous option: ")
			}},
	}
}

// deliberate returns the name of the deliberate difference that explains one, or nothing.
func deliberate(line oracleLine, d oracleDifference) string {
	for _, known := range deliberateDifferences() {
		if known.is(line, d) {
			return known.name
		}
	}
	return ""
}
