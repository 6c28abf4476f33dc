package conf

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// machine is a Source whose files are the given texts.
func machine(files map[string]string, args ...string) Source {
	fsys := fstest.MapFS{}
	for path, text := range files {
		fsys[strings.TrimPrefix(path, "/")] = &fstest.MapFile{Data: []byte(text)}
	}
	return FileSystem(fsys, args...)
}

// mustLoad loads one neutron.conf with this text, and these arguments behind it.
func mustLoad(t *testing.T, text string, args ...string) *Snapshot {
	t.Helper()
	s, err := Load(machine(map[string]string{"/c.conf": text}, append([]string{"--config-file", "/c.conf"}, args...)...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCommandLineSpellings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		read func(*Snapshot) any
		want any
	}{
		{[]string{"--debug"}, debug, true},
		{[]string{"-d"}, debug, true},
		{[]string{"--deb"}, debug, true},
		{[]string{"--debug", "--nodebug"}, debug, false},
		{[]string{"-dv"}, debug, true},
		{[]string{"--noverbose"}, func(s *Snapshot) any { return s.Bool(Verbose) }, false},
		{[]string{"--use-json"}, func(s *Snapshot) any { return s.Bool(UseJSON) }, true},
		{[]string{"--upgrade"}, func(s *Snapshot) any { return s.Bool(UpgradeOnly) }, true},
		{nil, func(s *Snapshot) any { return s.Bool(UpgradeOnly) }, false},
		{[]string{"--log-file", "x"}, logFile, "x"},
		{[]string{"--log-file=x=y"}, logFile, "x=y"},
		{[]string{"--logfile", "x"}, logFile, "x"},
		{[]string{"--log-fi", "x"}, logFile, "x"},
		{[]string{"--log-file="}, logFile, ""},
		{[]string{"--log-file", "-5"}, logFile, "-5"},
		{[]string{"--log-file", "-"}, logFile, "-"},
		{[]string{"--log-file", "-a b"}, logFile, "-a b"},
		{[]string{"--log-config-a", "x"}, func(s *Snapshot) any { return s.Text(LogConfigAppend) }, "x"},
		{[]string{"--state_path", "/x"}, statePath, "/x"},
		{[]string{"--state-path=/x"}, statePath, "/x"},
		{[]string{"--state", "/x"}, statePath, "/x"},
		{[]string{"--state_path", "$bind_host"}, statePath, "0.0.0.0"},
	}
	for _, tc := range tests {
		if got := tc.read(mustLoad(t, "", tc.args...)); got != tc.want {
			t.Errorf("%q: got %v, want %v", tc.args, got, tc.want)
		}
	}
}

func debug(s *Snapshot) any     { return s.Bool(Debug) }
func logFile(s *Snapshot) any   { return s.Text(LogFile) }
func statePath(s *Snapshot) any { return s.Text(StatePath) }

func TestCommandLineMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"--nosuch"}, "unrecognized arguments: --nosuch"},
		{[]string{"--nosuch", "v", "-z"}, "unrecognized arguments: --nosuch v -z"},
		{[]string{"word"}, "unrecognized arguments: word"},
		{[]string{"--", "--debug"}, "unrecognized arguments: -- --debug"},
		{[]string{"--config-file"}, "argument --config-file: expected one argument"},
		{[]string{"--config-file", "--debug"}, "argument --config-file: expected one argument"},
		{[]string{"--config-file", "-x"}, "argument --config-file: expected one argument"},
		{[]string{"--config-file", "--", "x"}, "argument --config-file: expected one argument"},
		{[]string{"--log-f"}, "argument --log-file/--logfile: expected one argument"},
		{[]string{"--debug=1"}, "argument --debug/-d: ignored explicit argument '1'"},
		{[]string{"-dx"}, "unrecognized arguments: -x"},
		{[]string{"-d=x"}, "argument --debug/-d: ignored explicit argument 'x'"},
		{[]string{"--log-co", "x"}, "ambiguous option: --log-co could match --log-config-append, --log-config"},
		{[]string{"-d=5"}, "argument --debug/-d: ignored explicit argument '5'"},
		{[]string{"--log-d", "x"}, "ambiguous option: --log-d could match --log-date-format, --log-dir"},
		{[]string{"--log_file", "x"}, "unrecognized arguments: --log_file x"},
	}
	for _, tc := range tests {
		_, err := Load(machine(nil, tc.args...))
		var stdout, stderr strings.Builder
		status := Finish(err, &stdout, &stderr)
		if status != 2 || stdout.Len() > 0 {
			t.Errorf("%q: status %d, stdout %q", tc.args, status, stdout.String())
		}
		if !strings.HasPrefix(stderr.String(), "usage: neutron-server [-h] [--version] [--check] [--config-dir DIR]") ||
			!strings.HasSuffix(stderr.String(), "\nneutron-server: error: "+tc.want+"\n") {
			t.Errorf("%q: stderr is\n%s\nwant the usage and %q", tc.args, stderr.String(), tc.want)
		}
	}
}

func TestCommandLineQuestions(t *testing.T) {
	t.Parallel()
	src := machine(nil, "--version", "--nosuch")
	src.Version = "28.0.1"
	_, err := Load(src)
	if answer, ok := errors.AsType[*Answer](err); !ok || answer.Text != "neutron-server 28.0.1\n" {
		t.Errorf("--version: %v", err)
	}
	for _, flag := range []string{"-h", "--help", "-dh"} {
		var stdout, stderr strings.Builder
		_, err := Load(machine(nil, flag))
		if status := Finish(err, &stdout, &stderr); status != 0 || stderr.Len() > 0 {
			t.Errorf("%s: status %d, stderr %q", flag, status, stderr.String())
		}
		for _, want := range []string{"usage: neutron-server", "  --config-file PATH    Conf", "  --debug, -d  ", "The inverse of --debug", "  --upgrade  "} {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s lacks %q:\n%s", flag, want, stdout.String())
			}
		}
		for line := range strings.Lines(stdout.String()) {
			if len(strings.TrimSpace(line)) > 80 {
				t.Errorf("line too long: %s", line)
			}
		}
	}
}

func TestSwitchesAndFilesApplyFromLeftToRight(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/on.conf": "[DEFAULT]\ndebug = true\n", "/off.conf": "[DEFAULT]\ndebug = false\n",
		"/d/a.conf": "[DEFAULT]\ndebug = true\n", "/d/b.conf": "[DEFAULT]\ndebug = false\n",
		"/etc/neutron/neutron.conf": "[DEFAULT]\ndebug = true\n",
	}
	tests := []struct {
		args string
		want bool
	}{
		{"--debug --config-file /off.conf", false},
		{"--config-file /off.conf --debug", true},
		{"--config-file /on.conf --config-file /off.conf", false},
		{"--config-file /off.conf --config-file /on.conf", true},
		{"--config-file /on.conf --config-dir /d", false},
		{"--config-dir /d --config-file /on.conf", true},
		{"--nodebug", false}, // the default file counts as before every switch
		{"--config-dir /d", false},
		{"", true},
	}
	for _, tc := range tests {
		s, err := Load(machine(files, strings.Fields(tc.args)...))
		if err != nil {
			t.Errorf("%s: %v", tc.args, err)
		} else if got := s.Bool(Debug); got != tc.want {
			t.Errorf("%s: got debug %v, want %v", tc.args, got, tc.want)
		}
	}
}

func TestWrapFillsLines(t *testing.T) {
	t.Parallel()
	got := wrap([]string{"aa", "bb", "cc", "dddddddd", "e"}, 5)
	if diff := cmp.Diff([]string{"aa bb", "cc", "dddddddd", "e"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
