package conf

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// referenceFolder holds facts about Neutron beside a clone of this repository; nothing needs it.
const referenceFolder = "../../../shared/reference/conf"

// shipped returns the configuration files as a release of Neutron ships them.
func shipped(t testing.TB, release string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for path, name := range map[string]string{
		"/etc/neutron/neutron.conf": "neutron.conf", "/etc/neutron/plugins/ml2/ml2_conf.ini": "ml2_conf.ini",
	} {
		data, err := os.ReadFile(filepath.Join(referenceFolder, release, name))
		if err != nil {
			t.Skipf("the files of %s are not here: %v", release, err)
		}
		files[path] = string(data)
	}
	return files
}

func TestShippedFilesLoad(t *testing.T) {
	t.Parallel()
	for _, release := range []string{"zed", "2026.1"} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			files := shipped(t, release)
			checkWarnings(t, files, regexp.MustCompile(` is deprecated`))
			for path, text := range files {
				files[path] = uncommented(text)
			}
			checkWarnings(t, files, regexp.MustCompile(` is deprecated|its default .* applies`))
		})
	}
}

// checkWarnings loads the default files, and wants only warnings of this kind.
func checkWarnings(t *testing.T, files map[string]string, usual *regexp.Regexp) {
	t.Helper()
	s, err := Load(machine(files))
	if err != nil {
		t.Error(err)
		return
	}
	for _, w := range s.Warnings() {
		if !usual.MatchString(w.Text) {
			t.Error(w)
		}
	}
	if got := len(s.ConfigFiles()); got != len(files) {
		t.Errorf("%d files read of %d", got, len(files))
	}
}

var commentedOut = regexp.MustCompile(`(?m)^#(\[[a-z_]+\]|[a-z0-9_]+ *=.*)$`)

// uncommented sets every option that a sample shows commented out, but for those without a value or with one that only
// describes what it would be.
func uncommented(text string) string {
	return commentedOut.ReplaceAllStringFunc(text, func(line string) string {
		if strings.Contains(line, "<") || strings.Contains(line, "()") {
			return line
		}
		return line[1:]
	})
}

// sample is a file with every option of the table: commented, set to its default, or both.
func sample(comment, set bool) string {
	var out strings.Builder
	for _, group := range declared().groups {
		fmt.Fprintf(&out, "[%s]\n", group)
		for _, o := range declared().sorted(group) {
			if comment {
				fmt.Fprintf(&out, "# %s (%s)\n#%s = %s\n\n", o.Help, o.Type, o.Key(), o.Default)
			}
			if set && !o.NoDefault && o != ConfigFile.o && o != ConfigDir.o {
				fmt.Fprintf(&out, "%s = \"%s\"\n", o.Key(), o.Default) // quotes keep blanks at the ends
			}
		}
	}
	return out.String()
}

func TestDefaultsThatAreWrittenOutChangeNothing(t *testing.T) {
	t.Parallel()
	commented := mustLoad(t, sample(true, false))
	if w := commented.Warnings(); len(w) > 0 {
		t.Errorf("comments draw warnings: %v", w)
	}
	set := mustLoad(t, sample(true, true))
	for _, c := range Diff(commented, set) {
		t.Errorf("%v", c)
	}
}

// BenchmarkLoad reads everything a server reads of its configuration, but for the file system.
func BenchmarkLoad(b *testing.B) {
	b.Run("all commented", benchmarkLoad(func(testing.TB) map[string]string {
		return map[string]string{"/etc/neutron/neutron.conf": sample(true, false)}
	}))
	b.Run("all set", benchmarkLoad(func(testing.TB) map[string]string {
		return map[string]string{"/etc/neutron/neutron.conf": sample(true, true)}
	}))
	for _, release := range []string{"zed", "2026.1"} {
		b.Run(release, benchmarkLoad(func(t testing.TB) map[string]string { return shipped(t, release) }))
	}
}

func benchmarkLoad(files func(testing.TB) map[string]string) func(*testing.B) {
	return func(b *testing.B) {
		src := machine(files(b))
		declared() // once for the process
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Load(src); err != nil {
				b.Fatal(err)
			}
		}
	}
}
