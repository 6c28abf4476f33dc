package logging

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSizeRotatesBeforeARecordThatReachesIt(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	cfg.RotationType, cfg.MaxFileSize, cfg.MaxFiles = "size", 9, 2
	l := open(t, cfg).Logger("n")
	for i := range 10 {
		l.Info().Msgf("m%d", i) // 3 bytes a line: two fit below 9
	}
	check(t, content(t, path), "m8\nm9\n")
	check(t, content(t, path+".1"), "m6\nm7\n")
	check(t, content(t, path+".2"), "m4\nm5\n")
	if _, err := os.Stat(path + ".3"); err == nil {
		t.Error("more files are kept than wanted")
	}
	l.Info().Msg("longer than the limit")
	l.Info().Msg("x")
	check(t, content(t, path+".1"), "longer than the limit\n")
}

func TestSizeWithNothingToKeepRotatesNothing(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	cfg.RotationType, cfg.MaxFileSize, cfg.MaxFiles = "size", 4, 0
	l := open(t, cfg).Logger("n")
	for range 3 {
		l.Info().Msg("abc")
	}
	check(t, content(t, path), "abc\nabc\nabc\n")
}

func TestANameThatIsTakenIsNotOverwritten(t *testing.T) {
	t.Parallel()
	cfg, path, now := inFile(t)
	cfg.RotationType, cfg.RotateInterval, cfg.RotateIntervalType, cfg.MaxFiles = "interval", 1, "Midnight", 2
	if err := os.WriteFile(path+".2026-03-04", []byte("there before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, *now, *now); err != nil {
		t.Fatal(err)
	}
	l := open(t, cfg).Logger("n")
	l.Info().Msg("one")
	*now = now.Add(24 * time.Hour)
	l.Info().Msg("two")
	check(t, content(t, path+".2026-03-04"), "there before\n")
	check(t, content(t, path+".2026-03-04.1"), "one\n")
	*now = now.Add(24 * time.Hour)
	l.Info().Msg("three")
	if _, err := os.Stat(path + ".2026-03-04"); err == nil {
		t.Error("the oldest of three files is still there, and two are to be kept")
	}
	check(t, content(t, path+".2026-03-05"), "two\n")
}

// TestANegativeCountKeepsAllFiles is what Python makes of it.
func TestANegativeCountKeepsAllFiles(t *testing.T) {
	t.Parallel()
	cfg, path, now := inFile(t)
	cfg.RotationType, cfg.RotateIntervalType, cfg.MaxFiles = "interval", "seconds", -1
	l := open(t, cfg).Logger("n")
	for range 4 {
		l.Info().Msg("m")
		*now = now.Add(2 * time.Second)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 4 {
		t.Errorf("got %v, %v, want 4 files", files, err)
	}
}

func TestRotationOfWhatIsNoFile(t *testing.T) {
	t.Parallel()
	cfg, _, _ := inFile(t)
	cfg.LogFile, cfg.RotationType, cfg.MaxFileSize, cfg.MaxFiles = "/dev/null", "size", 1, 3
	l := open(t, cfg).Logger("n")
	for range 3 {
		l.Info().Msg("abc")
	}
	if id, err := os.Stat("/dev/null"); err != nil || id.Mode().IsRegular() {
		t.Errorf("/dev/null is %v, %v", id, err)
	}
}

// TestAFailedRotationLosesNothing takes away the right to rename, by a folder that stands where the file is to go.
func TestAFailedRotationLosesNothing(t *testing.T) {
	t.Parallel()
	cfg, path, now := inFile(t)
	cfg.RotationType, cfg.MaxFileSize, cfg.MaxFiles = "size", 5, 1
	if err := os.MkdirAll(filepath.Join(path+".1", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	log := open(t, cfg)
	event := func(i int) error {
		_, err := log.source("n").Write(fmt.Appendf(nil, `{"message":"m%d"}`, i))
		return err
	}
	if err := event(0); err != nil {
		t.Fatal(err)
	}
	if err := event(1); err == nil || !strings.HasPrefix(err.Error(), "rotate log file: ") {
		t.Errorf("got error %v, want one of the rotation", err)
	}
	if err := event(2); err != nil {
		t.Errorf("a second error within a second: %v", err)
	}
	if err := os.RemoveAll(path + ".1"); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(time.Second)
	if err := event(3); err != nil {
		t.Errorf("when nothing is in the way any more: %v", err)
	}
	check(t, content(t, path+".1"), "m0\nm1\nm2\n")
	check(t, content(t, path), "m3\n")
}

func TestWrongRotationIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Config)
		option string
		want   string
	}{
		{"type", func(c *Config) { c.RotationType = "weekly" }, "log_rotation_type", `log_rotation_type: "weekly" is none of none, size and interval`},
		{"unit", func(c *Config) { c.RotateIntervalType = "years" }, "log_rotate_interval_type", `log_rotate_interval_type: "years" is no unit of time`},
		{"no interval", func(c *Config) { c.RotateInterval = 0 }, "log_rotate_interval", "log_rotate_interval: 0 is no interval"},
		{"weekday", func(c *Config) { c.RotateIntervalType, c.RotateInterval = "Weekday", 7 }, "log_rotate_interval",
			"log_rotate_interval: 7 is no day of the week: Monday is 0 and Sunday 6"},
		{"for ever", func(c *Config) { c.RotateInterval = 1 << 40 }, "log_rotate_interval", "log_rotate_interval: 1099511627776 is beyond 18250"},
	} {
		cfg, path, _ := inFile(t)
		cfg.RotationType = "interval"
		c.change(&cfg)
		for _, err := range []error{Check(cfg), errorOf(Open(cfg))} {
			problems, _ := err.(Problems)
			if len(problems) != 1 || problems[0].Option != c.option || problems[0].Err.Error() != c.want {
				t.Errorf("%s: got %#v, want %s: %s", c.name, problems, c.option, c.want)
			}
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: the file was made", c.name)
		}
	}
}

func errorOf(_ *Log, err error) error { return err }

// writers is how many logs write to one file at the same time, and lines how many each.
const (
	writers = 4
	lines   = 1500
)

// countLines reads the file and all that it was rotated to, and finds lines that are torn, twice there, or lost.
func countLines(t *testing.T, path string, limit int64) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	whole := regexp.MustCompile(`^w(\d+) i(\d+) x*$`)
	seen := map[string]bool{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if limit > 0 && int64(len(b)) >= limit {
			t.Errorf("%s has %d bytes, and the limit is %d", name, len(b), limit)
		}
		for line := range bytes.Lines(b) {
			m := whole.FindSubmatch(bytes.TrimSuffix(line, []byte("\n")))
			if m == nil {
				t.Fatalf("a torn line in %s: %q", name, line)
			}
			key := string(m[1]) + "/" + string(m[2])
			if seen[key] {
				t.Errorf("line %s is there twice", key)
			}
			seen[key] = true
		}
	}
	if len(files) < 10 {
		t.Errorf("only %d files: nothing was rotated to speak of", len(files))
	}
	if len(seen) != writers*lines {
		t.Errorf("got %d lines, want %d", len(seen), writers*lines)
	}
}

// writeLines is what each of the writers does.
func writeLines(l *Log, writer int) {
	zl := l.Logger("n")
	for i := range lines {
		zl.Info().Msgf("w%d i%d %s", writer, i, strings.Repeat("x", i%50))
	}
}

func rotating(path string) Config {
	cfg := Defaults()
	cfg.LogFile, cfg.DefaultFormat = path, "%(message)s"
	cfg.RotationType, cfg.MaxFileSize, cfg.MaxFiles = "size", 8<<10, 10_000
	return cfg
}

// TestRotationUnderManyWritersLosesNoLine has logs that know nothing of each other rotate one file, while it is reopened, too.
func TestRotationUnderManyWritersLosesNoLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	var wg sync.WaitGroup
	for w := range writers {
		l := open(t, rotating(path))
		wg.Go(func() { writeLines(l, w) })
		wg.Go(func() {
			for range 20 {
				if err := l.Reopen(); err != nil {
					t.Error(err)
				}
				if err := l.Reconfigure(rotating(path)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	countLines(t, path, 8<<10)
}

const writerEnv = "HADRON_TEST_LOG_WRITER"

// playWriter is the life of a process that TestRotationUnderManyProcessesLosesNoLine has started.
func playWriter(task string) int {
	number, path, _ := strings.Cut(task, ":")
	writer, err := strconv.Atoi(number)
	if err != nil {
		return 2
	}
	l, err := Open(rotating(path))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	writeLines(l, writer)
	return 0
}

// TestRotationUnderManyProcessesLosesNoLine is the case of worker_isolation = process.
func TestRotationUnderManyProcessesLosesNoLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), fmt.Sprintf("%s=%d:%s", writerEnv, w, path))
			if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("writer %d: %v: %s", w, err, out)
			}
		})
	}
	wg.Wait()
	countLines(t, path, 8<<10)
}

// TestOneOfTwoProcessesRotatesByTime turns the clock for both: the second to write finds the file rotated.
func TestOneOfTwoProcessesRotatesByTime(t *testing.T) {
	t.Parallel()
	cfg, path, now := inFile(t)
	cfg.RotationType, cfg.RotateInterval, cfg.RotateIntervalType = "interval", 1, "midnight"
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, *now, *now); err != nil {
		t.Fatal(err)
	}
	a, b := open(t, cfg).Logger("n"), open(t, cfg).Logger("n")
	a.Info().Msg("a1")
	b.Info().Msg("b1")
	*now = now.Add(24 * time.Hour)
	a.Info().Msg("a2")
	b.Info().Msg("b2")
	*now = now.Add(24 * time.Hour)
	b.Info().Msg("b3")
	a.Info().Msg("a3")
	check(t, content(t, path+".2026-03-04"), "a1\nb1\n")
	check(t, content(t, path+".2026-03-05"), "a2\nb2\n")
	check(t, content(t, path), "b3\na3\n")
}
