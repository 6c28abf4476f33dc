package authtoken

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

const (
	// silence is how long Keystone may answer nothing at all before those who have no place to wait give up.
	silence = 5 * time.Second
	// look is how often they look whether that is so.
	look = time.Second
)

// errBusy is what they get.
var errBusy = errors.New("too many requests wait for Keystone, which does not answer")

// gate bounds how many requests wait for Keystone, so that some handlers are left for those who need not. As long as
// Keystone answers, however slowly, everybody gets his turn.
type gate struct {
	places chan struct{}
	now    func() time.Time
	full   atomic.Int64 // when the last place was taken
	answer atomic.Int64 // when Keystone has last answered
}

func newGate(places int, now func() time.Time) *gate {
	return &gate{places: make(chan struct{}, max(places, 1)), now: now}
}

// enter takes a place, to be left by leave.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.places <- struct{}{}:
		g.filled()
		return nil
	default:
	}
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for !g.silent() {
		select {
		case g.places <- struct{}{}:
			g.filled()
			return nil
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errBusy
}

func (g *gate) leave() { <-g.places }

func (g *gate) filled() {
	if len(g.places) == cap(g.places) {
		g.full.Store(g.now().UnixNano())
	}
}

// answered is told of each answer of Keystone.
func (g *gate) answered() { g.answer.Store(g.now().UnixNano()) }

func (g *gate) silent() bool {
	since := time.Unix(0, max(g.full.Load(), g.answer.Load()))
	return g.now().Sub(since) >= silence
}
