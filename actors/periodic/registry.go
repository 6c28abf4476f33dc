package periodic

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// DefaultSpacing is that of a task which names none, and the longest that Registry.Run proposes to sleep.
const DefaultSpacing = 60 * time.Second

// jitterShare is the part of its spacing by which a run is at most delayed, so that many servers do not run in step.
const jitterShare = 1.0 / 20

// Task is work to be done about every Spacing.
type Task struct {
	Name string
	// Spacing between two runs: 0 is DefaultSpacing, negative is never.
	Spacing time.Duration
	// RunImmediately makes the first run the next pass of the registry instead of one Spacing later.
	RunImmediately bool
	// External marks work that another process may do; Options.RunExternal decides.
	External bool
	Disabled bool
	Run      func(ctx context.Context) error
}

// Options of a Registry. Zero values are those of DefaultOptions, but for RunExternal.
type Options struct {
	Now    func() time.Time
	Random func() float64 // in [0, 1)
	// RunExternal is run_external_periodic_tasks.
	RunExternal bool
	// RaiseOnError makes Run return the first error of a task instead of logging it.
	RaiseOnError bool
	Log          zerolog.Logger
}

// DefaultOptions returns the system's clock and randomness, and Neutron's defaults.
func DefaultOptions() Options {
	return Options{Now: time.Now, Random: rand.Float64, RunExternal: true}
}

// Registry knows periodic tasks and when each is due. It is safe for concurrent use: of two passes at the same time, one
// takes a task whose turn it is.
type Registry struct {
	class   string
	options Options

	mu    sync.Mutex
	tasks []*entry // guarded by mu; only grows
}

// entry is a task that is not skipped.
type entry struct {
	Task
	lastRun time.Time // guarded by Registry.mu; zero: is to run immediately
}

// NewRegistry returns an empty registry; class is the first part of its tasks' names in the log.
func NewRegistry(class string, o Options) *Registry {
	d := DefaultOptions()
	if o.Now == nil {
		o.Now = d.Now
	}
	if o.Random == nil {
		o.Random = d.Random
	}
	return &Registry{class: class, options: o}
}

// Add registers a task and reports whether it will run. A task that is disabled, or external and run elsewhere, is
// skipped without error.
func (r *Registry) Add(t Task) (bool, error) {
	if t.Name == "" || t.Run == nil {
		return false, fmt.Errorf("periodic: %s: task %q without name or function", r.class, t.Name)
	}
	if why := r.skip(t); why != "" {
		r.options.Log.Info().Msgf("Skipping periodic task %s because %s", t.Name, why)
		return false, nil
	}
	if t.Spacing == 0 {
		t.Spacing = DefaultSpacing
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.tasks {
		if e.Name == t.Name {
			return false, fmt.Errorf("periodic: %s: task %q is registered already", r.class, t.Name)
		}
	}
	e := &entry{Task: t}
	if !t.RunImmediately {
		e.lastRun = r.options.Now()
	}
	r.tasks = append(r.tasks, e)
	return true, nil
}

func (r *Registry) skip(t Task) string {
	switch {
	case t.Spacing < 0:
		return "its interval is negative"
	case t.Disabled:
		return "it is disabled"
	case t.External && !r.options.RunExternal:
		return "it is run by another process"
	}
	return ""
}

// Names returns the tasks that will run, in order.
func (r *Registry) Names() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := make([]string, len(r.tasks))
	for i, e := range r.tasks {
		names[i] = e.Name
	}
	return names
}

// Run makes one pass: it runs what is due, one after the other in order of registration, and returns how long to sleep
// until something may be due again. It ends early with ctx.
func (r *Registry) Run(ctx context.Context) (time.Duration, error) {
	r.mu.Lock()
	tasks := r.tasks
	r.mu.Unlock()
	idle := DefaultSpacing
	for _, e := range tasks {
		if ctx.Err() != nil {
			return idle, ctx.Err()
		}
		wait, due := r.claim(e)
		idle = min(idle, wait)
		if !due {
			continue
		}
		if err := r.runOne(ctx, e); err != nil {
			return idle, err
		}
	}
	return idle, nil
}

// claim reports whether e is due, and if so notes this turn, so that nobody else and no later incarnation takes it. wait
// is how long it is until the next one.
func (r *Registry) claim(e *entry) (wait time.Duration, due bool) {
	now := r.options.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !e.lastRun.IsZero() {
		if left := e.lastRun.Add(e.Spacing).Sub(now); left > 0 {
			return min(left, e.Spacing), false
		}
	}
	e.lastRun = NearestBoundary(now, e.lastRun, e.Spacing, r.options.Random())
	return e.Spacing, true
}

func (r *Registry) runOne(ctx context.Context, e *entry) error {
	name := r.class + "." + e.Name
	r.options.Log.Debug().Msgf("Running periodic task %s", name)
	err := e.Run(ctx)
	switch {
	case err == nil:
		return nil
	case r.options.RaiseOnError:
		return fmt.Errorf("periodic task %s: %w", name, err)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err // the pass is being stopped; this is no failure of the task
	}
	r.options.Log.Error().Err(err).Msgf("Error during %s", name)
	return nil
}

// NearestBoundary returns what counts as the last run of a task that is run now: the latest multiple of spacing since
// last, so that a late run does not push the later ones, plus 0 to 5 % of spacing, in whole seconds, as random in [0, 1)
// says. A task that has never run counts from now.
func NearestBoundary(now, last time.Time, spacing time.Duration, random float64) time.Time {
	if last.IsZero() {
		return now
	}
	offset := now.Sub(last) % spacing
	if offset < 0 {
		offset += spacing
	}
	jitter := time.Duration(spacing.Seconds()*random*jitterShare) * time.Second
	return now.Add(jitter - offset)
}
