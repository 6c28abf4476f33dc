package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// ErrReplacing: a replacement of this child is under way.
var ErrReplacing = errors.New("is being replaced already")

var errDraining = errors.New("is leaving")

// Replacement is a change of processes.
type Replacement struct {
	// Path is the child's place in the tree.
	Path string
	// Old and New are pids.
	Old, New int
	// Gone is closed when the old process has been reaped; until then it finishes what it has begun.
	Gone <-chan struct{}
}

// replace asks a child for a new process.
type replace struct {
	quiet
	reply chan<- outcome // has room for the answer
}

type outcome struct {
	Replacement
	err error
}

// Replace gives the Child at path a new process. It returns when the new one is ready and the old one has been told to
// go. On an error the old one stays; it is otp.ErrNotRunning while the child is being restarted, which brings a
// new process as well, though perhaps one that was started before what made the caller want it.
func Replace(ctx context.Context, root *otp.Root, path string) (Replacement, error) {
	reply := make(chan outcome, 1)
	o, err := otp.Request(ctx, root, path, &replace{reply: reply}, reply)
	if err == nil {
		err = o.err
	}
	if err != nil {
		return Replacement{}, fmt.Errorf("replace %s: %w", path, err)
	}
	o.Replacement.Path = path
	return o.Replacement, nil
}

// settle is the pause between two looks at a child that is being restarted.
const settle = 20 * time.Millisecond

// ReplaceAll replaces the processes below the supervisor at path one by one, in start order, so that there is at most
// one process more than usual, not counting those that finish their work. A child that is being restarted, or
// replaced by somebody else, is waited for and then replaced; one that has been removed is passed over. The first failure ends it: the children after it
// keep their processes, and the replacements made so far are returned with the error.
func ReplaceAll(ctx context.Context, root *otp.Root, path string) ([]Replacement, error) {
	children, err := root.Children(path)
	if err != nil {
		return nil, fmt.Errorf("replace all: %w", err)
	}
	var made []Replacement
	for _, c := range children {
		r, err := replaceRunning(ctx, root, c.Path)
		switch {
		case errors.Is(err, otp.ErrNotFound):
			continue
		case err != nil:
			return made, err
		}
		made = append(made, r)
	}
	return made, nil
}

// replaceRunning waits until the child can be replaced.
func replaceRunning(ctx context.Context, root *otp.Root, path string) (Replacement, error) {
	tick := time.NewTicker(settle)
	defer tick.Stop()
	for {
		r, err := Replace(ctx, root, path)
		if !errors.Is(err, otp.ErrNotRunning) && !errors.Is(err, ErrReplacing) {
			return r, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return Replacement{}, fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}
