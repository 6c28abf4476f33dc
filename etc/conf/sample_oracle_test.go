package conf

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// debianPython is the interpreter that Debian's package python3-oslo.config is for.
const debianPython = "/usr/bin/python3"

// sampleOption is what the other side needs to know of an option.
type sampleOption struct {
	Name       string        `json:"name"`
	Kind       string        `json:"kind"`
	Min        string        `json:"min"`
	Max        string        `json:"max"`
	Choices    []string      `json:"choices"`
	Default    *string       `json:"default"`
	Help       string        `json:"help"`
	Secret     bool          `json:"secret"`
	Mutable    bool          `json:"mutable"`
	Obsolete   bool          `json:"obsolete"`
	Deprecated []samplePlace `json:"deprecated"`
}

type samplePlace struct {
	Group string `json:"group"`
	Key   string `json:"key"`
}

type sampleGroup struct {
	Group   string         `json:"group"`
	Options []sampleOption `json:"options"`
}

func sampleGroupOf(group string) sampleGroup {
	g := sampleGroup{Group: group}
	for _, o := range settable() {
		if o.Group == group {
			g.Options = append(g.Options, sampleOptionOf(o))
		}
	}
	return g
}

func sampleOptionOf(o *Option) sampleOption {
	s := sampleOption{Name: o.Name, Kind: kindOf(o), Help: o.Help, Secret: o.Secret, Obsolete: o.Obsolete,
		Mutable: o.Reload == Hot && o.Why == ""}
	s.Min, s.Max, s.Choices = o.bounds()
	if !o.NoDefault {
		s.Default = &o.Default
	}
	seen := map[samplePlace]bool{}
	for _, old := range o.Deprecated {
		place := samplePlace{old.Group, strings.ReplaceAll(old.Key, "-", "_")}
		if !seen[place] { // oslo writes both spellings, which look the same
			s.Deprecated = append(s.Deprecated, place)
		}
		seen[place] = true
	}
	return s
}

// The lines of our own: the generator knows of no options without effect, and has another way to tell of sample defaults.
var ownLines = regexp.MustCompile(`# This option has no effect: (.*\n# )?.*\.\n|#\n# This option has a sample default (.*\n){3}`)

// Where Debian's python3-oslo.config is installed, its generator makes the same sample of the same options.
func TestSampleIsWhatOsloMakesOfTheTable(t *testing.T) {
	t.Parallel()
	if err := exec.Command(debianPython, "-c", "import oslo_config").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("python3-oslo.config is not installed: %v", err)
		}
		t.Skip("python3-oslo.config is not installed")
	}
	var groups []sampleGroup
	for _, group := range sampleGroups() {
		groups = append(groups, sampleGroupOf(group))
	}
	input, err := json.Marshal(groups)
	if err != nil {
		t.Fatal(err)
	}
	oracle := exec.Command(debianPython, "testdata/sample_oracle.py")
	oracle.Stdin, oracle.Stderr = bytes.NewReader(input), os.Stderr
	want, err := oracle.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := ownLines.ReplaceAllString(sampleText(t), "")
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("-oslo +ours:\n%s", diff)
	}
}
