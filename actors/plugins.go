package actors

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors/periodic"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// KindPeriodic is the kind of plugin workers that run something again and again.
const KindPeriodic = "periodic"

// Plugins describes the children of the supervisor plugins (one_for_one): what Neutron's plugins do beside the API, each
// a loop of its own that an error does not end. As in Neutron they get no AFTER_INIT. Nil parts are left out.
type Plugins struct {
	// Agents are looked at every half agent_down_time; DownTime is that option.
	Agents   *agents.Service
	DownTime func() time.Duration
	// Reservations is the database to remove expired reservations from.
	Reservations func() *store.DB
	// Tasks run every Interval (periodic_interval), the first time after up to FuzzyDelay (periodic_fuzzy_delay). A
	// domain has its periodic work done by an Add to it before the tree starts.
	Tasks                *periodic.Registry
	Interval, FuzzyDelay time.Duration

	Now     func() time.Time
	Random  func() float64 // in [0, 1); nil is that of math/rand
	Backoff otp.Backoff
	Log     zerolog.Logger
}

// NewPlugins takes them from a configuration: agents always, reservations where the quota driver leaves them to a worker,
// and an empty registry of tasks.
func NewPlugins(
	s func() *conf.Snapshot, a *agents.Service, db func() *store.DB, now func() time.Time, log zerolog.Logger,
) *Plugins {
	first := s()
	p := &Plugins{
		Agents: a, DownTime: func() time.Duration { return s().Seconds(conf.AgentDownTime) },
		Interval: first.Seconds(conf.PeriodicInterval), FuzzyDelay: first.Seconds(conf.PeriodicFuzzyDelay),
		Now: now, Log: log,
	}
	if first.Text(conf.QuotaDriver) == quota.DriverNoLock {
		p.Reservations = db
	}
	o := periodic.DefaultOptions()
	o.Now, o.RunExternal, o.Log = now, first.Bool(conf.RunExternalPeriodicTasks), log
	p.Tasks = periodic.NewRegistry("Plugins", o)
	return p
}

// Children returns agent-health, quota-cleaner and, when there is any task, periodic-tasks.
func (p *Plugins) Children() []otp.ChildSpec {
	if p.Random == nil {
		p.Random = rand.Float64
	}
	var children []otp.ChildSpec
	if p.Agents != nil {
		children = append(children, p.child("agent-health", p.agentHealth))
	}
	if p.Reservations != nil {
		children = append(children, p.child("quota-cleaner", p.quotaCleaner().Child(
			p.named("DbQuotaNoLockDriver._remove_expired_reservations"), p.removeReservations)))
	}
	if p.Tasks != nil && len(p.Tasks.Names()) > 0 {
		tasks := &periodic.Worker{
			Registry: p.Tasks, Interval: p.Interval, FuzzyDelay: p.FuzzyDelay, Random: p.Random, Log: p.Log,
		}
		children = append(children, p.child("periodic-tasks", tasks.Child))
	}
	return children
}

func (p *Plugins) child(id string, start func(otp.Incarnation) otp.Child) otp.ChildSpec {
	return otp.ChildSpec{ID: id, Kind: KindPeriodic, New: start, Backoff: p.Backoff}
}

func (p *Plugins) named(function string) periodic.Named {
	return periodic.Named{Name: function, Log: p.Log}
}

// agentHealth is ML2's check. A change of agent_down_time moves what counts as dead at once, and the interval with the
// next incarnation.
func (p *Plugins) agentHealth(inc otp.Incarnation) otp.Child {
	loop := healthLoop(p.DownTime(), p.Random())
	return loop.Child(p.named("AgentDbMixin.agent_health_check"), p.Agents.CheckHealth)(inc)
}

// healthLoop runs every half down time in whole seconds, the first time after one to two such intervals: agents shall have
// had time to report to a server that has just started, and several servers not run in step.
func healthLoop(down time.Duration, random float64) periodic.FixedInterval {
	half := max((down / 2).Truncate(time.Second), time.Second)
	return periodic.FixedInterval{
		Interval: half, InitialDelay: half + periodic.FuzzyDelay(half, random), KeepGoing: true,
	}
}

// quotaCleaner runs once per life of a reservation.
func (p *Plugins) quotaCleaner() periodic.FixedInterval {
	return periodic.FixedInterval{
		Interval: quota.ReservationTimeout, InitialDelay: quota.ReservationTimeout, KeepGoing: true,
	}
}

func (p *Plugins) removeReservations(ctx context.Context) error {
	db := p.Reservations()
	if db == nil {
		return neutron.NewError(neutron.Unavailable, "ServiceUnavailable", "The database is not available.")
	}
	removed, err := quota.RemoveExpired(ctx, db, p.Now())
	if removed > 0 {
		p.Log.Debug().Int64("reservations", removed).Msg("expired reservations were removed")
	}
	return err
}
