package logging

import (
	"errors"
	"fmt"
	"log"
	"runtime"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

func TestTextLines(t *testing.T) {
	t.Parallel()
	failed := errors.New("connection refused")
	for _, c := range []struct {
		name string
		log  func(l zerolog.Logger)
		want string
	}{
		{"without request", func(l zerolog.Logger) { l.Info().Msg("Logging enabled!") },
			stamp + "INFO neutron.wsgi [-] Logging enabled!\n"},
		{"access line", func(l zerolog.Logger) {
			l = WithContext(l, Request{RequestID: "req-1", UserID: "u", ProjectID: "p"})
			l.Info().Msg(`127.0.0.1 "GET /v2.0/networks HTTP/1.1" status: 200  len: 188 time: 0.0123456`)
		}, stamp + `INFO neutron.wsgi [None req-1 u p - - - -] 127.0.0.1 "GET /v2.0/networks HTTP/1.1" status: 200  len: 188 time: 0.0123456` + "\n"},
		{"full request", func(l zerolog.Logger) { l = WithContext(l, fullRequest()); l.Warn().Msg("m") },
			stamp + "WARNING neutron.wsgi [req-0 req-1 u p d all ud pd] m\n"},
		{"bare request", func(l zerolog.Logger) { l = WithContext(l, Request{RequestID: "req-1"}); l.Error().Msg("m") },
			stamp + "ERROR neutron.wsgi [None req-1 - - - - - -] m\n"},
		{"empty request id", func(l zerolog.Logger) { l = WithContext(l, Request{UserID: "u"}); l.Info().Msg("m") },
			stamp + "INFO neutron.wsgi [-] m user_id=u\n"},
		{"fatal is CRITICAL", func(l zerolog.Logger) { l.WithLevel(zerolog.FatalLevel).Msg("m") },
			stamp + "CRITICAL neutron.wsgi [-] m\n"},
		{"panic is CRITICAL", func(l zerolog.Logger) { l.WithLevel(zerolog.PanicLevel).Msg("m") },
			stamp + "CRITICAL neutron.wsgi [-] m\n"},
		{"no level is INFO", func(l zerolog.Logger) { l.Log().Msg("m") }, stamp + "INFO neutron.wsgi [-] m\n"},
		{"standard log", func(l zerolog.Logger) { log.New(l, "", 0).Print("m") }, stamp + "INFO neutron.wsgi [-] m\n"},
		{"extra fields in order", func(l zerolog.Logger) {
			l.Info().Str("b", "x").Int("a", 7).Bool("c", true).Float64("f", 1.5).Str("s", "two words").
				Str("e", "").Strs("l", []string{"x", "y"}).Interface("n", nil).Msg("m")
		}, stamp + `INFO neutron.wsgi [-] m b=x a=7 c=true f=1.5 s="two words" e="" l=["x","y"] n=null` + "\n"},
		{"error", func(l zerolog.Logger) { l.Error().Err(failed).Int("port", 9696).Msg("Unable to listen") },
			stamp + "ERROR neutron.wsgi [-] Unable to listen port=9696: connection refused\n"},
		{"fields without message", func(l zerolog.Logger) { l.Info().Int("a", 1).Send() },
			stamp + "INFO neutron.wsgi [-] a=1\n"},
		{"message with breaks and quotes", func(l zerolog.Logger) { l.Info().Msg("a \"b\" \\ /\n\tc\u00e9\U0001F600") },
			stamp + "INFO neutron.wsgi [-] a \"b\" \\ /\n\tc\u00e9\U0001F600\n"},
		{"no forged line", func(l zerolog.Logger) {
			l = WithContext(l, Request{RequestID: "req-1", GlobalRequestID: "x\n2026 y"})
			l.Info().Err(errors.New("e\nf\x1b[2J")).Str("k", "v\nw").Msg("m\r\x1b")
		}, stamp + `INFO neutron.wsgi [x\n2026 y req-1 - - - - - -] m\r\u001b k="v\nw": e\nf\u001b[2J` + "\n"},
		{"project of the context stays", func(l zerolog.Logger) {
			l = WithContext(l, Request{RequestID: "req-1", ProjectID: "mine"})
			l.Info().Str("project_id", "other").Msg("m")
		}, stamp + "INFO neutron.wsgi [None req-1 - mine - - - -] m project_id=other\n"},
		{"name in a field", func(l zerolog.Logger) { l.Info().Str("logger", "neutron.api").Msg("m") },
			stamp + "INFO neutron.api [-] m\n"},
		{"second message and level", func(l zerolog.Logger) { l.Info().Str("message", "x").Str("level", "y").Msg("m") },
			stamp + "INFO neutron.wsgi [-] m message=x level=y\n"},
		{"time is the record's", func(l zerolog.Logger) { l.Info().Time("time", time.Unix(0, 0)).Msg("m") },
			stamp + "INFO neutron.wsgi [-] m\n"},
		{"a number called time", func(l zerolog.Logger) { l.Info().Int("time", 3).Msg("m") },
			stamp + "INFO neutron.wsgi [-] m time=3\n"},
		{"instance", func(l zerolog.Logger) { l.Info().Str("instance", "abc").Msg("m") },
			stamp + "INFO neutron.wsgi [-] [instance: abc] m\n"},
		{"stack", func(l zerolog.Logger) {
			l.Error().Str("stack", "goroutine 1:\nmain.main()\n\t/x.go:3\n").Err(failed).Msg("m")
		}, stamp + "ERROR neutron.wsgi [-] m: connection refused\n" +
			stamp + "ERROR neutron.wsgi goroutine 1:\n" +
			stamp + "ERROR neutron.wsgi main.main()\n" +
			stamp + "ERROR neutron.wsgi \t/x.go:3\n"},
		{"raw JSON", func(l zerolog.Logger) { l.Info().RawJSON("r", []byte("{\n\"a\": 1}")).Msg("m") },
			stamp + `INFO neutron.wsgi [-] m r={ "a": 1}` + "\n"},
		{"broken raw JSON", func(l zerolog.Logger) { l.Info().Int("a", 1).RawJSON("r", []byte(`{"x`)).Msg("the message") },
			stamp + `INFO neutron.wsgi [-] the message a=1 unparsed="\"r\":{\"x,"` + "\n"},
		{"nil error pointer", func(l zerolog.Logger) {
			l.Info().Fields(map[string]any{"cause": (*nilError)(nil), "z": 1}).Msg("m")
		}, stamp + "INFO neutron.wsgi [-] m cause=null z=1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg, out := fixture()
			c.log(open(t, cfg).Logger("neutron.wsgi"))
			check(t, out.String(), c.want)
		})
	}
}

type nilError struct{}

func (*nilError) Error() string { return "nil" }

func TestDebugSuffixNamesTheCaller(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.Debug = true
	l := open(t, cfg)
	zl, sl := l.Logger("n"), l.Slog("n")
	_, file, line, _ := runtime.Caller(0)
	zl.Debug().Msg("a")
	zl.Printf("b %d", 1)
	sl.Debug("c")
	sl.With("k", "v").Debug("d", "x", 1)
	log.New(zl, "", 0).Print("not DEBUG")
	want := ""
	for i, m := range []string{"a", "b 1", "c", "d k=v x=1"} {
		want += fmt.Sprintf("%sDEBUG n [-] %s TestDebugSuffixNamesTheCaller %s:%d\n", stamp, m, file, line+1+i)
	}
	check(t, out.String(), want+stamp+"INFO n [-] not DEBUG\n")
}

type worker struct{}

func (*worker) Receive(l zerolog.Logger) { l.Info().Msg("m") }

func TestCallerInAnyFormat(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.DefaultFormat = "%(funcName)s %(filename)s %(module)s"
	new(worker).Receive(open(t, cfg).Logger("n"))
	check(t, out.String(), "(*worker).Receive text_test.go text_test\n")
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ format, want string }{
		{"", "msg k=v: err"},
		{"%(message)s", "msg k=v: err"},
		{"100%% %(levelname)-8s|%(levelname)8s|%(name).3s|%(name)-5.2s|", "100% ERROR   |   ERROR|neu|ne   |: err"},
		{"%(process)06d %(process)-6d|%(process)3d %(process)s %(levelno)i", "004242 4242  |4242 4242 40: err"},
		{"%(msecs)03d %(msecs).1f %(msecs)d %(created)f %(created).0f %(created)d", "089 89.0 89 1772597167.089123 1772597167 1772597167: err"},
		{"%(isotime)s", "2026-03-04T05:06:07.089123+01:00: err"},
		{"%(relativeCreated)d %(processName)s%(color)s%(resource)s", "0 neutron-server: err"},
		{"%(error_summary)s / %(message)s", "err / msg k=v"},
		{"%(created)s %(relativeCreated).2f", "1772597167.089123 0.00: err"},
		{"[%(request_id)s|%(global_request_id)s|%(user_identity)s|%(project)s]", "[-|||-]: err"},
	} {
		t.Run(c.format, func(t *testing.T) {
			t.Parallel()
			cfg, out := fixture()
			cfg.DefaultFormat = c.format
			l := open(t, cfg).Logger("neutron")
			l.Error().Str("k", "v").Err(errors.New("err")).Msg("msg")
			check(t, out.String(), c.want+"\n")
		})
	}
}

func TestContextFieldsInFormat(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.ContextFormat = "%(request_id)s %(user_name)s %(project_name)s %(tenant)s %(user_id)s %(domain)s"
	cfg.UserIdentityFormat = "%(user)8.3s"
	l := open(t, cfg).Logger("n")
	full, bare := WithContext(l, fullRequest()), WithContext(l, Request{RequestID: "req-2"})
	full.Info().Msg("")
	bare.Info().Msg("")
	check(t, out.String(), "req-1 un pn p u d\nreq-2 None None None None None\n")
}

func TestDateFormats(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 15, 6, 7, 89_123_456, time.FixedZone("CET", 3600))
	for _, c := range []struct{ format, want string }{
		{"%Y-%m-%d %H:%M:%S", "2026-03-01 15:06:07"},
		{"%FT%T.%f%z", "2026-03-01T15:06:07.089123+0100"},
		{"%d/%b/%Y:%H:%M:%S %Z", "01/Mar/2026:15:06:07 CET"},
		{"%a %A %B %y %e %j %I %p %% 02", "Sun Sunday March 26  1 060 03 PM % 02"},
		{"%s %u %w %R %D %h %c", "1772373967 7 0 15:06 03/01/26 Mar Sun Mar  1 15:06:07 2026"},
	} {
		if _, err := checkDateFormat(c.format); err != nil {
			t.Errorf("%s: %v", c.format, err)
		}
		if got := string(appendTime(nil, c.format, at)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.format, got, c.want)
		}
	}
}

func TestDateFollowsTheClock(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.DefaultFormat = "%(asctime)s.%(msecs)03d"
	now := time.Date(2026, 3, 4, 5, 6, 7, 999e6, time.UTC)
	cfg.Clock = func() time.Time { return now }
	l := open(t, cfg)
	zl := l.Logger("n")
	for range 2 {
		zl.Info().Msg("")
		now = now.Add(time.Millisecond)
	}
	cfg.DateFormat = "%S,%f"
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		zl.Info().Msg("")
		now = now.Add(time.Microsecond)
	}
	check(t, out.String(), "2026-03-04 05:06:07.999\n2026-03-04 05:06:08.000\n08,001000.001\n08,001001.001\n")
}
