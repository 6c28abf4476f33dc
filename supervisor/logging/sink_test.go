package logging

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inFile is a configuration that writes bare messages to a file, with a clock to turn.
func inFile(t *testing.T) (cfg Config, path string, now *time.Time) {
	t.Helper()
	cfg, _ = fixture()
	start := cfg.Clock()
	now = &start
	cfg.Clock = func() time.Time { return *now }
	cfg.Output, cfg.LogDir, cfg.DefaultFormat = nil, t.TempDir(), "%(message)s"
	return cfg, filepath.Join(cfg.LogDir, "neutron-server.log"), now
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dir, file, want string }{
		{"", "", ""},
		{"/var/log/neutron", "", "/var/log/neutron/prog.log"},
		{"/var/log/neutron", "a.log", "/var/log/neutron/a.log"},
		{"/var/log/neutron", "/tmp/a.log", "/tmp/a.log"},
		{"", "a.log", "a.log"},
		{"logs", "a.log", "logs/a.log"},
	} {
		if got := (Config{LogDir: c.dir, LogFile: c.file, ProgramName: "prog"}).path(); got != c.want {
			t.Errorf("dir %q file %q: got %q, want %q", c.dir, c.file, got, c.want)
		}
	}
}

func TestWhereRecordsGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"nothing set", Config{}, "stdout"},
		{"stderr", Config{UseStderr: true}, "stderr"},
		{"file", Config{LogDir: dir, LogFile: "a"}, "a"},
		{"file and stderr", Config{LogDir: dir, LogFile: "b", UseStderr: true}, "b stderr"},
		{"syslog takes nothing's place", Config{UseSyslog: true, SyslogSocket: "/nowhere"}, "stdout syslog"},
		{"the journal takes that of stdout", Config{UseJournal: true, JournalSocket: "/nowhere"}, "journal"},
		{"everything", Config{LogDir: dir, LogFile: "d", UseStderr: true, UseJournal: true, UseSyslog: true}, "d stderr journal syslog"},
		{"output", Config{LogDir: dir, LogFile: "c", UseStderr: true, Output: &strings.Builder{}}, "output"},
	} {
		p, err := compilePlan(c.cfg.filled())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.open(&plan{}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range p.handlers {
			got = append(got, sinkName(h.sink))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if err := eachSink(p.sinks(), sink.close); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "c")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("output opened the file too: %v", err)
	}
}

func sinkName(s sink) string {
	switch s := s.(type) {
	case *file:
		return filepath.Base(s.path)
	case *syslog:
		return "syslog"
	case *journal:
		return "journal"
	case *stream:
		switch s.w {
		case os.Stdout:
			return "stdout"
		case os.Stderr:
			return "stderr"
		}
	}
	return "output"
}

func TestFileIsCreatedAndAppendedTo(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	for _, m := range []string{"one", "two"} {
		l, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		zl := l.Logger("n")
		zl.Info().Msg(m)
		for range 2 {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		zl.Info().Msg("after close")
	}
	check(t, content(t, path), "one\ntwo\n")
}

func TestMovedFileIsNoticedWithinASecond(t *testing.T) {
	t.Parallel()
	cfg, path, now := inFile(t)
	zl := open(t, cfg).Logger("n")
	zl.Info().Msg("one")
	rename(t, path, path+".1")
	zl.Info().Msg("two")
	*now = now.Add(time.Second)
	zl.Info().Msg("three")
	check(t, content(t, path+".1"), "one\ntwo\n")
	check(t, content(t, path), "three\n")

	rename(t, path, path+".2")
	if err := os.WriteFile(path, []byte("logrotate created me\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(time.Second)
	zl.Info().Msg("four")
	check(t, content(t, path+".2"), "three\n")
	check(t, content(t, path), "logrotate created me\nfour\n")
}

func TestReopen(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	l := open(t, cfg)
	zl := l.Logger("n")
	zl.Info().Msg("one")
	rename(t, path, path+".1")
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	zl.Info().Msg("two")
	check(t, content(t, path+".1"), "one\n")
	check(t, content(t, path), "two\n")
}

func TestLostDirectoryKeepsTheOpenFile(t *testing.T) {
	t.Parallel()
	cfg, path, now := inFile(t)
	l := open(t, cfg)
	moved := cfg.LogDir + ".moved"
	rename(t, cfg.LogDir, moved)
	if err := l.Reopen(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("reopen: got error %v, want one naming %s", err, path)
	}
	event := []byte(`{"message":"m"}`)
	for range 2 {
		*now = now.Add(time.Second)
		if _, err := l.source("n").Write(event); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("write: got error %v, want does not exist", err)
		}
		if _, err := l.source("n").Write(event); err != nil {
			t.Errorf("second write in a second: %v", err)
		}
	}
	check(t, content(t, filepath.Join(moved, "neutron-server.log")), "m\nm\nm\nm\n")
}

func TestUnwritablePath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Open(Config{LogFile: dir})
	if want := "open log file: open " + dir + ": is a directory"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestClosedLogCannotBeRevived(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	l := open(t, cfg)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); !errors.Is(err, errClosed) {
		t.Errorf("reopen: got error %v", err)
	}
	if err := l.Reconfigure(cfg); !errors.Is(err, errClosed) {
		t.Errorf("reconfigure: got error %v", err)
	}
	check(t, content(t, path), "")
}

func TestReconfigureMovesToAnotherFile(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	l := open(t, cfg)
	zl := l.Logger("n")
	zl.Info().Msg("one")
	cfg.LogFile = "other.log"
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	zl.Info().Msg("two")
	check(t, content(t, path), "one\n")
	check(t, content(t, filepath.Join(cfg.LogDir, "other.log")), "two\n")
}
