package l3

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// interfaceEvent is about an interface of the router.
func (c *change) interfaceEvent(o callbacks.Operation, i *interfaceInfo) callbacks.Event[neutron.RouterInterface] {
	v := &neutron.RouterInterface{RouterID: c.id, ProjectID: c.was.ProjectID, Port: i.port, SubnetIDs: i.subnetIDs}
	e := callbacks.Event[neutron.RouterInterface]{Operation: o, Context: c.rc, ID: c.id}
	if o == callbacks.Create {
		e.New = v
	} else {
		e.Old = v
	}
	return e
}

// joining tells of an interface that is about to come.
func (c *change) joining(i *interfaceInfo) error {
	if !c.service.o.Hooks.Interfaces.Told(callbacks.Create) {
		return nil
	}
	return c.service.o.Hooks.Interfaces.Begin(c.tx, c.interfaceEvent(callbacks.Create, i))
}

// joined tells of an interface that has come.
func (c *change) joined(i *interfaceInfo) error {
	if !c.service.o.Hooks.Interfaces.Heard(callbacks.Create) {
		return nil
	}
	return c.service.o.Hooks.Interfaces.Publish(c.tx, c.interfaceEvent(callbacks.Create, i))
}

// leave tells of an interface that goes by do.
func (c *change) leave(i *interfaceInfo, do func() error) error {
	hooks := c.service.o.Hooks.Interfaces
	if !hooks.HearsWhole(callbacks.Delete) {
		return do()
	}
	if err := hooks.Begin(c.tx, c.interfaceEvent(callbacks.Delete, i)); err != nil {
		return err
	}
	e := c.interfaceEvent(callbacks.Delete, i)
	if err := hooks.Precommit(c.tx, e); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	hooks.Afterwards(c.tx, e)
	return nil
}

// gatewayEvent is about the gateway that the router has, or will have.
func (c *change) gatewayEvent(o callbacks.Operation, was, now *neutron.RouterGateway) callbacks.Event[neutron.RouterGateway] {
	return callbacks.Event[neutron.RouterGateway]{Operation: o, Context: c.rc, ID: c.id, Old: was, New: now}
}

func (c *change) gateway(network, port string, ips []neutron.FixedIP) *neutron.RouterGateway {
	return &neutron.RouterGateway{RouterID: c.id, ProjectID: c.was.ProjectID, NetworkID: network, PortID: port, FixedIPs: slices.Clone(ips)}
}

// formerGateway is the gateway as it was.
func (c *change) formerGateway() *neutron.RouterGateway {
	return c.gateway(c.was.GatewayNetworkID, c.was.GatewayPortID, c.was.GatewayIPs)
}

// withGateway tells of what do makes of the router's gateway. do returns the gateway as it is then, nil for none.
func (c *change) withGateway(o callbacks.Operation, was, coming *neutron.RouterGateway, do func() (*neutron.RouterGateway, error)) error {
	hooks := c.service.o.Hooks.Gateways
	if err := hooks.Begin(c.tx, c.gatewayEvent(o, was, coming)); err != nil {
		return err
	}
	e := c.gatewayEvent(o, was, nil)
	if o == callbacks.Delete { // while it is still there
		if err := hooks.Precommit(c.tx, e); err != nil {
			return err
		}
	}
	now, err := do()
	if err != nil {
		return err
	}
	if e.New = now; o != callbacks.Delete {
		if err := hooks.Precommit(c.tx, e); err != nil {
			return err
		}
	}
	hooks.Afterwards(c.tx, e)
	return nil
}

// associationOf is where a floating IP leads, nil for nowhere.
func associationOf(ip *neutron.FloatingIP) *neutron.FloatingAssociation {
	if ip.PortID == "" {
		return nil
	}
	return &neutron.FloatingAssociation{FloatingIPID: ip.ID, Address: ip.Address, NetworkID: ip.NetworkID,
		PortID: ip.PortID, FixedAddress: ip.FixedAddress, RouterID: ip.RouterID}
}

// associate tells of another association of a floating IP, which write makes. nil is none.
func associate(tx *store.Tx, rc *neutron.Context, hooks *callbacks.Hooks[neutron.FloatingAssociation], id string,
	was, now *neutron.FloatingAssociation, write func() error) error {
	e := callbacks.Event[neutron.FloatingAssociation]{Operation: callbacks.Update, Context: rc, ID: id, Old: was, New: now}
	switch {
	case was == nil && now == nil, was != nil && now != nil && *was == *now:
		return write()
	case was == nil:
		e.Operation = callbacks.Create
	case now == nil:
		e.Operation = callbacks.Delete
	}
	if err := hooks.Begin(tx, e); err != nil {
		return err
	}
	if now == nil { // while it is still there
		if err := hooks.Publish(tx, e); err != nil {
			return err
		}
		return write()
	}
	if err := write(); err != nil {
		return err
	}
	return hooks.Publish(tx, e)
}
