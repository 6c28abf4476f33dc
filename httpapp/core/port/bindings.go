package port

import (
	"context"
	"database/sql"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// HostBinding is a port's binding to one host. One of a port is active; the others wait until their host takes the port
// over, as in a live migration.
type HostBinding struct {
	PortID, Host, VNICType, VIFType, Status string
	// Profile and VIFDetails are JSON objects.
	Profile, VIFDetails string
}

// The states of a binding.
const (
	bindingActive   = "ACTIVE"
	bindingInactive = "INACTIVE"
)

const (
	selectHostBindings = `SELECT host, vnic_type, vif_type, status, profile, vif_details FROM ml2_port_bindings
		WHERE port_id = ? ORDER BY host`
	insertHostBinding = `INSERT INTO ml2_port_bindings (port_id, host, vnic_type, profile, vif_type, vif_details, status)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	updateHostBinding = `UPDATE ml2_port_bindings SET host = ?, vnic_type = ?, profile = ?, vif_type = ?, vif_details = ?
		WHERE port_id = ? AND host = ?`
	retireBinding     = `UPDATE ml2_port_bindings SET status = 'INACTIVE', vif_type = 'unbound', vif_details = '' WHERE port_id = ? AND host = ?`
	activateBinding   = `UPDATE ml2_port_bindings SET status = 'ACTIVE' WHERE port_id = ? AND host = ?`
	deleteHostBinding = `DELETE FROM ml2_port_bindings WHERE port_id = ? AND host = ?`
)

// Bindings answers requests for what is below /ports/{id}/bindings. It is safe for concurrent use.
type Bindings struct{ ports *Service }

// NewBindings returns the bindings of s's ports.
func NewBindings(s *Service) *Bindings { return &Bindings{ports: s} }

// openPort is a port with its bindings inside one transaction.
type openPort struct {
	service *Service
	tx      *store.Tx
	rc      *neutron.Context
	port    neutron.Port
	all     []HostBinding
	// event is what happens to a binding.
	event callbacks.Event[HostBinding]
}

// open reads a port that may have several bindings, if the caller may see it.
func (b *Bindings) open(tx *store.Tx, rc *neutron.Context, id string) (*openPort, error) {
	p, err := b.ports.load(tx, rc, id, neutron.Fields{})
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.DeviceOwner, "compute:") && !strings.HasPrefix(p.DeviceOwner, "manila:") {
		return nil, neutron.NewError(neutron.BadRequest, "BadRequest",
			"Bad port request: Invalid port %s. Operation only valid on compute and shared filesystem ports.", id)
	}
	o := &openPort{service: b.ports, tx: tx, rc: rc, port: p}
	return o, o.read()
}

// read reads the bindings again.
func (o *openPort) read() error {
	o.all = nil
	return o.tx.Each(selectHostBindings, []any{o.port.ID}, func(rows *sql.Rows) error {
		var h HostBinding
		if err := rows.Scan(&h.Host, &h.VNICType, &h.VIFType, &h.Status, &h.Profile, &h.VIFDetails); err != nil {
			return err
		}
		h.PortID = o.port.ID
		h.Profile, h.VIFDetails = object(h.Profile), object(h.VIFDetails)
		if h.VIFType != vifUnbound && o.port.Trusted != nil {
			h.Profile = withMember(h.Profile, "trusted", *o.port.Trusted)
		}
		o.all = append(o.all, h)
		return nil
	})
}

// of returns the binding to a host, or nil.
func (o *openPort) of(host string) *HostBinding {
	for i := range o.all {
		if o.all[i].Host == host {
			return &o.all[i]
		}
	}
	return nil
}

// active returns the active binding, or nil.
func (o *openPort) active() *HostBinding {
	for i := range o.all {
		if o.all[i].Status == bindingActive {
			return &o.all[i]
		}
	}
	return nil
}

func (o *openPort) revise(times int) error {
	for range times {
		if err := o.tx.Revise(o.port.Standard.ID, o.service.o.Now()); err != nil {
			return err
		}
	}
	return nil
}

// List returns the bindings of a port, by host.
func (b *Bindings) List(ctx context.Context, rc *neutron.Context, id string) ([]HostBinding, error) {
	var all []HostBinding
	err := b.ports.o.DB.Read(ctx, func(tx *store.Tx) error {
		o, err := b.open(tx, rc, id)
		if err == nil {
			all = o.all
		}
		return err
	})
	return all, err
}

// Get returns the binding of a port to a host.
func (b *Bindings) Get(ctx context.Context, rc *neutron.Context, id, host string) (HostBinding, error) {
	var found HostBinding
	err := b.ports.o.DB.Read(ctx, func(tx *store.Tx) error {
		o, err := b.open(tx, rc, id)
		if err != nil {
			return err
		}
		return o.found(host, &found)
	})
	return found, err
}

// found copies the binding to a host, or says that there is none.
func (o *openPort) found(host string, to *HostBinding) error {
	h := o.of(host)
	if h == nil {
		return errNoBinding(o.port.ID, host)
	}
	*to = *h
	return nil
}

// begin tells what is about to happen to a binding, nil for a new one.
func (o *openPort) begin(op callbacks.Operation, in neutron.Attrs, h *HostBinding) error {
	o.event = callbacks.Event[HostBinding]{Operation: op, Context: o.rc, ID: o.port.ID, Request: in}
	if h != nil {
		old := *h
		o.event.Old = &old
	}
	return o.service.o.BindingHooks.Begin(o.tx, o.event)
}

// publish tells what has happened to the binding, now nil for one that is gone.
func (o *openPort) publish(now *HostBinding) error {
	o.event.New = now
	return o.service.o.BindingHooks.Publish(o.tx, o.event)
}

// change runs fn, which begins the event, in a transaction and returns the binding to the host that fn names.
func (b *Bindings) change(ctx context.Context, rc *neutron.Context, id string, fn func(o *openPort) (host string, err error)) (HostBinding, error) {
	var out HostBinding
	err := b.ports.o.DB.Write(ctx, func(tx *store.Tx) error {
		o, err := b.open(tx, rc, id)
		if err != nil {
			return err
		}
		host, err := fn(o)
		if err == nil {
			err = o.read()
		}
		if err != nil {
			return err
		}
		if err := o.found(host, &out); err != nil {
			return err
		}
		heard := out // the answer is the caller's
		return o.publish(&heard)
	})
	return out, err
}

// Create binds a port to another host: inactive, unless the port has no active binding.
func (b *Bindings) Create(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (HostBinding, error) {
	return b.change(ctx, rc, id, func(o *openPort) (string, error) {
		host := in.String("host")
		if o.of(host) != nil {
			return "", errBindingExists(id, host)
		}
		if err := o.begin(callbacks.Create, in, nil); err != nil {
			return "", err
		}
		status, revisions := bindingInactive, 1
		if o.active() == nil {
			status = bindingActive
			if host != "" {
				revisions = 3 // as another host does in an update of the port
			}
		}
		return host, o.withPort(status == bindingActive, func() error {
			h, err := o.bind(HostBinding{Host: host, VNICType: in.String("vnic_type"), Status: status}, in.Dict("profile"))
			if err != nil {
				return err
			}
			if _, err := o.tx.Exec(insertHostBinding, id, host, h.VNICType, h.Profile, h.VIFType, h.VIFDetails, status); err != nil {
				return err
			}
			return o.revise(revisions)
		})
	})
}

// withPort lets write change a binding. The one that is active is the port's own, which is told to change with it.
func (o *openPort) withPort(active bool, write func() error) error {
	if !active {
		return write()
	}
	return o.service.Changing(o.tx, o.rc, []string{o.port.ID}, write)
}

// bind binds the port for h, and refuses what cannot be bound.
func (o *openPort) bind(h HostBinding, profile map[string]any) (HostBinding, error) {
	text, err := profileText(profile)
	if err != nil {
		return h, err
	}
	w := wish{port: o.port.ID, standard: o.port.Standard.ID, network: o.port.NetworkID, host: h.Host, vnic: h.VNICType,
		profile: profile, bridge: o.service.bridge(&o.port), inactive: h.Status == bindingInactive}
	got, err := o.service.bind(o.tx, w, o.service.o.Now())
	if err == nil && got.vif == vifFailed {
		err = errNotBound(o.port.ID, h.Host)
	}
	h.Profile, h.VIFType, h.VIFDetails = text, got.vif, got.details
	return h, err
}

// Update changes a binding. The profile is what the request says, empty when it says nothing.
func (b *Bindings) Update(ctx context.Context, rc *neutron.Context, id, host string, in neutron.Attrs) (HostBinding, error) {
	return b.change(ctx, rc, id, func(o *openPort) (string, error) {
		h := o.of(host)
		if h == nil {
			return "", errNoBinding(id, host)
		}
		now := *h
		if in.Has("host") {
			now.Host = in.String("host")
		}
		if in.Has("vnic_type") {
			now.VNICType = in.String("vnic_type")
		}
		if now.Host != host && o.of(now.Host) != nil {
			return "", errBindingExists(id, now.Host)
		}
		if err := o.begin(callbacks.Update, in, h); err != nil {
			return "", err
		}
		if h.Status == bindingActive {
			return now.Host, o.withPort(true, func() error { return o.updateActive(rc, now, in.Dict("profile")) })
		}
		return now.Host, o.updateInactive(*h, now, in.Dict("profile"))
	})
}

// updateActive is an update of the port.
func (o *openPort) updateActive(rc *neutron.Context, h HostBinding, profile map[string]any) error {
	if profile == nil {
		profile = map[string]any{}
	}
	u := update{service: o.service, tx: o.tx, rc: rc, was: &o.port, now: o.service.o.Now(), in: neutron.Attrs{
		"binding:host_id": h.Host, "binding:vnic_type": h.VNICType, "binding:profile": profile}}
	if err := u.rebind(); err != nil {
		return err
	}
	if err := o.read(); err != nil {
		return err
	}
	if got := o.of(h.Host); got != nil && got.VIFType == vifFailed {
		return errNotBound(o.port.ID, h.Host)
	}
	return nil
}

// updateInactive binds anew for another host only: what is bound stays so, whatever else changes (observed).
func (o *openPort) updateInactive(was, h HostBinding, profile map[string]any) error {
	text, err := profileText(profile)
	if err != nil {
		return err
	}
	if h.Host == was.Host && h.VNICType == was.VNICType && text == profileOf(neutron.Binding{Profile: was.Profile}) {
		return nil
	}
	h.Profile = text
	if h.Host != was.Host || !plugged(was.VIFType) {
		if _, err := o.tx.Exec(deleteLevels, o.port.ID, was.Host, h.Host); err != nil {
			return err
		}
		if h, err = o.bind(h, profile); err != nil {
			return err
		}
	}
	_, err = o.tx.Exec(updateHostBinding, h.Host, h.VNICType, h.Profile, h.VIFType, h.VIFDetails, o.port.ID, was.Host)
	if err != nil {
		return err
	}
	return o.revise(1)
}

// Activate gives the port to the host of an inactive binding. The binding that was active is kept, unbound.
func (b *Bindings) Activate(ctx context.Context, rc *neutron.Context, id, host string) (HostBinding, error) {
	return b.change(ctx, rc, id, func(o *openPort) (string, error) {
		h, active := o.of(host), o.active()
		switch {
		case h == nil:
			return "", errNoBinding(id, host)
		case h.Status == bindingActive:
			return "", neutron.NewError(neutron.Conflict, "PortBindingAlreadyActive", "Binding for port %s on host %s is already active.", id, host)
		}
		if err := o.begin(callbacks.Update, nil, h); err != nil {
			return "", err
		}
		return host, o.withPort(true, func() error { return o.takeOver(active, h) })
	})
}

// takeOver gives the port from the binding that was active, nil for none, to h, and takes it down until the agent of its new host
// has wired it.
func (o *openPort) takeOver(active, h *HostBinding) error {
	if active != nil {
		if _, err := o.tx.Exec(retireBinding, o.port.ID, active.Host); err != nil {
			return err
		}
		if _, err := o.tx.Exec(deleteLevels, o.port.ID, active.Host, active.Host); err != nil {
			return err
		}
	}
	if _, err := o.tx.Exec(activateBinding, o.port.ID, h.Host); err != nil {
		return err
	}
	if plugged(h.VIFType) {
		if _, err := o.tx.Exec(insertBlock, o.port.Standard.ID, o.port.Standard.ID); err != nil {
			return err
		}
	}
	if _, err := o.tx.Exec(updateStatus, statusDown, o.port.ID); err != nil {
		return err
	}
	return o.revise(2)
}

// Delete removes a binding. What it was bound to is a revision of its own (observed).
func (b *Bindings) Delete(ctx context.Context, rc *neutron.Context, id, host string) error {
	return b.ports.o.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := b.ports.load(tx, rc, id, neutron.Fields{Names: []string{"id"}})
		if err != nil {
			return err
		}
		o := &openPort{service: b.ports, tx: tx, rc: rc, port: p}
		if err := o.read(); err != nil {
			return err
		}
		h := o.of(host)
		if h == nil {
			return errNoBinding(id, host)
		}
		if err := o.begin(callbacks.Delete, nil, h); err != nil {
			return err
		}
		if err := o.publish(nil); err != nil {
			return err
		}
		if _, err := tx.Exec(deleteHostBinding, id, host); err != nil {
			return err
		}
		levels, err := tx.Exec(deleteLevels, id, host, host)
		if err != nil {
			return err
		}
		return o.revise(1 + int(min(levels, 1)))
	})
}

func errNoBinding(port, host string) error {
	return neutron.NewError(neutron.NotFound, "PortBindingNotFound", "Binding for port %s for host %s could not be found.", port, host)
}

func errBindingExists(port, host string) error {
	return neutron.NewError(neutron.Conflict, "PortBindingAlreadyExists", "Binding for port %s on host %s already exists.", port, host)
}

// errNotBound is a 500 in Neutron, though nothing is wrong with the server.
func errNotBound(port, host string) error {
	return neutron.NewError(neutron.Conflict, "PortBindingError", "Binding for port %s on host %s could not be created or updated.", port, host)
}
