package otp

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// Restart says which ends of a child are followed by a restart.
type Restart uint8

const (
	// Permanent children are always restarted, also after a normal exit.
	Permanent Restart = iota
	// Transient children are restarted only after a failure.
	Transient
	// Temporary children are never restarted; once ended, by themselves or with their siblings, they are forgotten.
	Temporary
)

// String returns the name as OTP spells it.
func (r Restart) String() string {
	switch r {
	case Permanent:
		return "permanent"
	case Transient:
		return "transient"
	case Temporary:
		return "temporary"
	}
	return fmt.Sprintf("restart(%d)", uint8(r))
}

// Special values of ChildSpec.Shutdown and ChildSpec.StartTimeout, and the defaults that a zero stands for.
const (
	// Brutal as Shutdown: Terminate is not called and queued messages are dropped. The message being processed
	// cannot be interrupted, so the supervisor still waits BrutalGrace before it calls the child leaked.
	Brutal time.Duration = -1
	// Infinity waits without limit.
	Infinity time.Duration = math.MaxInt64

	// DefaultShutdown is the time a worker has to stop, as in OTP. Nested supervisors have Infinity, because each of
	// their children has a limit of its own.
	DefaultShutdown = 5 * time.Second
	// DefaultStartTimeout is the time a worker has to acknowledge its start. Nested supervisors have Infinity.
	DefaultStartTimeout = 30 * time.Second
	// BrutalGrace is how long a brutal stop, or a stop in a hurry, waits for the message in progress.
	BrutalGrace = 100 * time.Millisecond
)

// Defaults of Spec, as in OTP, and the value that forbids restarts.
const (
	DefaultIntensity = 1
	DefaultPeriod    = 5 * time.Second
	// NoRestarts as Spec.Intensity: the first failure that asks for a restart makes the supervisor give up.
	NoRestarts = -1
)

// Kinds that a zero ChildSpec.Kind stands for.
const (
	KindWorker     = "worker"
	KindSupervisor = "supervisor"
)

// ChildSpec describes one child. It is plain data: the same value may be started many times, in many trees.
type ChildSpec struct {
	// ID names the child among its siblings; it becomes the last element of its path. Without '/' and '~'.
	ID string
	// New makes the child for one incarnation. It runs on the child's own goroutine, right before Init, and a panic
	// in it is a failed start. Exactly one of New and Sup is set.
	New func(inc Incarnation) Child
	// Sup makes the child a nested supervisor.
	Sup *Spec
	// Restart is the restart type; zero is Permanent.
	Restart Restart
	// StartTimeout limits New and Init. Zero is DefaultStartTimeout, for a nested supervisor Infinity.
	StartTimeout time.Duration
	// Shutdown is a duration, Brutal or Infinity. Zero is DefaultShutdown, for a nested supervisor Infinity.
	Shutdown time.Duration
	// Backoff delays restarts; zero restarts at once.
	Backoff Backoff
	// Forgive says of the reason of a failure that its cause lies outside of what is supervised, such as a process
	// killed by an operator: the restart does not count towards the intensity of the supervisor and knows no
	// back-off. What limits such restarts is the child's own business, for example a throttle in its Init. Only
	// failures of a running child are asked about: a normal exit is none, and a restart that cannot start counts
	// as ever. It runs on the supervisor's goroutine; a panic in it is that of the supervisor. Nil forgives nothing.
	Forgive func(reason error) bool
	// Props are handed to protoactor: an own dispatcher, middleware or mailbox. Not for nested supervisors.
	Props []actor.PropsOption
	// Mailbox makes the mailbox of each incarnation; nil is protoactor's unbounded one, or that of Props. A mailbox
	// given here is one whose length snapshots can show (Node.Mailbox): they call its UserMessageCount, which must
	// not wait. Not for nested supervisors.
	Mailbox actor.MailboxProducer
	// Kind is free text for events and snapshots; zero is KindWorker or KindSupervisor.
	Kind string
}

// Backoff is an exponential delay between restarts: Min, 2*Min, 4*Min ... at most Max, each spread by Jitter. It begins
// anew once a child has run for longer than Max.
type Backoff struct {
	// Min is the delay before the first restart; zero means no delay at all.
	Min time.Duration
	// Max bounds the delay; zero means Min.
	Max time.Duration
	// Jitter spreads each delay evenly over delay*(1-Jitter) ... delay*(1+Jitter); from 0 to 1.
	Jitter float64
}

// Delay returns the pause before the restart number attempt (from 0). random is in [0, 1).
func (b Backoff) Delay(attempt int, random float64) time.Duration {
	d := b.Min
	for range attempt {
		if d >= b.Max/2 {
			d = max(b.Min, b.Max)
			break
		}
		d *= 2
	}
	return time.Duration(float64(d) * (1 + b.Jitter*(2*random-1)))
}

// Spec describes a supervisor and its children.
type Spec struct {
	// Strategy decides who is restarted along with a failed child; nil is OneForOne.
	Strategy Strategy
	// Intensity is the number of restarts allowed within Period. Zero is DefaultIntensity; NoRestarts allows none.
	Intensity int
	// Period is the sliding window of Intensity; zero is DefaultPeriod.
	Period time.Duration
	// Children are started in this order. Under a dynamic strategy (SimpleOneForOne) the only element is the
	// template of all children.
	Children []ChildSpec
	// Instances is for dynamic strategies: how many children named <template>-1, <template>-2 ... start with the
	// supervisor.
	Instances int
	// OnEvent receives the events of this supervisor and of its direct children. It runs on the supervisor's
	// goroutine and must not block; a panic in it is recovered and logged.
	OnEvent func(Event)
}

// withDefaults returns a copy with every zero replaced; validate has passed before.
func (s Spec) withDefaults() Spec {
	if s.Strategy == nil {
		s.Strategy = OneForOne
	}
	switch {
	case s.Intensity == 0:
		s.Intensity = DefaultIntensity
	case s.Intensity < 0:
		s.Intensity = 0
	}
	if s.Period == 0 {
		s.Period = DefaultPeriod
	}
	return s
}

func (c ChildSpec) withDefaults() ChildSpec {
	kind, start, stop := KindWorker, DefaultStartTimeout, DefaultShutdown
	if c.Sup != nil {
		kind, start, stop = KindSupervisor, Infinity, Infinity
	}
	if c.Kind == "" {
		c.Kind = kind
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = start
	}
	if c.Shutdown == 0 {
		c.Shutdown = stop
	}
	return c
}

// initial returns the specs of the children that start with the supervisor.
func (s Spec) initial() []ChildSpec {
	if !isDynamic(s.Strategy) {
		return s.Children
	}
	specs := make([]ChildSpec, s.Instances)
	for i := range specs {
		specs[i] = s.Children[0]
		specs[i].ID = fmt.Sprintf("%s-%d", s.Children[0].ID, i+1)
	}
	return specs
}

// Validate reports the first mistake in the spec, named by the path below path.
func (s Spec) Validate(path string) error {
	if s.Intensity < NoRestarts {
		return fmt.Errorf("otp: %s: Intensity %d is negative", path, s.Intensity)
	}
	if s.Period < 0 {
		return fmt.Errorf("otp: %s: Period %s is negative", path, s.Period)
	}
	if isDynamic(s.Strategy) && len(s.Children) != 1 {
		return fmt.Errorf("otp: %s: strategy %s needs exactly one child as template, not %d",
			path, s.Strategy.Name(), len(s.Children))
	}
	if s.Instances < 0 || s.Instances > 0 && !isDynamic(s.Strategy) {
		return fmt.Errorf("otp: %s: Instances %d: only a dynamic strategy has instances", path, s.Instances)
	}
	if isDynamic(s.Strategy) {
		if shared := s.Children[0].alternator(path); shared != "" {
			return fmt.Errorf("otp: %s: its strategy has a state, which all instances of a template would share", shared)
		}
	}
	seen := make(map[string]bool, len(s.Children))
	for _, c := range s.Children {
		if err := c.validate(path); err != nil {
			return err
		}
		if seen[c.ID] {
			return fmt.Errorf("otp: %s/%s: %w", path, c.ID, ErrDuplicate)
		}
		seen[c.ID] = true
	}
	return nil
}

func (c ChildSpec) validate(parent string) error {
	if err := validName(c.ID); err != nil {
		return fmt.Errorf("otp: %s: child ID %q: %w", parent, c.ID, err)
	}
	path := parent + "/" + c.ID
	if err := c.validLimits(); err != nil {
		return fmt.Errorf("otp: %s: %w", path, err)
	}
	if c.Sup != nil {
		return c.Sup.Validate(path)
	}
	return nil
}

// alternator is the path of the first supervisor from c down whose Strategy is an Alternator.
func (c ChildSpec) alternator(parent string) string {
	if c.Sup == nil {
		return ""
	}
	path := parent + "/" + c.ID
	if _, ok := c.Sup.Strategy.(Alternator); ok {
		return path
	}
	for _, below := range c.Sup.Children {
		if found := below.alternator(path); found != "" {
			return found
		}
	}
	return ""
}

func (c ChildSpec) validLimits() error {
	switch {
	case (c.New == nil) == (c.Sup == nil):
		return errors.New("exactly one of New and Sup must be set")
	case c.Sup != nil && (len(c.Props) > 0 || c.Mailbox != nil):
		return errors.New("Props and Mailbox are not for nested supervisors")
	case c.Restart > Temporary:
		return fmt.Errorf("unknown restart type %d", c.Restart)
	case c.StartTimeout < 0:
		return fmt.Errorf("StartTimeout %s is negative", c.StartTimeout)
	case c.Shutdown < Brutal:
		return fmt.Errorf("Shutdown %s is negative", c.Shutdown)
	case c.Backoff.Min < 0 || c.Backoff.Max < 0:
		return fmt.Errorf("Backoff from %s to %s is negative", c.Backoff.Min, c.Backoff.Max)
	case !(c.Backoff.Jitter >= 0 && c.Backoff.Jitter <= 1):
		return fmt.Errorf("Backoff.Jitter %v is not within 0 and 1", c.Backoff.Jitter)
	}
	return nil
}

// validName keeps '/' for paths and '~' for the successors of leaked children.
func validName(name string) error {
	if name == "" {
		return errors.New("is empty")
	}
	if strings.ContainsAny(name, "/~") {
		return errors.New("contains '/' or '~'")
	}
	return nil
}
