package logging

import (
	"encoding/binary"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// field is one field of a journal entry.
type journalField struct{ Name, Value string }

// parseEntry reads an entry of the journal's protocol.
func parseEntry(t *testing.T, b string) []journalField {
	t.Helper()
	var fields []journalField
	for b != "" {
		line, rest, ok := strings.Cut(b, "\n")
		if !ok {
			t.Fatalf("an entry ends in %q", b)
		}
		name, value, plain := strings.Cut(line, "=")
		if !plain {
			n := binary.LittleEndian.Uint64([]byte(rest))
			value, rest = rest[8:8+n], strings.TrimPrefix(rest[8+n:], "\n")
		}
		fields = append(fields, journalField{name, value})
		b = rest
	}
	return fields
}

func withJournal(t *testing.T) (Config, *logDaemon) {
	t.Helper()
	cfg, _ := fixture()
	cfg.Output = nil
	cfg.UseJournal, cfg.JournalSocket, cfg.SyslogFacility = true, socketPath(t), "LOG_DAEMON"
	return cfg, listenOn(t, cfg.JournalSocket)
}

// withoutCaller drops the fields that say where a record was logged, of which the line changes with this file.
func withoutCaller(t *testing.T, fields []journalField) []journalField {
	t.Helper()
	var rest []journalField
	at := map[string]string{}
	for _, f := range fields {
		if strings.HasPrefix(f.Name, "CODE_") {
			at[f.Name] = f.Value
		} else {
			rest = append(rest, f)
		}
	}
	if !strings.HasSuffix(at["CODE_FILE"], "journal_test.go") || at["CODE_LINE"] == "" || !strings.HasPrefix(at["CODE_FUNC"], "TestJournal") {
		t.Errorf("the entry names %v as its place", at)
	}
	return rest
}

func TestJournalGetsTheFieldsOfOSJournalHandler(t *testing.T) {
	t.Parallel()
	cfg, d := withJournal(t)
	l := WithContext(open(t, cfg).Logger("neutron.wsgi"), fullRequest())
	l.Error().Str("stack", "one\n\ttwo").Msg("boom")
	got := withoutCaller(t, parseEntry(t, d.next()))
	want := []journalField{
		{"MESSAGE", stamp + "ERROR neutron.wsgi [req-0 req-1 u p d all ud pd] boom\n" +
			stamp + "ERROR neutron.wsgi one\n" + stamp + "ERROR neutron.wsgi \ttwo"},
		{"PROCESS_NAME", "neutron-server"}, {"LOGGER_NAME", "neutron.wsgi"}, {"LOGGER_LEVEL", "ERROR"},
		{"SYSLOG_IDENTIFIER", "neutron-server"}, {"PRIORITY", "3"}, {"SYSLOG_FACILITY", "3"},
		{"EXCEPTION_INFO", "one\n\ttwo"}, {"EXCEPTION_TEXT", "one\n\ttwo"},
		{"PROJECT_NAME", "pn"}, {"PROJECT_ID", "p"}, {"USER_NAME", "un"}, {"USER_ID", "u"}, {"REQUEST_ID", "req-1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entry differs (-want +got):\n%s", diff)
	}
}

func TestJournalFieldsOutsideOfARequest(t *testing.T) {
	t.Parallel()
	cfg, d := withJournal(t)
	cfg.DefaultFormat = "%(message)s"
	l := open(t, cfg).Logger("n")
	l.Info().Str("logger", "other").Msg("m\nREQUEST_ID=forged")
	want := []journalField{{"MESSAGE", "m\nREQUEST_ID=forged"}, {"PROCESS_NAME", "neutron-server"}, {"LOGGER_NAME", "other"}, {"LOGGER_LEVEL", "INFO"},
		{"SYSLOG_IDENTIFIER", "neutron-server"}, {"PRIORITY", "6"}, {"SYSLOG_FACILITY", "3"}}
	if diff := cmp.Diff(want, withoutCaller(t, parseEntry(t, d.next()))); diff != "" {
		t.Errorf("entry differs (-want +got):\n%s", diff)
	}
}

// TestJournalGetsBigEntriesInAFile sends one that no datagram holds.
func TestJournalGetsBigEntriesInAFile(t *testing.T) {
	t.Parallel()
	cfg, d := withJournal(t)
	cfg.DefaultFormat = "%(message)s"
	text := strings.Repeat("x", 2<<20)
	l := open(t, cfg).Logger("n")
	l.Info().Msg(text)
	if err := d.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b, oob := make([]byte, 1024), make([]byte, 1024)
	n, oobn, _, _, err := d.conn.ReadMsgUnix(b, oob)
	if err != nil || n != 0 {
		t.Fatalf("got %d bytes beside the file, %v", n, err)
	}
	fds := rightsOf(t, oob[:oobn])
	if len(fds) != 1 {
		t.Fatalf("got %d descriptors, want 1", len(fds))
	}
	f := os.NewFile(uintptr(fds[0]), "entry")
	defer f.Close()
	if _, err := f.Write([]byte("x")); err == nil {
		t.Error("the file is not sealed")
	}
	entry, err := io.ReadAll(io.NewSectionReader(f, 0, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	if got := withoutCaller(t, parseEntry(t, string(entry))); got[0].Name != "MESSAGE" || got[0].Value != text {
		t.Errorf("got %.100v, want the message", got)
	}
}

func TestJournalMayBeRestarted(t *testing.T) {
	t.Parallel()
	cfg, first := withJournal(t)
	log := open(t, cfg)
	l := log.Logger("n")
	l.Info().Msg("one")
	first.next()
	if err := first.conn.Close(); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(cfg.JournalSocket) // net may have done it
	l.Info().Msg("lost")
	second := listenOn(t, cfg.JournalSocket)
	l.Info().Msg("two")
	if got := parseEntry(t, second.next())[0].Value; got != "1 records could not be sent to the journal and are lost" {
		t.Errorf("got %q", got)
	}
	if got := withoutCaller(t, parseEntry(t, second.next()))[0].Value; !strings.HasSuffix(got, "two") {
		t.Errorf("got %q", got)
	}
}
