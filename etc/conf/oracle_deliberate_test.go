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
	return slices.Concat(outputDifferences(), referenceDifferences(), orderDifferences())
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
	}
}

// isReferenceError knows what oslo says when a variable cannot be had, which as a rule names the wrong option.
func isReferenceError(text string) bool {
	return strings.HasPrefix(text, "no such option ") || strings.HasPrefix(text, "no such group [") ||
		strings.HasPrefix(text, "template substitution error: ") || strings.HasPrefix(text, "maximum recursion depth exceeded")
}

func orderDifferences() []deliberateDifference {
	return []deliberateDifference{
		{"command line first", "the command line is checked before any file is read",
			func(_ oracleLine, d oracleDifference) bool { return d.what == "command line" && d.theirs != "" }},
	}
}

// laterChanges are what releases up to 2026.1 have changed, where the other side is older.
func laterChanges() []deliberateDifference {
	older := func(name string, as func(ours string) string) deliberateDifference {
		return deliberateDifference{name, "worded otherwise by later releases", func(_ oracleLine, d oracleDifference) bool {
			return strings.Contains(d.ours, name) && strings.Contains(as(d.ours), d.theirs)
		}}
	}
	return []deliberateDifference{
		older("OrderedDict({4: None, 6: None})", func(ours string) string {
			return strings.ReplaceAll(ours, "OrderedDict({4: None, 6: None})", "OrderedDict([(4, None), (6, None)])")
		}),
		older("Section must be started before assignment: ''", func(ours string) string {
			return strings.ReplaceAll(ours, "before assignment: ''", "before assignment: None")
		}),
		{"maximum length", "the value is quoted otherwise by later releases", func(_ oracleLine, d oracleDifference) bool {
			return strings.Contains(d.ours, " exceeds maximum length ") && strings.Contains(d.theirs, " exceeds maximum length ")
		}},
		{"joined letters", "Python's argparse leaves over what is no letter behind others", func(_ oracleLine, d oracleDifference) bool {
			return d.what == "usage" && strings.HasPrefix(d.ours, "unrecognized arguments: -") && strings.Contains(d.theirs, "ignored explicit argument")
		}},
		{"ambiguous first", "Python's argparse no longer looks for ambiguous switches before anything else", func(_ oracleLine, d oracleDifference) bool {
			return d.what == "usage" && d.ours != "" && strings.HasPrefix(d.theirs, "ambiguous option: ")
		}},
		{"shell completion", "it came with oslo.config 9.5", func(line oracleLine, d oracleDifference) bool {
			return len(line.Case.Args) > 0 && line.Case.Args[0] == "--shell_completion"
		}},
	}
}

// deliberate returns the name of the difference that explains one, or nothing.
func deliberate(all []deliberateDifference, line oracleLine, d oracleDifference) string {
	for _, known := range all {
		if known.is(line, d) {
			return known.name
		}
	}
	return ""
}
