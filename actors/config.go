package actors

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Config is the actor that holds the configuration. On Reload it reads every file again, checks everything before
// anything changes, and has the difference applied; when any of that fails, everything stays as it was.
type Config struct {
	// Load reads and checks the configuration as it is now on disk.
	Load func() (*conf.Snapshot, error)
	// Apply does everything on the way from old to next that can fail, and undoes it when it does. Commit is the rest:
	// it is called when next is in force, so that nobody who reads the Snapshot from then on undoes the reload. Its error says
	// who does not have next; it is the outcome of the reload, and next is in force all the same.
	Apply func(ctx context.Context, old, next *conf.Snapshot) (commit func() error, err error)
	// Fit, when set, brings the tree to the size that is wanted; it shares this actor so that it never runs beside a reload.
	Fit func(context.Context) error
	// Done, when set, is told how each reload went.
	Done func(error)
	Log  zerolog.Logger

	snapshot  atomic.Pointer[conf.Snapshot]
	reloads   atomic.Int64
	announced atomic.Bool
}

// NewConfig returns the actor's shared part, with first as the configuration in force.
func NewConfig(first *conf.Snapshot) *Config {
	c := &Config{}
	c.snapshot.Store(first)
	return c
}

// Child returns the actor of one incarnation. The configuration in force outlives it.
func (c *Config) Child(otp.Incarnation) otp.Child { return &configuring{Config: c} }

// Snapshot is the configuration in force.
func (c *Config) Snapshot() *conf.Snapshot { return c.snapshot.Load() }

// Reloads counts the reloads that were applied.
func (c *Config) Reloads() int64 { return c.reloads.Load() }

// Refit asks the config actor to call Fit. The outcome is sent to Reply when that is not nil; it needs room for one value.
type Refit struct{ Reply chan<- error }

// Reload asks the config actor to read everything again. The outcome is sent to Reply when that is not nil; it needs
// room for one value.
type Reload struct {
	Reply chan<- error
	// Announced says that Announce has allowed it.
	Announced bool
}

// Renew asks the config actor to put into force what Next makes of the configuration that is. Everything is checked and applied as
// at a Reload. The outcome is sent to Reply, which needs room for one value.
type Renew struct {
	Reply chan<- error
	Next  func(inForce *conf.Snapshot) (*conf.Snapshot, error)
}

// Do asks the config actor to run something that must not happen beside a reload. The outcome is sent to Reply, which needs
// room for one value.
type Do struct {
	Reply chan<- error
	Work  func(context.Context) error
}

// Announce says that an announced Reload is about to be sent. False means that one is on its way whose reading of the files
// has not begun: then there is no need for another.
func (c *Config) Announce() bool { return c.announced.CompareAndSwap(false, true) }

type configuring struct {
	*Config
	ctx otp.Context
}

// Init remembers the context that ends with this incarnation. What the former one was to do may be lost, and the tree it is
// restarted with has the size of the boot: a later incarnation begins with both.
func (c *configuring) Init(ctx otp.Context) error {
	c.ctx = ctx
	if ctx.Incarnation().N > 1 {
		if c.announced.Load() {
			c.tell(Reload{Announced: true})
		}
		if c.Fit != nil {
			c.tell(Refit{})
		}
	}
	return nil
}

// tell puts a message behind those that are in the mailbox.
func (c *configuring) tell(message any) { c.ctx.Root().System().Root.Send(c.ctx.Self(), message) }

// Receive reloads. It reads files and builds an application on its own goroutine: reloads are meant to come one after
// the other, and nobody else needs this mailbox.
func (c *configuring) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case Reload:
		c.receiveReload(m)
	case Renew:
		c.replace(m.Reply, func() (*conf.Snapshot, error) { return m.Next(c.Snapshot()) })
	case Refit:
		c.receiveRefit(m)
	case Do:
		c.receiveDo(m)
	}
}

func (c *configuring) receiveRefit(r Refit) {
	err := errCrashed
	defer func() { // also when this actor fails in the middle of it
		if r.Reply != nil {
			r.Reply <- err
		}
	}()
	if err = c.Fit(c.ctx); err != nil {
		c.Log.Error().Err(err).Msg("the server does not have the size that is wanted")
	}
}

func (c *configuring) receiveDo(d Do) {
	err := errCrashed
	defer func() { d.Reply <- err }() // also when this actor fails in the middle of it
	err = d.Work(c.ctx)
}

func (c *configuring) receiveReload(r Reload) {
	if r.Announced && !c.announced.Swap(false) {
		return // done already: it came twice, from its sender and from Init
	}
	c.replace(r.Reply, c.Load)
}

// replace puts what load returns into force, and tells reply how that went when it is not nil.
func (c *configuring) replace(reply chan<- error, load func() (*conf.Snapshot, error)) {
	err := errCrashed
	defer func() { // also when this actor fails in the middle of it
		if c.Done != nil {
			c.Done(err)
		}
		if reply != nil {
			reply <- err
		}
	}()
	err = c.reload(load)
}

var errCrashed = errors.New("the config actor failed, see the log")

func (c *configuring) reload(load func() (*conf.Snapshot, error)) error {
	var commit func() error
	next, err := load()
	if err == nil {
		commit, err = c.Apply(c.ctx, c.Snapshot(), next)
	}
	if err != nil {
		c.Log.Error().Err(err).Msg("reload failed, the configuration in force stays")
		return err
	}
	c.snapshot.Store(next)
	err = commit()
	c.reloads.Add(1)
	if err != nil {
		c.Log.Error().Err(err).Msg("reload incomplete")
	}
	return err
}

// Terminate has nothing to do.
func (c *configuring) Terminate(error) {}
