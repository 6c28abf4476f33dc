package port

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
	"github.com/seed-a8f20362/hadron/httpapp/secgroup"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Addresses gives ports their fixed IPs: *ipam.Allocator.
type Addresses interface {
	Allocate(tx *store.Tx, t ipam.Target, requests []ipam.Request) ([]neutron.FixedIP, error)
	Deferred(tx *store.Tx, t ipam.Target) (bool, error)
	CheckHost(tx *store.Tx, t ipam.Target, current []neutron.FixedIP) error
	Update(tx *store.Tx, t ipam.Target, current []neutron.FixedIP, requests []ipam.Request) ([]neutron.FixedIP, error)
	Release(tx *store.Tx, ips []neutron.FixedIP) error
}

// Options are what a Service needs. DefaultOptions has the defaults of neutron.conf.
type Options struct {
	// DB and Addresses are required.
	DB        *store.DB
	Addresses Addresses
	// BaseMAC is base_mac: generated addresses begin with its first three octets, or four when the fourth is not 00.
	BaseMAC string
	// DNSDomain is dns_domain. With its default, names of ports are not kept, as in Neutron.
	DNSDomain string
	// MaxAddressPairs is max_allowed_address_pair, the most allowed address pairs of one port; 0 for no limit.
	MaxAddressPairs int
	// AgentDownTime is agent_down_time: an agent whose last heartbeat is older is dead and binds nothing.
	AgentDownTime time.Duration
	// PortFilter is whether the openvswitch driver promises to filter: [securitygroup] enable_security_group.
	PortFilter bool
	// Routers is whether there is an L3 plugin, so that a port may be an interface of a router.
	Routers bool
	// Groups is how projects come by their default security groups.
	Groups secgroup.Standing
	// QoS says which rules of QoS policies can be enforced on ports.
	QoS qos.Drivers
	// Hooks hear of every change of ports, BindingHooks of those of what is below /ports/{id}/bindings; nil for nobody.
	Hooks        *callbacks.Hooks[neutron.Port]
	BindingHooks *callbacks.Hooks[HostBinding]
	// Children are more tables with rows of ports, of domains that this one does not know.
	Children []store.Child[neutron.Port]
	// Bridge names the bridge that a port is plugged into, "" for that of its host's agent; nil is always that.
	Bridge func(p *neutron.Port) string
	// Now, NewID and Random default to time.Now, random UUIDs and math/rand/v2. Random may be called concurrently.
	Now    func() time.Time
	NewID  func() string
	Random func() uint64
}

// DefaultOptions returns the defaults of neutron.conf.
func DefaultOptions() Options {
	return Options{
		BaseMAC:         "fa:16:3e:00:00:00",
		DNSDomain:       defaultDNSDomain,
		MaxAddressPairs: 10,
		AgentDownTime:   75 * time.Second,
		PortFilter:      true,
	}
}

// Service answers requests for ports. It is safe for concurrent use.
type Service struct {
	o        Options
	macs     macMaker
	listing  *store.Listing
	standard []column
	// sides are the tables with at most one row per port, and besides the same as lists read them.
	sides   []side
	besides []store.Side[neutron.Port]
	// childTables are the tables with any number of rows per port.
	childTables []store.Child[neutron.Port]
	// selectFull is the statement that reads one whole port.
	selectFull string
}

// New returns a Service. It refuses options that cannot work.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Addresses == nil {
		return nil, errors.New("port service: DB and Addresses are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Random == nil {
		o.Random = rand.Uint64
	}
	if o.DNSDomain != "" && !strings.HasSuffix(o.DNSDomain, ".") {
		o.DNSDomain += "."
	}
	macs, err := newMACMaker(o.BaseMAC, o.Random)
	if err != nil {
		return nil, fmt.Errorf("port service: %w", err)
	}
	s := &Service{o: o, macs: macs, listing: newListing(), standard: standardColumns(), sides: sides(), childTables: append(childTables(), o.Children...)}
	s.besides = beside(s.sides)
	s.selectFull = s.selectOne(neutron.Fields{})
	return s, nil
}

// Get returns one port, with the attributes that f wants.
func (s *Service) Get(ctx context.Context, rc *neutron.Context, id string, f neutron.Fields) (neutron.Port, error) {
	var p neutron.Port
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = s.load(tx, rc, id, f)
		return err
	})
	return p, err
}

// List returns the ports q asks for, in its order.
func (s *Service) List(ctx context.Context, rc *neutron.Context, q *neutron.Query) ([]neutron.Port, error) {
	var ports []neutron.Port
	err := s.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		ports, err = s.find(tx, rc, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list ports: %w", err)
	}
	if q.Reverse {
		slices.Reverse(ports)
	}
	return ports, nil
}

// find is List inside a transaction, in the order of the rows. Few ports are read as one is, with the sides joined; of many it costs
// less to read the sides by themselves.
func (s *Service) find(tx *store.Tx, rc *neutron.Context, q *neutron.Query) ([]neutron.Port, error) {
	columns, read, besides := columnsOf(q.Fields, s.standard), scan, s.besides
	if expectsFew(q) {
		columns, read, besides = s.joined(q.Fields), s.scanOne, nil
	}
	var ports []neutron.Port
	var places []int
	err := s.listing.RowsFor(tx, rc, q, columns, func(r *store.Row) error {
		ports, places = append(store.RoomFor(ports, r), neutron.Port{}), append(store.RoomFor(places, r), r.Place)
		return read(r, &ports[len(ports)-1])
	})
	if err != nil {
		return nil, err
	}
	return ports, s.related(tx, besides, ports, places, q.Fields)
}

// fewPorts is how many ports are few: with a page of 100 joins cost a quarter less than sides, with 1,000 ports a quarter more.
const fewPorts = 500

func expectsFew(q *neutron.Query) bool {
	return q.Limit > 0 && q.Limit < fewPorts || slices.ContainsFunc(q.Filters, func(f neutron.Filter) bool {
		return len(f.Values) < fewPorts && (f.Name == "id" || f.Name == "device_id" || f.Name == "mac_address")
	})
}

// Create makes all ports of in, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Port, error) {
	var ports []neutron.Port
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		ports = make([]neutron.Port, len(in))
		now := s.o.Now()
		for i, attrs := range in {
			var err error
			if ports[i], err = s.create(tx, rc, attrs, now); err != nil {
				return err
			}
		}
		return s.o.Hooks.Created(tx, rc, in, ports)
	})
	if err != nil {
		return nil, fmt.Errorf("create port: %w", err)
	}
	return ports, nil
}

// Update changes the attributes in in and returns the whole port.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Port, error) {
	var p neutron.Port
	err := s.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		p, err = s.change(tx, rc, id, in, false)
		return err
	})
	if err != nil {
		return neutron.Port{}, fmt.Errorf("update port %s: %w", id, err)
	}
	return p, nil
}

// Delete removes a port and gives its addresses back. Ports that a router or floating IP owns are refused.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := s.load(tx, rc, id, s.deleteFields())
		if err != nil {
			return err
		}
		if err := refuseOwned(tx, &p); err != nil {
			return err
		}
		return s.remove(tx, rc, &p)
	})
	if err != nil {
		return fmt.Errorf("delete port %s: %w", id, err)
	}
	return nil
}

// deleteFields are what deleting looks at: all that hooks do.
func (s *Service) deleteFields() neutron.Fields {
	if s.o.Hooks.HearsWhole(callbacks.Delete) {
		return neutron.Fields{}
	}
	return neutron.Fields{Names: []string{"fixed_ips"}}
}
