package logging

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestLinesPrintWhatZerologDoes logs the same records both ways.
func TestLinesPrintWhatZerologDoes(t *testing.T) {
	t.Parallel()
	requests := []Request{
		{}, {RequestID: "req-1"}, fullRequest(),
		{RequestID: "req-1", UserID: `a "quoted" \ name`, ProjectID: "x=y z"},
		{UserID: "without a request"}, // which then is none
	}
	messages := []string{"", "plain", `127.0.0.1 "GET /a?b=c&d=<e> HTTP/1.1" status: 200`, `\x22 and \n and \u0041`, "~ !"}
	for _, format := range []string{
		Defaults().ContextFormat,
		"%(color)s%(process)6d %(levelname)-10s|%(levelno)s %(name).3s %(processName)s %(version)s%(thread)d %(threadName)s%(reset_color)s " +
			"%(instance)s%(resource)s%(is_admin)s %(user_identity)s %(user_identity)9.3s %(domain)s%% %(message)s %(message)s",
		"%(message)-30s|%(user_identity)s|%(user_name)s", "%(isotime)s %(error_summary)s %(message).4s %(tenant)s",
	} {
		cfg, out := fixture()
		cfg.ContextFormat, cfg.DefaultFormat = format, format
		cfg.UserIdentityFormat = "<%(user)s %(project_id)5s %(roles)s>"
		l := open(t, cfg)
		slow, fast := l.Logger("neutron.wsgi"), l.Lines("neutron.wsgi")
		for _, r := range requests {
			for _, m := range messages {
				out.Reset()
				if !fast.Info(time.Time{}, &r, Text(m)) {
					t.Fatalf("%q is refused", m)
				}
				got := out.String()
				out.Reset()
				if r.RequestID == "" {
					r = Request{}
				}
				slow := WithContext(slow, r)
				slow.Info().Msg(m)
				check(t, got, out.String())
			}
		}
	}
}

func TestLinesRefuseWhatIsNotSimple(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	l := open(t, cfg)
	lines := l.Lines("n")
	for _, m := range []string{"a\nb", "\x7f", "ä", "\x00", "\t"} {
		if lines.Info(time.Time{}, &Request{}, Text(m)) || lines.Info(time.Time{}, &Request{RequestID: "r", UserID: m}, Text(nil)) {
			t.Errorf("%q is taken", m)
		}
	}
	for name, change := range map[string]func(*Config){
		"json":   func(c *Config) { c.UseJSON = true },
		"caller": func(c *Config) { c.ContextFormat = "%(lineno)d" },
	} {
		with := cfg
		change(&with)
		if err := l.Reconfigure(with); err != nil {
			t.Fatal(err)
		}
		if lines.Info(time.Time{}, &Request{}, Text("m")) {
			t.Errorf("%s: taken", name)
		}
	}
	check(t, out.String(), "")
	cfg.DefaultLevels = []string{"n=WARNING"}
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	if !lines.Info(time.Time{}, &Request{}, Text("below the level")) || out.Len() > 0 {
		t.Errorf("below the level: %q", out)
	}
}

func TestLinesAreLimitedWithTheOthers(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.DefaultFormat, cfg.RateBurst, cfg.RateInterval = "%(message)s", 3, 60
	l := open(t, cfg)
	zl, lines := l.Logger("n"), l.Lines("n")
	for i := range 4 {
		zl.Info().Msgf("z%d", i)
		if !lines.Info(time.Time{}, &Request{}, Text(fmt.Sprintf("l%d", i))) {
			t.Error("refused")
		}
	}
	check(t, out.String(), "z0\nl0\nz1\nLogging rate limit: drop after 3 records/60 sec\n")
	if l.Lost() != 5 {
		t.Errorf("got %d lost, want 5", l.Lost())
	}
}

// TestABusyFileHoldsLines: a few are written at once. Those behind them come together, in order, with whatever comes first: time, a
// record of another kind, a signal to reopen, the end.
func TestABusyFileHoldsLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, path, _ := inFile(t)
		cfg.Clock = time.Now
		l := open(t, cfg)
		zl, lines := l.Logger("n"), l.Lines("n")
		n := 0
		want := func() (all string) {
			for i := range n {
				all += fmt.Sprintf("m%d\n", i)
			}
			return all
		}
		log := func(count int) {
			for range count {
				if !lines.Info(time.Time{}, &Request{}, Text(fmt.Sprintf("m%d", n))) {
					t.Fatal("refused")
				}
				n++
			}
		}
		log(fewLines)
		check(t, content(t, path), want())
		before := want()
		log(2)
		check(t, content(t, path), before)
		time.Sleep(holdFor)
		synctest.Wait()
		check(t, content(t, path), want())

		before = want()
		log(2) // busy: held from the first on
		check(t, content(t, path), before)
		zl.Info().Msgf("m%d", n)
		n++
		check(t, content(t, path), want())

		log(10)
		before = want()
		if err := l.Reopen(); err != nil {
			t.Fatal(err)
		}
		check(t, content(t, path), before)

		time.Sleep(time.Second)
		log(1) // not busy any more
		check(t, content(t, path), want())
		log(100)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		check(t, content(t, path), want())
	})
}

// TestHeldLinesGoToTheFileThatTheyWereFor moves the file away, and takes another, while lines are held.
func TestHeldLinesGoToTheFileThatTheyWereFor(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	l := open(t, cfg)
	lines := l.Lines("n")
	log := func(text string) {
		for range fewLines + 2 {
			lines.Info(time.Time{}, &Request{}, Text(text))
		}
	}
	log("a")
	rename(t, path, path+".1")
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	log("b")
	cfg.LogFile = "other.log"
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	check(t, content(t, path+".1"), strings.Repeat("a\n", fewLines+2))
	check(t, content(t, path), strings.Repeat("b\n", fewLines+2))
}

// TestManyLinesLoseNone writes from many goroutines, of both kinds, while the log is reconfigured, reopened and its file moved.
func TestManyLinesLoseNone(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	cfg.Clock = time.Now
	cfg.ContextFormat = cfg.DefaultFormat
	l := open(t, cfg)
	const writers, each = 8, 500
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			zl, lines := l.Logger("n"), l.Lines("n")
			for i := range each {
				if i%50 == 49 {
					zl.Warn().Msgf("%d %d", w, i)
				} else if !lines.Info(time.Time{}, &Request{RequestID: "r"}, Text(fmt.Sprintf("%d %d", w, i))) {
					t.Error("refused")
				}
			}
		})
	}
	moved := 0
	wg.Go(func() {
		for ; moved < 10; moved++ {
			rename(t, path, fmt.Sprintf("%s.%d", path, moved))
			if err := l.Reopen(); err != nil {
				t.Error(err)
			}
			if err := l.Reconfigure(cfg); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for i := range moved {
		all.WriteString(content(t, fmt.Sprintf("%s.%d", path, i)))
	}
	all.WriteString(content(t, path))
	var next [writers]int
	for line := range strings.Lines(all.String()) {
		var w, i int
		if _, err := fmt.Sscanf(line, "%d %d\n", &w, &i); err != nil || next[w] != i {
			t.Fatalf("got %q (%v) when number %d was due", line, err, next[w])
		}
		next[w]++
	}
	for w, n := range next {
		if n != each {
			t.Errorf("writer %d: got %d lines, want %d", w, n, each)
		}
	}
}

// TestALineThatCannotBeWrittenDoesNotStopTheNext fails where lines are held, and goes on with the next file.
func TestALineThatCannotBeWrittenDoesNotStopTheNext(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	l := open(t, cfg)
	lines := l.Lines("n")
	for range fewLines + 2 {
		lines.Info(time.Time{}, &Request{}, Text("a"))
	}
	f := l.plan.handlers[0].sink.(*file)
	if err := f.f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.release(); err == nil {
		t.Error("written to a closed file")
	}
	if err := l.Reopen(); err == nil { // it cannot close what is closed
		t.Error("closed twice")
	}
	lines.Info(time.Time{}, &Request{}, Text("b"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); !strings.HasSuffix(got, "b\n") {
		t.Errorf("got %q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Error(err)
	}
}
