package conf

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// loadOracle loads one file with the options of the comparison, for what the real options have no example of.
func loadOracle(t *testing.T, text string, required bool, args ...string) (*Snapshot, error) {
	t.Helper()
	src := machine(map[string]string{"/c.conf": text}, append([]string{"--config-file", "/c.conf"}, args...)...)
	return load(src, oracleTable(required))
}

func texts(s *Snapshot) []string {
	var lines []string
	for _, w := range s.Warnings() {
		lines = append(lines, w.String())
	}
	return lines
}

func valueOf(t *testing.T, s *Snapshot, group, key string) Value {
	t.Helper()
	v, ok := s.Lookup(group, key)
	if !ok {
		t.Fatalf("no option %s in %s", key, group)
	}
	return v
}

func TestRequiredOptionMustHaveAValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    "value required for option must in group [net]",
		"[net]\nmust =\n":     "value required for option must in group [net]",
		"[net]\nmust = 1\n":   "",
		"[net]\nmust = one\n": "Value for option must from /c.conf:2 is not valid: invalid literal for int() with base 10: 'one'",
	} {
		if _, err := loadOracle(t, text, true); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestObsoleteOptionSaysWhy(t *testing.T) {
	t.Parallel()
	s, err := loadOracle(t, "[DEFAULT]\ngoing = 1\ngone = x\n", false)
	if err != nil {
		t.Fatal(err)
	}
	got := texts(s)
	slices.Sort(got)
	want := []string{
		`/c.conf:2: Option "going" from group "DEFAULT" is deprecated for removal (nobody reads it).  Its value may be silently ignored in the future.`,
		`/c.conf:3: Option "gone" from group "DEFAULT" is deprecated for removal.  Its value may be silently ignored in the future.`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// oslo looks for the value where the former name is: [DEFAULT] does not have it, and the default counts.
func TestReferenceByAFormerNameLooksInItsOwnGroup(t *testing.T) {
	t.Parallel()
	s, err := loadOracle(t, "[DEFAULT]\nword = $store_pool/${old_store.pool}\nshort = $logpath\nlog_path = x\n[store]\npool = 7\n", false)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{valueOf(t, s, "DEFAULT", "word").String(), valueOf(t, s, "DEFAULT", "short").String()}
	if diff := cmp.Diff([]string{"3/3", "x"}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestOverriddenFormerNamesOfSwitchesAreWarnedOf(t *testing.T) {
	t.Parallel()
	s, err := loadOracle(t, "[DEFAULT]\nold_flag = true\n", false, "--noflag")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`/c.conf:2: Option "old_flag" from group "DEFAULT" is deprecated. Use option "flag" from group "DEFAULT".`}
	if diff := cmp.Diff(want, texts(s)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// A secret must not be seen in the dump, in a change, in a complaint, nor through an option that refers to it.
func TestSecretsAreMaskedEverywhere(t *testing.T) {
	t.Parallel()
	const text = "[DEFAULT]\nhidden = hunter3\nword = x-$hidden\npath = ${word}\nmany = a$hidden\n"
	s, err := loadOracle(t, text, false)
	if err != nil {
		t.Fatal(err)
	}
	other, err := loadOracle(t, strings.ReplaceAll(text, "hunter3", "hunter4"), false)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	s.LogOptValues(func(line string) { shown = append(shown, line) })
	for _, c := range Diff(s, other) {
		shown = append(shown, c.String())
	}
	for _, bad := range []string{"pin = $hidden", "port = $hidden", "level = $hidden", "each = x\nlevel = 1$word", "numbers = $path", "node = _$hidden"} {
		_, err := loadOracle(t, text+bad+"\n", false)
		if err == nil {
			t.Fatalf("%s is accepted", bad)
		}
		shown = append(shown, err.Error())
	}
	for _, line := range shown {
		if strings.Contains(line, "hunter") {
			t.Errorf("seen in %q", line)
		}
	}
	if valueOf(t, s, "DEFAULT", "path").Value != "x-hunter3" {
		t.Error("the value itself is masked")
	}
}

// The dump shows the command line as it is, so a secret must not be given there.
func TestNoSecretHasASwitch(t *testing.T) {
	t.Parallel()
	for _, o := range Options() {
		if o.Secret && o.Flags != nil {
			t.Errorf("%s.%s", o.Group, o.Name)
		}
	}
}

func TestMultiValuedSwitchesJoinTheFiles(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/a.conf": "[DEFAULT]\neach = 1\neach = 2\n", "/b.conf": "[DEFAULT]\neach = 4\n"}
	args := []string{"--config-file", "/a.conf", "--each", "3", "--config-file", "/b.conf", "-e5"}
	s, err := load(machine(files, args...), oracleTable(false))
	if err != nil {
		t.Fatal(err)
	}
	if got := valueOf(t, s, "DEFAULT", "each"); got.String() != "['1', '2', '3', '4', '5']" || got.Origin.String() != "command line" {
		t.Errorf("got %s from %s", got, got.Origin)
	}
}

func TestTypedItemsAreShownAsPythonShowsThem(t *testing.T) {
	t.Parallel()
	s, err := loadOracle(t, "[DEFAULT]\nnumbers = 1, ,٣\nprotos = b:1,a:2\npairs = z:1,a:2\nsizes = b:07\nints = 1_0\nswitches = on,0\n"+
		"word = $pairs\nratio = 1e6\nsite = http://u:secret@h/\n", false)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"numbers": "[1, None, 3]", "protos": "[{'b': '1'}, {'a': '2'}]", "pairs": "{'z': '1', 'a': '2'}", "sizes": "{'b': 7}", "ints": "[10]",
		"switches": "[True, False]", "word": "{'z': '1', 'a': '2'}", "ratio": "1000000.0", "site": "http://u:****@h/",
	} {
		if got := valueOf(t, s, "DEFAULT", key).String(); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	if diff := cmp.Diff([]string{"1", "", "3"}, valueOf(t, s, "DEFAULT", "numbers").Value); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"b": "7"}, valueOf(t, s, "DEFAULT", "sizes").Value); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
}

func TestFloatsAreWrittenAsPythonWritesThem(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -2.5: "-2.5", 1e6: "1000000.0", 1e15: "1000000000000000.0", 1e16: "1e+16", 1.5e22: "1.5e+22", 1e-4: "0.0001",
		1e-5: "1e-05", math.Inf(1): "inf", math.Inf(-1): "-inf", 0.30000000000000004: "0.30000000000000004",
	} {
		if got := pyFloat(f); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := pyFloat(math.NaN()); got != "nan" {
		t.Errorf("got %s, want nan", got)
	}
}

func TestNotANumberIsNoChange(t *testing.T) {
	t.Parallel()
	load := func(text string) *Snapshot {
		s, err := loadOracle(t, "[DEFAULT]\nratio = "+text+"\n", false)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if changes := Diff(load("nan"), load("NaN")); len(changes) != 0 {
		t.Errorf("got %v", changes)
	}
	if changes := Diff(load("nan"), load("1")); len(changes) != 1 {
		t.Errorf("got %v", changes)
	}
}

func TestEveryDirectoryIsReadButTheOptionNamesTheLast(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/c.conf": "", "/d/a.conf": "[DEFAULT]\nbind_port = 1\n", "/e/a.conf": "[DEFAULT]\nbacklog = 2\n"}
	s, err := Load(machine(files, "--config-file", "/c.conf", "--config-dir", "/d", "--config-dir", "/e"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Int(BindPort) != 1 || s.Int(Backlog) != 2 {
		t.Errorf("port %d, backlog %d", s.Int(BindPort), s.Int(Backlog))
	}
	if diff := cmp.Diff([]string{"/e"}, s.List(ConfigDir)); diff != "" {
		t.Errorf("config_dir (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/d", "/e"}, s.ConfigDirs()); diff != "" {
		t.Errorf("directories (-want +got):\n%s", diff)
	}
}

func TestFileInPlaceOfADirectoryIsWarnedOf(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "", "--config-dir", "/c.conf")
	want := []Warning{{File: "/c.conf", Text: "is no directory, and nothing is read from it"}}
	if diff := cmp.Diff(want, s.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestFilesOfTheEnvironmentMustExist(t *testing.T) {
	t.Parallel()
	src := machine(map[string]string{"/x/neutron.conf": ""}).WithEnv(map[string]string{"OS_NEUTRON_CONFIG_DIR": "/x"})
	_, err := Load(src)
	const want = "Failed to find some config files: /x/plugins/ml2/ml2_conf.ini"
	if wrong, ok := errors.AsType[*Error](err); !ok || wrong.Error() != want || wrong.ExitStatus() != 1 {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSnapsAreSearchedLast(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/snap/common/etc/neutron/neutron.conf": "", "/snap/x1/etc/neutron/neutron-server.conf": ""}
	src := machine(files).WithEnv(map[string]string{"SNAP_COMMON": "/snap/common", "SNAP": "/snap/x1"})
	s, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/snap/common/etc/neutron/neutron.conf", "/snap/x1/etc/neutron/neutron-server.conf"}
	if diff := cmp.Diff(want, s.ConfigFiles()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestMistakesOfOptionsWithHyphensNameThemAsOsloDoes(t *testing.T) {
	t.Parallel()
	src := machine(map[string]string{"/c.conf": ""}, "--config-file", "/c.conf").WithEnv(map[string]string{"OS_DEFAULT__FLAT_OUT": "x"})
	_, err := load(src, oracleTable(false))
	want := "Value for option flat-out from environment variable OS_DEFAULT__FLAT_OUT is not valid: Unexpected boolean value 'x'"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
