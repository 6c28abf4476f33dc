package logging

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAnEmptyExceptLevelLimitsAllLevels is what oslo.log documents and does not do.
func TestAnEmptyExceptLevelLimitsAllLevels(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.RateBurst, cfg.RateInterval, cfg.RateExceptLevel, cfg.DefaultFormat = 1, 10, "", "%(levelname)s %(name)s %(message)s"
	log := open(t, cfg)
	l := log.Logger("n")
	for range 3 {
		l.WithLevel(4).Msg("c") // CRITICAL
	}
	check(t, out.String(), "CRITICAL n c\nERROR root Logging rate limit: drop after 1 records/10 sec\n")
	if got := log.Lost(); got != 2 {
		t.Errorf("got %d lost records, want 2", got)
	}
}

func TestRateLimitNeedsBothOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ burst, interval int }{{0, 0}, {0, 5}, {5, 0}, {-1, 5}, {5, -1}} {
		cfg, out := fixture()
		cfg.RateBurst, cfg.RateInterval, cfg.DefaultFormat = c.burst, c.interval, "%(message)s"
		l := open(t, cfg).Logger("n")
		for range 10 {
			l.Info().Msg("m")
		}
		if got := strings.Count(out.String(), "m\n"); got != 10 {
			t.Errorf("burst %d in %d s: got %d records, want 10", c.burst, c.interval, got)
		}
	}
}

// TestRateLimitSurvivesAReconfiguration keeps the window where the limit is the same, and begins one where it is another.
func TestRateLimitSurvivesAReconfiguration(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.RateBurst, cfg.RateInterval, cfg.DefaultFormat = 1, 10, "%(message)s"
	log := open(t, cfg)
	l := log.Logger("n")
	l.Info().Msg("one")
	reconfigure(t, log, cfg)
	l.Info().Msg("two")
	cfg.RateBurst = 2
	reconfigure(t, log, cfg)
	l.Info().Msg("three")
	cfg.RateBurst = 0
	reconfigure(t, log, cfg)
	l.Info().Msg("four")
	check(t, out.String(), "one\nLogging rate limit: drop after 1 records/10 sec\nthree\nfour\n")
}

func reconfigure(t *testing.T, l *Log, cfg Config) {
	t.Helper()
	if err := l.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
}

func TestRateLimitOfManyWriters(t *testing.T) {
	t.Parallel()
	cfg, out := fixture()
	cfg.Clock = time.Now
	cfg.RateBurst, cfg.RateInterval, cfg.DefaultFormat = 50, 3600, "%(message)s"
	log := open(t, cfg)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			l := log.Logger("n")
			for range 100 {
				l.Info().Msg("m")
			}
		})
	}
	wg.Wait()
	if m, limit := strings.Count(out.String(), "m\n"), strings.Count(out.String(), "Logging rate limit"); m != 50 || limit != 1 || log.Lost() != 350 {
		t.Errorf("got %d records, %d lines of the limit and %d lost; want 50, 1 and 350", m, limit, log.Lost())
	}
}

func TestWrongExceptLevelIsRefused(t *testing.T) {
	t.Parallel()
	cfg, _ := fixture()
	cfg.RateBurst, cfg.RateInterval, cfg.RateExceptLevel = 1, 1, "LOUD"
	if err := Check(cfg); err == nil || err.Error() != `rate_limit_except_level: invalid log level name: "LOUD"` {
		t.Errorf("got error %v", err)
	}
}
