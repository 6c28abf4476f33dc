package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"
)

// FuzzEvent feeds events with arbitrary fields: nothing may panic, the message is always printed, a record outside the message
// is one line, and JSON is JSON.
func FuzzEvent(f *testing.F) {
	f.Add("k", "v", `{"a":1}`, "message text", "an error")
	f.Add("message", "x", `"unterminated`, `{"message":"inner"}`, "\n")
	f.Add("request_id", "req-1\n", `1,"message":"fake"`, `\" "} \\`, "\x1b\x00")
	f.Add("", "", "", "m", "")
	f.Add("stack", "a\nb", `"a\`, "\u2028\U0001F600\xff", `","`)
	f.Fuzz(func(t *testing.T, key, value, rawValue, msg, failure string) {
		checkEvent(t, key, value, rawValue, msg, failure)
	})
}

// TestEvents is FuzzEvent on the few kinds of pieces that events are broken with.
func TestEvents(t *testing.T) {
	t.Parallel()
	piece := rapid.SliceOfN(rapid.SampledFrom([]string{`"`, `\`, `{`, `}`, `[`, `]`, `,`, `:`, "\n", "a", " ", "1", "null",
		"message", "request_id", "stack", "error", `"message":"`, "\u00e9", "\xff", "\x00"}), 0, 8)
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) string { return strings.Join(piece.Draw(rt, name), "") }
		checkEvent(rt, draw("key"), draw("value"), draw("raw"), draw("message"), draw("error"))
	})
}

func checkEvent(t interface {
	Fatalf(string, ...any)
}, key, value, rawValue, msg, failure string) {
	if msg == "" {
		msg = "m" // without one, the raw value may bring its own
	}
	event := func(zl zerolog.Logger) {
		zl.Info().Str(key, value).RawJSON("raw", []byte(rawValue)).Err(errors.New(failure)).Str(value, key).Msg(msg)
	}
	cfg, out := fixture()
	cfg.DefaultFormat, cfg.ExceptionPrefix = "%(message)s", "PREFIX "
	cfg.ContextFormat = "%(message)s|%(global_request_id)s %(request_id)s %(user_identity)s"
	l, err := Open(cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	event(l.Logger("n"))
	line, found := strings.CutPrefix(out.String(), printed(msg))
	if !found {
		t.Fatalf("message %q lost in %q", printed(msg), out)
	}
	_, stack, _ := strings.Cut(line, "\n")
	for rest := range strings.Lines(stack) {
		if !strings.HasPrefix(rest, "PREFIX ") {
			t.Fatalf("line %q without prefix in %q", rest, line)
		}
	}
	cfg.UseJSON = true
	out.Reset()
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatalf("reconfigure: %v", err)
	}
	event(l.Logger("n"))
	if !json.Valid(out.Bytes()) || bytes.IndexByte(out.Bytes(), '\n') != out.Len()-1 {
		t.Fatalf("not one line of JSON: %q", out)
	}
}

// printed is how a message looks in the log: through zerolog's encoding, which replaces broken runes, and with its control
// characters escaped.
func printed(msg string) string {
	var encoded bytes.Buffer
	l := zerolog.New(&encoded)
	l.Log().Msg(msg)
	inside := strings.TrimSuffix(strings.TrimPrefix(encoded.String(), `{"message":"`), "\"}\n")
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\t`, "\t", `\ufffd`, "\ufffd").Replace(inside)
}

func TestStringEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src  string
		want int
	}{{`"`, 0}, {`a"b"`, 1}, {`\""`, 2}, {`\\"`, 2}, {`\\\""`, 4}, {`\"`, -1}, {``, -1}} {
		if got := stringEnd([]byte(c.src), 0); got != c.want {
			t.Errorf("%s: got %d, want %d", c.src, got, c.want)
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, breaks, flat string }{
		{`plain`, "plain", "plain"},
		{`\"\\\/`, `"\/`, `"\/`},
		{`a\nb\tc`, "a\nb\tc", `a\nb\tc`},
		{`\r\b\f`, `\r\b\f`, `\r\b\f`},
		{`\u00e9\u00E9\u2028`, "\u00e9\u00e9\u2028", "\u00e9\u00e9\u2028"},
		{`\u001b\u009b\u007f`, `\u001b\u009b\u007f`, `\u001b\u009b\u007f`},
		{`\ud83d\ude00!`, "\U0001F600!", "\U0001F600!"},
		{`\ud83dx\ude00`, `\ud83dx\ude00`, `\ud83dx\ude00`},
		{`\u12g4 \u12 \x`, `\u12g4 \u12 \x`, `\u12g4 \u12 \x`},
		{"ends in \\", "ends in \\", "ends in \\"},
	} {
		if got := string(appendUnescaped(nil, []byte(c.in), true)); got != c.breaks {
			t.Errorf("%s with breaks: got %q, want %q", c.in, got, c.breaks)
		}
		if got := string(appendUnescaped(nil, []byte(c.in), false)); got != c.flat {
			t.Errorf("%s: got %q, want %q", c.in, got, c.flat)
		}
	}
}

// benchmarkLine logs one access line of a request.
func benchmarkLine(b *testing.B, change func(*Config)) {
	cfg := Defaults()
	cfg.Output = io.Discard
	change(&cfg)
	l, err := Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	zl := WithContext(l.Logger("neutron.wsgi"), Request{
		RequestID: "req-b2b3f4a0-6a52-4d3b-8f4e-0f5f7f6f1c11", UserID: strings.Repeat("a", 32), ProjectID: strings.Repeat("b", 32),
		UserDomainID: "default", ProjectDomainID: "default",
	})
	b.ReportAllocs()
	for b.Loop() {
		zl.Info().Msg(`192.0.2.17 "GET /v2.0/networks?limit=20 HTTP/1.1" status: 200  len: 7313 time: 0.0123456`)
	}
}

// BenchmarkLine is the cost of the line that every request writes, without the system call.
func BenchmarkLine(b *testing.B) { benchmarkLine(b, func(*Config) {}) }

// BenchmarkJSONLine is the same with use_json.
func BenchmarkJSONLine(b *testing.B) { benchmarkLine(b, func(c *Config) { c.UseJSON = true }) }

// BenchmarkFileLine is BenchmarkLine with the system call, into a file.
func BenchmarkFileLine(b *testing.B) {
	benchmarkLine(b, func(c *Config) { c.Output, c.LogDir = nil, b.TempDir() })
}

// BenchmarkWithContext is the cost of a request's logger.
func BenchmarkWithContext(b *testing.B) {
	cfg, _ := fixture()
	l, err := Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	zl, r := l.Logger("n"), fullRequest()
	b.ReportAllocs()
	for b.Loop() {
		_ = WithContext(zl, r)
	}
}

// BenchmarkDisabled is the cost of a DEBUG record that is not printed.
func BenchmarkDisabled(b *testing.B) {
	cfg, _ := fixture()
	l, err := Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	zl := l.Logger("n")
	b.ReportAllocs()
	for b.Loop() {
		zl.Debug().Str("k", "v").Msg("m")
	}
}
