package logging

import (
	"io"
	"os"
	"testing"

	"github.com/rs/zerolog"
)

// onStream is what a Log writes to a standard stream with the formatter that it has for one.
func onStream(t *testing.T, color bool, format string) string {
	t.Helper()
	cfg, _ := fixture()
	cfg.Output, cfg.UseStderr, cfg.Color, cfg.DefaultFormat = nil, true, color, format
	l := open(t, cfg)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	l.plan.handlers[0].sink.(*stream).w = w // in the place of this process's stderr
	zl := l.Logger("n")
	for _, level := range []zerolog.Level{zerolog.InfoLevel, zerolog.ErrorLevel} {
		zl.WithLevel(level).Msg("m")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestColoursOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	const format = "%(color)s%(levelname)s%(reset_color)s %(message)s"
	check(t, onStream(t, false, format), "INFO m\nERROR m\n")
	check(t, onStream(t, true, format), "\x1b[00;36mINFO\x1b[00m m\x1b[00m\n\x1b[01;31mERROR\x1b[00m m\x1b[00m\n")
	check(t, onStream(t, true, "%(levelname)s"), "INFO\nERROR\n") // no stray codes where the format has none
}

func TestFilesHaveNoColours(t *testing.T) {
	t.Parallel()
	cfg, path, _ := inFile(t)
	cfg.Color, cfg.DefaultFormat = true, "%(color)s%(message)s"
	l := open(t, cfg).Logger("n")
	l.Info().Msg("m")
	check(t, content(t, path), "m\n")
}

func TestInstanceFormats(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.InstanceFormat, cfg.InstanceUUIDFormat, cfg.DefaultFormat = "<%(uuid)s>", "(%(uuid)s)", "%(instance)s"
	l := open(t, cfg).Logger("n")
	l.Info().Str("instance", "a").Msg("")
	l.Info().Str("instance_uuid", "b").Msg("")
	l.Info().Msg("")
	check(t, out.String(), "<a>\n(b)\n\n")
}

func TestFieldsThatEveryFormatOfPythonMayHave(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.Version = "28.0.1"
	cfg.DefaultFormat = "%(version)s %(thread)d %(threadName)s %(is_admin)s|%(exc_text)s|%(processName)s"
	cfg.ContextFormat = "%(is_admin)s %(roles)s %(auth_token)s %(domain_name)s"
	cfg.UserIdentityFormat = "%(user_domain_name)s"
	l := open(t, cfg).Logger("n")
	l.Info().Str("extra", "e").Msg("")
	l = WithContext(l, fullRequest())
	l.Info().Msg("")
	check(t, out.String(), "28.0.1 0 MainThread -||neutron-server\nNone None None None\n")
}
