package conf

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func loadText(t *testing.T, text string, args ...string) *Snapshot {
	t.Helper()
	fsys := fstest.MapFS{"a.conf": {Data: []byte(text)}, "d/paste.ini": {}, "paste.ini": {}}
	s, err := Load(FileSystem(fsys, append([]string{"--config-file", "/a.conf"}, args...)...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is shown is oslo's none; what works with the number gets the default.
func TestEmptyNumberIsNoneAndItsDefaultApplies(t *testing.T) {
	t.Parallel()
	s := loadText(t, "[DEFAULT]\nbind_port =\n")
	if got := s.Int(BindPort); got != 9696 {
		t.Errorf("got port %d, want 9696", got)
	}
	if v, _ := s.Lookup("DEFAULT", "bind_port"); v.String() != "None" {
		t.Errorf("got %s shown, want None", v)
	}
	if !slices.ContainsFunc(s.Warnings(), func(w Warning) bool { return w.Line == 2 && strings.Contains(w.Text, "default 9696") }) {
		t.Errorf("no warning names the default: %v", s.Warnings())
	}
}

func TestNumberBeyond64BitsIsKeptAndTheNearestApplies(t *testing.T) {
	t.Parallel()
	s := loadText(t, "[DEFAULT]\nclient_socket_timeout = 99999999999999999999\n")
	if got := s.Int(ClientSocketTimeout); got != math.MaxInt {
		t.Errorf("got %d, want %d", got, math.MaxInt)
	}
	if got := s.Seconds(ClientSocketTimeout); got < 290*365*24*time.Hour {
		t.Errorf("got %v, want some centuries", got)
	}
	if v, _ := s.Lookup("DEFAULT", "client_socket_timeout"); v.String() != "99999999999999999999" {
		t.Errorf("got %s shown", v)
	}
}

func TestPasswordOfAURIThatIsWrongIsMasked(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"http://user:secret@host/[x]", "//user:secret@host/", "ftp://user:sec@ret@host"} {
		_, err := URI{Schemes: []string{"http"}}.Parse(text)
		if err == nil || strings.Contains(MaskURLs(err.Error()), "ret@") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestShellCompletionIsAScript(t *testing.T) {
	t.Parallel()
	for _, shell := range completionShells {
		_, err := Load(FileSystem(fstest.MapFS{}, "--shell_completion", shell))
		answer, ok := err.(*Answer)
		if !ok || !strings.Contains(answer.Text, "--config-file") || !strings.Contains(answer.Text, "complete -F _neutron_server neutron-server") {
			t.Errorf("%s: got %v", shell, err)
		}
	}
}
