package ml2

import (
	"errors"
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// driver is what the plugin needs of a network type.
type driver interface {
	// validate says whether a wish of this type can be fulfilled at all.
	validate(tx *store.Tx, w Wish) error
	// open reports whether the wish leaves the choice of a segment to the driver.
	open(w Wish) bool
	// reserve takes the segment of a validated wish for a project's network. ok is false when nothing that fits is free.
	reserve(tx *store.Tx, w Wish, project string) (s neutron.Segment, ok bool, err error)
	// allocate takes any free segment for a project's network. ok is false when there is none.
	allocate(tx *store.Tx, project string) (s neutron.Segment, ok bool, err error)
	// release gives a segment back.
	release(tx *store.Tx, s neutron.Segment) error
	// sync makes the allocation table fit the configured ranges.
	sync(tx *store.Tx) error
	// mtu is the greatest MTU on a physical network of this type, 0 when the type sets no bound.
	mtu(physical string) int64
}

// Plugin is the configured set of type drivers. It is safe for concurrent use: it never changes.
type Plugin struct {
	config  Config
	drivers map[string]driver
}

// New checks the configuration and returns its plugin. The error joins all that is wrong.
func New(c Config) (*Plugin, error) {
	errs := c.check()
	p := &Plugin{config: c, drivers: make(map[string]driver, len(c.TypeDrivers))}
	for _, t := range c.TypeDrivers {
		d, err := newDriver(&p.config, t)
		if err != nil {
			errs = append(errs, fmt.Errorf("ml2: %w", err))
			continue
		}
		p.drivers[t] = d
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return p, nil
}

func newDriver(c *Config, networkType string) (driver, error) {
	switch networkType {
	case Local:
		return localDriver{globalMTU: c.GlobalPhysnetMTU}, nil
	case Flat:
		return newFlat(c), nil
	case VLAN:
		return newVLAN(c)
	case VXLAN, GRE, Geneve:
		return newTunnel(c, networkType)
	}
	return nil, fmt.Errorf("[ml2] type_drivers: %q is not known (known: local, flat, vlan, vxlan, gre, geneve)", networkType)
}

// Sync makes the allocation tables fit the configured ranges: ids of new ranges appear as free, free ids outside of all
// ranges vanish, taken ids stay. What already fits is not written, so that a second start costs a few counts.
//
// Where ranges are kept in the database, those of the configuration become its default ranges first.
func (p *Plugin) Sync(tx *store.Tx) error {
	if p.config.StoredRanges {
		if err := p.storeDefaults(tx); err != nil {
			return fmt.Errorf("default segment ranges: %w", err)
		}
	}
	for _, t := range p.config.TypeDrivers {
		if err := p.drivers[t].sync(tx); err != nil {
			return fmt.Errorf("sync %s allocations: %w", t, err)
		}
	}
	return nil
}

// Take takes the segments of a project's new network: those of the checked wishes, or one for a project or external
// network when there are none. Nothing is free: NoNetworkAvailable.
func (p *Plugin) Take(tx *store.Tx, wishes []Wish, external bool, project string) ([]neutron.Segment, error) {
	if len(wishes) == 0 {
		s, err := p.takeAny(tx, external, project)
		if err != nil {
			return nil, err
		}
		return []neutron.Segment{s}, nil
	}
	segments := make([]neutron.Segment, 0, len(wishes))
	for i, w := range wishes {
		s, ok, err := p.drivers[*w.NetworkType].reserve(tx, w, project)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, errNoNetwork()
		}
		s.Index = int64(i)
		segments = append(segments, s)
	}
	return segments, nil
}

func (p *Plugin) takeAny(tx *store.Tx, external bool, project string) (neutron.Segment, error) {
	types := p.config.ProjectNetworkTypes
	if external && p.config.ExternalNetworkType != "" {
		types = []string{p.config.ExternalNetworkType}
	}
	for _, t := range types {
		s, ok, err := p.drivers[t].allocate(tx, project)
		if err != nil {
			return neutron.Segment{}, err
		}
		if ok {
			return s, nil
		}
	}
	return neutron.Segment{}, errNoNetwork()
}

// Release gives a segment back. One of a type that is no longer configured keeps its allocation, as in Neutron.
func (p *Plugin) Release(tx *store.Tx, s neutron.Segment) error {
	d, ok := p.drivers[s.NetworkType]
	if !ok {
		return nil
	}
	return d.release(tx, s)
}

// MTU returns the MTU of a network over segments that asks for requested, 0 asking for the greatest possible.
func (p *Plugin) MTU(segments []neutron.Segment, requested int64) (int64, error) {
	greatest := p.greatestMTU(segments)
	if requested == 0 {
		return greatest, nil
	}
	if greatest > 0 && requested > greatest {
		return 0, neutron.InvalidInput("Requested MTU is too big, maximum is %d", greatest)
	}
	return requested, nil
}

// greatestMTU is the MTU that fits through every segment, 0 for no bound.
func (p *Plugin) greatestMTU(segments []neutron.Segment) int64 {
	var least int64
	for _, s := range segments {
		d, ok := p.drivers[s.NetworkType]
		if !ok {
			continue
		}
		if m := d.mtu(s.PhysicalNetwork); m > 0 && (least == 0 || m < least) {
			least = m
		}
	}
	if least == 0 {
		return max(p.config.GlobalPhysnetMTU, 0)
	}
	return least
}

// leastPositive returns the lesser of those arguments that are positive, 0 when neither is.
func leastPositive(a, b int64) int64 {
	if a <= 0 {
		return max(b, 0)
	}
	if b <= 0 {
		return a
	}
	return min(a, b)
}
