package periodic_test

import (
	"bytes"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/actors/periodic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newSystem() *actor.ActorSystem {
	quiet := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }
	return actor.NewActorSystem(actor.WithLoggerFactory(quiet), actor.WithDeadLetterThrottleInterval(time.Millisecond),
		actor.WithDeadLetterRequestLogging(false))
}

// buffer is a log that several goroutines write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// named is a loop's name and a log of warnings and errors.
func named(log *buffer) periodic.Named {
	return periodic.Named{Name: "work", Log: zerolog.New(log).Level(zerolog.WarnLevel)}
}

// diary notes when something happened since it was begun.
type diary struct {
	begun time.Time

	mu sync.Mutex
	at []time.Duration // guarded by mu
}

func newDiary() *diary { return &diary{begun: time.Now()} }

// note returns how many notes there are now.
func (d *diary) note() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = append(d.at, time.Since(d.begun))
	return len(d.at)
}

func (d *diary) times() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.at)
}
