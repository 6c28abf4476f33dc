package httpapp

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// sample is the request of testdata/accesslog/formats.py.
func sample() *answered {
	r := httptest.NewRequest(http.MethodGet, "/v2.0/networks", nil)
	r.RemoteAddr = "192.0.2.7:54321"
	return &answered{request: r, status: 200, length: 188, took: 12345600, at: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
}

func line(t *testing.T, format string, r *answered) string {
	t.Helper()
	a, err := newAccessLog(format)
	if err != nil {
		t.Fatal(err)
	}
	return string(a.append(nil, r))
}

// TestAccessLogFormats compares with what Python has printed.
func TestAccessLogFormats(t *testing.T) {
	t.Parallel()
	recorded, err := os.ReadFile("testdata/accesslog/formats.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row := range bytes.Lines(recorded) {
		var c struct{ Format, Want string }
		if err := json.Unmarshal(row, &c); err != nil {
			t.Fatal(err)
		}
		if got := line(t, c.Format, sample()); got != c.Want {
			t.Errorf("%q:\ngot  %q\nwant %q", c.Format, got, c.Want)
		}
		n++
	}
	if n < 10 {
		t.Errorf("only %d formats were recorded", n)
	}
}

// TestAccessLogRecordIsPythons runs Python again where there is one.
func TestAccessLogRecordIsPythons(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	now, err := exec.Command(python, "testdata/accesslog/formats.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := os.ReadFile("testdata/accesslog/formats.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(now, recorded) {
		t.Errorf("the record is not what Python prints now:\n%s", now)
	}
}

func TestSecondsArePrintedAsFloatsAre(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 200_000 {
		took := time.Duration(random.Int64N(int64(time.Second) << (i % 18)))
		if i%3 == 0 {
			took = took/50*50 - 50 // halfway, now and then, and below zero
		}
		decimals := i % 12
		got, want := string(appendFixed(nil, took, decimals)), strconv.FormatFloat(took.Seconds(), 'f', decimals, 64)
		if got != want {
			t.Fatalf("%d ns with %d decimals: got %s, want %s", took, decimals, got, want)
		}
	}
}

func TestAccessLogShowsWhoAsks(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 600)
	for _, c := range []struct{ name, forwarded, remote, want string }{
		{"peer", "", "192.0.2.7:1", "192.0.2.7 1"},
		{"IPv6", "", "[2001:db8::1%eth0]:80", "2001:db8::1%eth0 80"},
		{"Unix socket", "", "@", "@ -"},
		{"behind a proxy", "198.51.100.1, 203.0.113.9", "192.0.2.7:1", "198.51.100.1,203.0.113.9,192.0.2.7 1"},
		{"blanks", " ", "192.0.2.7:1", "192.0.2.7 1"},
		{"forged", "x\r\n2026-03-04 INFO \"\\\x1b[2J\u00e9", "192.0.2.7:1", `x\x0d\x0a2026-03-04INFO\x22\x5c\x1b[2J\xc3\xa9,192.0.2.7 1`},
		{"long", long, "192.0.2.7:1", long[:512] + "...,192.0.2.7 1"},
	} {
		r := sample()
		r.request.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.request.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := line(t, "%(client_ip)s %(client_port)s", r); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAccessLogCannotBeForged(t *testing.T) {
	t.Parallel()
	r := sample()
	r.request.Method, r.request.RequestURI = "GE\nT", "/\" status: 200\r\n"+strings.Repeat("y", 9000)
	got := line(t, `"%(request_line)s" %(status_code)s`, r)
	want := `"GE\x0aT /\x22 status: 200\x0d\x0a` + strings.Repeat("y", 8<<10-len("/\" status: 200\r\n")) + `... HTTP/1.1" 200`
	if got != want {
		t.Errorf("got %.80q and %d bytes, want %.80q and %d", got, len(got), want, len(want))
	}
}

func TestAccessLogRefusesFormats(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"%(nope)s":                "unknown field %(nope)",
		"%s":                      "% without (name)",
		"%":                       "% without (name)",
		"100% of":                 "% without (name)",
		"%(client_ip":             "% without (name)",
		"%(client_ip)":            "%(client_ip) does not end in a conversion such as %(client_ip)s",
		"%(client_ip)d":           `%(client_ip) cannot be printed with conversion 'd'`,
		"%(wall_seconds)x":        `%(wall_seconds) cannot be printed with conversion 'x'`,
		"%(wall_seconds).123456f": "%(wall_seconds) is wider than 1000",
	} {
		if _, err := newAccessLog(format); err == nil || !strings.HasPrefix(err.Error(), "wsgi_log_format: "+want) {
			t.Errorf("%q: got error %v, want %s", format, err, want)
		}
	}
}

func TestAccessLogAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's pools forget")
	}
	a, err := newAccessLog(`%(client_ip)s "%(request_line)s" status: %(status_code)s  len: %(body_length)s time: %(wall_seconds).7f`)
	if err != nil {
		t.Fatal(err)
	}
	log, r := zerolog.New(discard{}), sample()
	if n := testing.AllocsPerRun(200, func() { a.write(log.Info(), r) }); n > 0 {
		t.Errorf("a line costs %v allocations, want 0", n)
	}
}

// discard takes lines at no cost; io.Discard is told apart by zerolog.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// FuzzAccessLogFormat feeds the compiler; whatever it takes must print one line.
func FuzzAccessLogFormat(f *testing.F) {
	for _, seed := range []string{"%(client_ip)s", "%%", "%(wall_seconds)+012.7f|", "%(status_code)-5.3d", "%(", "%()s", "a%(date_time)30.2sb"} {
		f.Add(seed)
	}
	r := sample()
	f.Fuzz(func(t *testing.T, format string) {
		a, err := newAccessLog(format)
		if err != nil {
			return
		}
		if got := a.append(nil, r); len(got) > len(format)*(maxAccessWidth+maxRequestLine) {
			t.Errorf("%q prints %d bytes", format, len(got))
		}
	})
}

func BenchmarkAccessLine(b *testing.B) {
	for name, format := range map[string]string{
		"default": `%(client_ip)s "%(request_line)s" status: %(status_code)s  len: %(body_length)s time: %(wall_seconds).7f`,
		"newton":  `%(client_ip)s - - [%(date_time)s] "%(request_line)s" %(status_code)s %(body_length)s %(wall_seconds).6f`,
	} {
		b.Run(name, func(b *testing.B) {
			a, err := newAccessLog(format)
			if err != nil {
				b.Fatal(err)
			}
			log, r := zerolog.New(discard{}), sample()
			b.ReportAllocs()
			for b.Loop() {
				a.write(log.Info(), r)
			}
		})
	}
}

func TestAccessLogLineIsJSON(t *testing.T) {
	t.Parallel()
	a, err := newAccessLog("\t\"\\ \u00e9 %(client_ip)s\n\x01")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	log, r := zerolog.New(&out), sample()
	r.request.Header.Set("X-Forwarded-For", "\"\x1f")
	a.write(log.Info(), r)
	var event struct{ Message string }
	if err := json.Unmarshal(out.Bytes(), &event); err != nil {
		t.Fatal(err)
	}
	if want := "\t\"\\ \u00e9 \\x22\\x1f,192.0.2.7\n\x01"; event.Message != want {
		t.Errorf("got %q, want %q", event.Message, want)
	}
}
