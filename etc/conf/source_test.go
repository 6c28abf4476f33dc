package conf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		env   map[string]string
		files string
		want  []string
	}{
		{"home first", nil, "/home/neutron/.neutron/neutron.conf /etc/neutron/neutron.conf", []string{"/home/neutron/.neutron/neutron.conf"}},
		{"bare home", nil, "/home/neutron/neutron.conf /etc/neutron.conf", []string{"/home/neutron/neutron.conf"}},
		{"etc last", nil, "/etc/neutron.conf", []string{"/etc/neutron.conf"}},
		{"the program's file wins", nil, "/etc/neutron/neutron.conf /etc/neutron-server.conf",
			[]string{"/etc/neutron/neutron.conf", "/etc/neutron-server.conf"}},
		{"ml2 beside neutron.conf", nil, "/etc/neutron/neutron.conf /etc/neutron/plugins/ml2/ml2_conf.ini",
			[]string{"/etc/neutron/neutron.conf", "/etc/neutron/plugins/ml2/ml2_conf.ini"}},
		{"ml2 alone does not count", nil, "/etc/neutron/plugins/ml2/ml2_conf.ini", nil},
		{"directory from the environment", map[string]string{"OS_NEUTRON_CONFIG_DIR": "/x"}, "",
			[]string{"/x/neutron.conf", "/x/plugins/ml2/ml2_conf.ini"}},
		{"files from the environment", map[string]string{"OS_NEUTRON_CONFIG_FILES": " a.conf; b.conf ;;/c.conf"}, "/etc/neutron/neutron.conf",
			[]string{"/etc/neutron/a.conf", "/etc/neutron/b.conf", "/c.conf"}},
		{"both from the environment", map[string]string{"OS_NEUTRON_CONFIG_FILES": "a", "OS_NEUTRON_CONFIG_DIR": "/x"}, "",
			[]string{"/x/a"}},
		{"empty list in the environment", map[string]string{"OS_NEUTRON_CONFIG_FILES": " "}, "",
			[]string{"/etc/neutron/neutron.conf", "/etc/neutron/plugins/ml2/ml2_conf.ini"}},
	}
	for _, tc := range tests {
		files := map[string]string{}
		for path := range strings.FieldsSeq(tc.files) {
			files[path] = ""
		}
		got := machine(files).WithEnv(tc.env).defaultFiles()
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestNoHomeLeavesHomeOut(t *testing.T) {
	t.Parallel()
	src := machine(nil)
	src.HomeDir = ""
	if diff := cmp.Diff([]string{"/etc/neutron", "/etc"}, src.searchDirs()); diff != "" {
		t.Errorf("search directories (-want +got):\n%s", diff)
	}
	if got := src.abs("~/x"); got != "/~/x" {
		t.Errorf("~/x becomes %s", got)
	}
}

func TestConfigDirs(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/c.conf":                                    "[DEFAULT]\nbind_port = 1\n",
		"/etc/neutron/neutron.conf.d/b.conf":         "[DEFAULT]\nbind_port = 3\n",
		"/etc/neutron/neutron.conf.d/a.conf":         "[DEFAULT]\nbind_port = 2\nbacklog = 7\n",
		"/etc/neutron/neutron.conf.d/.z.conf":        "nonsense",
		"/etc/neutron/neutron.conf.d/z.txt":          "nonsense",
		"/etc/neutron/neutron-server.conf.d/s.conf":  "[DEFAULT]\nbacklog = 8\n",
		"/etc/neutron/neutron.conf":                  "[DEFAULT]\nbind_port = 9\n",
		"/home/neutron/d/x.conf":                     "[DEFAULT]\nbind_port = 5\n",
		"/home/neutron/neutron-server.conf.d/s.conf": "[DEFAULT]\nbacklog = 9\n",
	}
	tests := []struct {
		args          string
		port, backlog int
		dirs          []string
	}{
		{"", 3, 9, []string{"/etc/neutron/neutron.conf.d", "/home/neutron/neutron-server.conf.d"}},
		// Naming a file keeps the default directories, which then weigh less than it.
		{"--config-file /c.conf", 1, 9, []string{"/etc/neutron/neutron.conf.d", "/home/neutron/neutron-server.conf.d"}},
		{"--config-dir ~/d", 5, 4096, []string{"~/d"}},
		{"--config-dir ~/d --config-dir=/etc/neutron/neutron.conf.d", 3, 7, []string{"~/d", "/etc/neutron/neutron.conf.d"}},
		{"--config-fil /c.conf --config-dir ~/d --config-file c.conf", 1, 4096, []string{"~/d"}},
	}
	for _, tc := range tests {
		s, err := Load(machine(files, strings.Fields(tc.args)...))
		if err != nil {
			t.Errorf("%s: %v", tc.args, err)
			continue
		}
		if s.Int(BindPort) != tc.port || s.Int(Backlog) != tc.backlog {
			t.Errorf("%s: port %d, backlog %d, want %d, %d", tc.args, s.Int(BindPort), s.Int(Backlog), tc.port, tc.backlog)
		}
		if diff := cmp.Diff(tc.dirs, s.ConfigDirs()); diff != "" {
			t.Errorf("%s: directories (-want +got):\n%s", tc.args, diff)
		}
	}
}

func TestAbbreviatedConfigFileAddsToTheDefaultFiles(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/etc/neutron/neutron.conf": "[DEFAULT]\nbacklog = 7\nbind_port = 1\n", "/c.conf": "[DEFAULT]\nbind_port = 2\n",
	}
	s, err := Load(machine(files, "--config-fil", "/c.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Int(Backlog) != 7 || s.Int(BindPort) != 2 {
		t.Errorf("backlog %d, port %d, want 7, 2", s.Int(Backlog), s.Int(BindPort))
	}
	if diff := cmp.Diff([]string{"/c.conf"}, s.ConfigFiles()); diff != "" {
		t.Errorf("config files (-want +got):\n%s", diff)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	files := map[string]string{"/c.conf": "", "/d/x.conf": ""}
	tests := []struct{ args, want string }{
		{"", noConfigFile},
		{"--config-dir /d", noConfigFile},
		{"--config-file /nonexistent.conf", "Failed to find some config files: /nonexistent.conf"},
		{"--config-file a --config-file /c.conf --config-file ~/b", "Failed to find some config files: /a,/home/neutron/b"},
		{"--config-file /c.conf --config-file /secret --config-file /secret2", "Failed to open some config files: /secret,/secret2"},
		{"--config-file /dir", "[Errno 21] Is a directory: '/dir'"},
		{"--config-file /broken", "Failed to open some config files: /broken: disk on fire"},
		{"--config-file /c.conf --config-dir /nonexist.d", "Failed to read config file directory: /nonexist.d"},
		{"--config-dir /no --config-file /no.conf", "Failed to read config file directory: /no\nFailed to find some config files: /no.conf"},
	}
	for _, tc := range tests {
		src := machine(files, strings.Fields(tc.args)...)
		read := src.ReadFile
		src.ReadFile = func(path string) ([]byte, error) {
			switch path {
			case "/secret", "/secret2":
				return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.EACCES}
			case "/dir":
				return nil, &fs.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
			case "/broken":
				return nil, errors.New("disk on fire")
			}
			return read(path)
		}
		_, err := Load(src)
		var stdout, stderr strings.Builder
		if status := Finish(err, &stdout, &stderr); status != 1 || stdout.Len() > 0 {
			t.Errorf("%s: status %d, stdout %q", tc.args, status, stdout.String())
		}
		if got := stderr.String(); got != tc.want+"\n" {
			t.Errorf("%s:\ngot  %s\nwant %s", tc.args, got, tc.want)
		}
	}
}

func TestFinishReportsAnyError(t *testing.T) {
	t.Parallel()
	var stdout, stderr strings.Builder
	status := Finish(errors.New("no network"), &stdout, &stderr)
	if status != 1 || stdout.Len() > 0 || stderr.String() != "no network\n" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout.String(), stderr.String())
	}
}

func TestFindFile(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/a/neutron.conf": "", "/b/x.conf": "", "/d/y.conf": "",
		"/d/one": "", "/b/one": "",
		"/b/two": "", "/a/two": "",
		"/a/three": "", "/etc/neutron/three": "",
		"/etc/four": "", "/etc/neutron/four": "", "/home/neutron/.neutron/five": "", "/elsewhere/six": "",
	}
	s, err := Load(machine(files, "--config-file", "/a/neutron.conf", "--config-dir", "/d", "--config-file", "/b/x.conf"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, want string
		found      bool
	}{
		{"one", "/d/one", true}, {"two", "/b/two", true}, {"three", "/a/three", true}, {"four", "/etc/neutron/four", true},
		{"five", "/home/neutron/.neutron/five", true}, {"six", "", false}, {"/elsewhere/six", "/elsewhere/six", true},
		{"/elsewhere/seven", "/elsewhere/seven", false},
	}
	for _, tc := range tests {
		if got, found := s.FindFile(tc.name); got != tc.want || found != tc.found {
			t.Errorf("%s: got %q, %v, want %q, %v", tc.name, got, found, tc.want, tc.found)
		}
	}
	want := []string{"/d", "/b", "/a", "/home/neutron/.neutron", "/home/neutron", "/etc/neutron", "/etc"}
	if diff := cmp.Diff(want, s.FindDirs()); diff != "" {
		t.Errorf("directories (-want +got):\n%s", diff)
	}
}

func TestSystemReadsTheRealMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "neutron.conf")
	if err := os.WriteFile(path, []byte("[DEFAULT]\nbind_port = 1234\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := System("neutron-server", "1", []string{"--config-file", path, "--config-dir", dir})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%s:2", path)
	if s.Int(BindPort) != 1234 || s.Origin(BindPort).String() != want || s.Text(Host) == "" {
		t.Errorf("port %d from %s, host %q", s.Int(BindPort), s.Origin(BindPort), s.Text(Host))
	}
	if found, ok := s.FindFile("neutron.conf"); !ok || found != path {
		t.Errorf("FindFile: %q, %v", found, ok)
	}
	src.Args = []string{"--config-file", dir}
	if _, err := Load(src); err == nil || err.Error() != "[Errno 21] Is a directory: '"+dir+"'" {
		t.Errorf("a directory as file: %v", err)
	}
}
