package logging

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// socketPath is short enough for a Unix socket, which the folder of a test with a long name is not.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "s")
}

// logDaemon is a daemon that takes datagrams.
type logDaemon struct {
	t    *testing.T
	conn *net.UnixConn
}

func listenOn(t *testing.T, path string) *logDaemon {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &logDaemon{t: t, conn: conn}
}

// next is the next datagram.
func (d *logDaemon) next() string {
	d.t.Helper()
	if err := d.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		d.t.Fatal(err)
	}
	b := make([]byte, 1<<20)
	n, err := d.conn.Read(b)
	if err != nil {
		d.t.Fatalf("waiting for a record: %v", err)
	}
	return string(b[:n])
}

func withSyslog(t *testing.T) (Config, string) {
	t.Helper()
	cfg, _ := fixture()
	cfg.Output, cfg.LogFile = nil, filepath.Join(t.TempDir(), "log")
	cfg.UseSyslog, cfg.SyslogSocket, cfg.SyslogFacility = true, socketPath(t), "local3"
	cfg.DefaultFormat = "%(levelname)s %(message)s"
	return cfg, cfg.SyslogSocket
}

func TestSyslogGetsWhatTheLibraryFunctionSends(t *testing.T) {
	t.Parallel()
	cfg, path := withSyslog(t)
	cfg.Debug, cfg.DebugSuffix = true, ""
	d := listenOn(t, path)
	l := open(t, cfg).Logger("n")
	l.Debug().Msg("a")
	l.Info().Msg("b")
	l.Warn().Msg("c\nd")
	l.Error().Msg("e")
	l.WithLevel(6).Msg("trace")
	for _, want := range []string{
		"<159>Mar  4 05:06:07 neutron-server: DEBUG a", "<158>Mar  4 05:06:07 neutron-server: INFO b",
		"<156>Mar  4 05:06:07 neutron-server: WARNING c\nd", "<155>Mar  4 05:06:07 neutron-server: ERROR e",
	} {
		check(t, d.next(), want)
	}
}

func TestSyslogFacilities(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"LOG_USER": 1, "user": 1, "Local7": 23, "log_authpriv": 10, "KERN": 0} {
		if got, err := facilityNamed(name); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, want)
		}
	}
	_, err := facilityNamed("pigeon")
	want := "syslog facility must be one of: 'LOG_KERN', 'LOG_USER', 'LOG_MAIL', 'LOG_DAEMON', 'LOG_AUTH', 'LOG_SYSLOG', 'LOG_LPR', " +
		"'LOG_NEWS', 'LOG_UUCP', 'LOG_CRON', 'LOG_AUTHPRIV', 'LOG_FTP', 'LOG_LOCAL0', 'LOG_LOCAL1', 'LOG_LOCAL2', 'LOG_LOCAL3', " +
		"'LOG_LOCAL4', 'LOG_LOCAL5', 'LOG_LOCAL6', 'LOG_LOCAL7'"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSyslogMayBeAwayAndComeBack(t *testing.T) {
	t.Parallel()
	cfg, path := withSyslog(t)
	log := open(t, cfg)
	l := log.Logger("n")
	l.Info().Msg("lost before the daemon was there")
	first := listenOn(t, path)
	l.Info().Msg("one")
	check(t, first.next(), "<156>Mar  4 05:06:07 neutron-server: 1 records could not be sent to syslog and are lost")
	check(t, first.next(), "<158>Mar  4 05:06:07 neutron-server: INFO one")
	if err := first.conn.Close(); err != nil {
		t.Fatal(err)
	}
	l.Info().Msg("lost")
	l.Info().Msg("lost too")
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	second := listenOn(t, path)
	l.Info().Msg("two")
	check(t, second.next(), "<156>Mar  4 05:06:07 neutron-server: 2 records could not be sent to syslog and are lost")
	check(t, second.next(), "<158>Mar  4 05:06:07 neutron-server: INFO two")
	if got := log.Lost(); got != 3 {
		t.Errorf("got %d lost records, want 3", got)
	}
	check(t, content(t, cfg.LogFile), "INFO lost before the daemon was there\nINFO one\nINFO lost\nINFO lost too\nINFO two\n")
}

// TestSyslogRestartLosesNothing has the daemon replaced while nobody logs, as it is by an upgrade of its package.
func TestSyslogRestartLosesNothing(t *testing.T) {
	t.Parallel()
	cfg, path := withSyslog(t)
	log := open(t, cfg)
	l := log.Logger("n")
	first := listenOn(t, path)
	l.Info().Msg("one")
	first.next()
	if err := first.conn.Close(); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(path) // net may have done it
	second := listenOn(t, path)
	l.Info().Msg("two")
	check(t, second.next(), "<158>Mar  4 05:06:07 neutron-server: INFO two")
	if log.Lost() != 0 {
		t.Errorf("%d records are lost", log.Lost())
	}
}

// TestSyslogThatReadsNothingHoldsNobodyUp fills the daemon's queue: one record waits a moment, those behind it do not.
func TestSyslogThatReadsNothingHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	cfg, path := withSyslog(t)
	d := listenOn(t, path)
	log := open(t, cfg)
	l := log.Logger("n")
	const records = 20_000
	begun := time.Now()
	for range records {
		l.Info().Msg("m")
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("%d records took %s", records, took)
	}
	lost := log.Lost()
	if lost == 0 || lost >= records {
		t.Fatalf("got %d lost records, want some", lost)
	}
	for range records - lost {
		check(t, d.next(), "<158>Mar  4 05:06:07 neutron-server: INFO m")
	}
	l.Info().Msg("again")
	if got := d.next(); !strings.Contains(got, "records could not be sent to syslog and are lost") {
		t.Errorf("got %q, want how many were lost", got)
	}
	check(t, d.next(), "<158>Mar  4 05:06:07 neutron-server: INFO again")
}

func TestSyslogCutsWhatIsTooLong(t *testing.T) {
	t.Parallel()
	cfg, path := withSyslog(t)
	d := listenOn(t, path)
	l := open(t, cfg).Logger("n")
	l.Info().Msg(strings.Repeat("x", 60_000))
	if got := d.next(); len(got) < 60_000 {
		t.Errorf("a record of 60000 bytes came as %d", len(got))
	}
	l.Info().Msg(strings.Repeat("y", 2<<20))
	if got := d.next(); !strings.HasSuffix(got, "yyy... (cut from 2097194 bytes)") || len(got) < 60_000 {
		t.Errorf("got %d bytes, ending in %q", len(got), got[len(got)-40:])
	}
}

// TestSyslogOverAStream is for daemons whose socket is one.
func TestSyslogOverAStream(t *testing.T) {
	t.Parallel()
	cfg, path := withSyslog(t)
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	l := open(t, cfg).Logger("n")
	l.Info().Msg("a")
	l.Info().Msg("b")
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	want := "<158>Mar  4 05:06:07 neutron-server: INFO a\x00<158>Mar  4 05:06:07 neutron-server: INFO b\x00"
	b := make([]byte, len(want))
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(b); {
		m, err := conn.Read(b[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	check(t, string(b), want)
}

func TestWrongFacilityIsRefused(t *testing.T) {
	t.Parallel()
	cfg, _ := withSyslog(t)
	cfg.SyslogFacility = "pigeon"
	for name, f := range map[string]func() error{
		"check": func() error { return Check(cfg) },
		"open":  func() error { _, err := Open(cfg); return err },
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), "syslog facility must be one of: 'LOG_KERN', ") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if _, err := os.Stat(cfg.LogFile); !os.IsNotExist(err) {
		t.Errorf("the log file was opened: %v", err)
	}
}

// rightsOf are the descriptors that came with a datagram.
func rightsOf(t *testing.T, oob []byte) []int {
	t.Helper()
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fds...)
	}
	return all
}
