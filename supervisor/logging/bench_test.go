package logging

import (
	"testing"

	"github.com/rs/zerolog"
)

// free takes lines at no cost.
type free struct{}

func (free) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkLines is what one record costs from the call that logs it to the write of its line.
func BenchmarkLines(b *testing.B) {
	const access = `127.0.0.1 "GET /v2.0/networks HTTP/1.1" status: 200  len: 188 time: 0.0123456`
	for _, c := range []struct {
		name string
		json bool
		log  func(l *zerolog.Logger)
	}{
		{"plain", false, func(l *zerolog.Logger) { l.Info().Msg("m") }},
		{"context", false, func(l *zerolog.Logger) { l.Info().Str("request_id", "req-1").Str("user_id", "u").Msg(access) }},
		{"json", true, func(l *zerolog.Logger) { l.Info().Str("request_id", "req-1").Str("user_id", "u").Msg(access) }},
		{"below the level", false, func(l *zerolog.Logger) { l.Debug().Str("k", "v").Msg("m") }},
	} {
		b.Run(c.name, func(b *testing.B) {
			cfg, _ := fixture()
			cfg.Output, cfg.UseJSON = free{}, c.json
			log, err := Open(cfg)
			if err != nil {
				b.Fatal(err)
			}
			l := log.Logger("neutron.wsgi")
			b.ReportAllocs()
			for b.Loop() {
				c.log(&l)
			}
		})
	}
	b.Run("lines", func(b *testing.B) {
		cfg, _ := fixture()
		cfg.Output = free{}
		log, err := Open(cfg)
		if err != nil {
			b.Fatal(err)
		}
		l, message := log.Lines("neutron.wsgi"), Text(access)
		b.ReportAllocs()
		for b.Loop() {
			if !l.Info(cfg.Clock(), &Request{RequestID: "req-1", UserID: "u"}, message) {
				b.Fatal("refused")
			}
		}
	})
}
