package logging

import (
	"context"
	"log/slog"

	"github.com/rs/zerolog"
)

// Slog returns the logger called name for code that logs through log/slog, such as protoactor's actor.WithLoggerFactory.
func (l *Log) Slog(name string) *slog.Logger {
	s := l.source(name)
	return slog.New(&bridge{SlogHandler: zerolog.NewSlogHandler(zerolog.New(s).Sample(s)), source: s})
}

// bridge is zerolog's handler, but for Enabled: zerolog's own does not ask the sampler, in which the level is kept, so every
// debug record would be built only to be dropped. Handle must stay the embedded one, or findCaller would see the bridge.
type bridge struct {
	*zerolog.SlogHandler
	source *source
}

// Enabled reports whether records of this level are printed.
func (b *bridge) Enabled(_ context.Context, level slog.Level) bool {
	switch {
	case level < slog.LevelDebug:
		return b.source.Sample(zerolog.TraceLevel)
	case level < slog.LevelInfo:
		return b.source.Sample(zerolog.DebugLevel)
	case level < slog.LevelWarn:
		return b.source.Sample(zerolog.InfoLevel)
	case level < slog.LevelError:
		return b.source.Sample(zerolog.WarnLevel)
	}
	return b.source.Sample(zerolog.ErrorLevel)
}

// WithAttrs returns a handler that adds attrs to every record.
func (b *bridge) WithAttrs(attrs []slog.Attr) slog.Handler {
	return b.with(b.SlogHandler.WithAttrs(attrs))
}

// WithGroup returns a handler that puts name and a dot before the keys of later attributes.
func (b *bridge) WithGroup(name string) slog.Handler { return b.with(b.SlogHandler.WithGroup(name)) }

// with wraps what zerolog's handler made of itself.
func (b *bridge) with(h slog.Handler) slog.Handler {
	inner, ok := h.(*zerolog.SlogHandler)
	if !ok {
		return h
	}
	return &bridge{SlogHandler: inner, source: b.source}
}
