package conf

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sampleText(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := Sample(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// valuesOf shows every option of a configuration.
func valuesOf(s *Snapshot) map[string]any {
	values := map[string]any{}
	for _, o := range declared().options {
		values[o.Place().String()] = s.values[o].value
	}
	return values
}

func TestSampleHasTheLayoutOfOslo(t *testing.T) {
	t.Parallel()
	sample := sampleText(t)
	for _, want := range []string{
		"[DEFAULT]\n\n#\n# From hadron\n#\n\n# Directory for the files the server keeps; it must be writable.\n# (string value)\n" +
			"#state_path = /var/lib/neutron\n\n",
		"\n# Port the API listens on. (port value)\n# Minimum value: 0\n# Maximum value: 65535\n#bind_port = 9696\n",
		"\n# IP version of tunnel endpoints. (integer value)\n# Possible values:\n# 4 - <No description provided>\n" +
			"# 6 - <No description provided>\n#overlay_ip_version = 4\n",
		"\n# DEPRECATED: Log at INFO; accepted from old configurations. (boolean\n# value)\n# This option is deprecated for removal.\n" +
			"# Its value may be silently ignored in the future.\n",
		"\n\n\n[agent]\n\n#\n# From hadron\n#\n",
		"# Deprecated group/name - [DEFAULT]/sql_connection\n",
		"\n#instance_uuid_format = \"[instance: %(uuid)s] \"\n", "\n#connection = <None>\n", "\n#service_plugins =\n",
		"# Note: This option can be changed without restarting.\n#debug = false\n",
	} {
		if !strings.Contains(sample, want) {
			t.Errorf("the sample lacks\n%s", want)
		}
	}
	for line := range strings.Lines(sample) {
		if strings.HasPrefix(line, "# ") && len(line) > sampleWidth+len("\n") && !strings.HasPrefix(line, "# Deprecated group/name") {
			t.Errorf("too long: %s", line)
		}
	}
	// The rest are of the command line alone.
	if got, want := len(optionLine.FindAllString(sample, -1)), len(Options())-5; got != want {
		t.Errorf("%d options, want %d", got, want)
	}
}

func TestSampleGivesTheDefaults(t *testing.T) {
	t.Parallel()
	want := valuesOf(mustLoad(t, ""))
	s := mustLoad(t, sampleText(t))
	if diff := cmp.Diff(want, valuesOf(s)); diff != "" || len(s.Warnings()) > 0 {
		t.Errorf("as it is: warnings %v, values (-default +sample):\n%s", s.Warnings(), diff)
	}
	s = mustLoad(t, inEffect(sampleText(t)))
	for _, o := range settable() {
		if o.Multi && o.NoDefault { // as with oslo's samples, an empty line is an empty item
			want[o.Place().String()] = []string{""}
		}
	}
	if diff := cmp.Diff(want, valuesOf(s)); diff != "" {
		t.Errorf("with all lines in effect (-default +sample):\n%s", diff)
	}
	if idle := s.WithoutEffect(); idle != nil {
		t.Errorf("defaults are said to be without effect: %v", idle)
	}
	obsolete := 0
	for _, o := range Options() {
		if o.Obsolete && !o.NoDefault {
			obsolete++
		}
	}
	for _, w := range s.Warnings() {
		if !strings.Contains(w.Text, "is deprecated for removal") {
			t.Errorf("warning: %s", w)
		}
	}
	if len(s.Warnings()) != obsolete {
		t.Errorf("%d warnings, want one for each of %d options to be removed", len(s.Warnings()), obsolete)
	}
}

var optionLine = regexp.MustCompile(`(?m)^#([a-zA-Z0-9_-]+ =.*)$`)

// inEffect puts every option of a generated file into effect, but for those whose value stands for another.
func inEffect(text string) string {
	text = strings.ReplaceAll(text, "\n#[designate]\n", "\n[designate]\n") // Debian's example
	return optionLine.ReplaceAllStringFunc(text, func(line string) string {
		if strings.HasSuffix(line, "<None>") || strings.HasSuffix(line, "cpu_count()") {
			return line
		}
		return line[1:]
	})
}

// The files as Debian installs them, of which the project may have no copy, lie beside it on machines of developers.
func TestFilesOfNeutronAreUnderstood(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(root, "..", "shared", "reference", "conf")
	for _, release := range []string{"zed", "2026.1"} {
		for _, name := range []string{"neutron.conf", "ml2_conf.ini"} {
			t.Run(release+"/"+name, func(t *testing.T) {
				t.Parallel()
				data, err := os.ReadFile(filepath.Join(folder, release, name))
				if os.IsNotExist(err) {
					t.Skip("not there")
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range mustLoad(t, string(data)).Warnings() {
					if release != "zed" || !strings.HasPrefix(w.Text, `Option "tenant_network_types"`) { // it has a new name since
						t.Errorf("as it is: %s", w)
					}
				}
				for _, w := range mustLoad(t, inEffect(string(data))).Warnings() {
					if !strings.Contains(w.Text, " is deprecated") {
						t.Errorf("with all lines in effect: %s", w)
					}
				}
			})
		}
	}
}
