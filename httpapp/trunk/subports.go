package trunk

import (
	"context"
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// AddSubPorts is the action add_subports: the ports in body join the trunk.
func (s *Service) AddSubPorts(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.act(ctx, rc, id, w, callbacks.Create, func(tx *store.Tx, t *neutron.Trunk) ([]neutron.SubPort, error) {
		list, err := s.given(body)
		if err != nil {
			return nil, err
		}
		subports, err := s.newSubPorts(tx, rc, t, list, false)
		if err != nil {
			return nil, err
		}
		if err := manageable(t); err != nil {
			return nil, err
		}
		if t.Status == stateError {
			return nil, neutron.NewError(neutron.Conflict, "TrunkInErrorState", "Trunk %s is in error state. Attempt to resolve the "+
				"error condition before proceeding.", id)
		}
		return subports, nil
	}, join)
}

// RemoveSubPorts is the action remove_subports: the ports in body, all of which must be in the trunk, leave it.
func (s *Service) RemoveSubPorts(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.act(ctx, rc, id, w, callbacks.Delete, func(tx *store.Tx, t *neutron.Trunk) ([]neutron.SubPort, error) {
		if err := manageable(t); err != nil {
			return nil, err
		}
		list, err := s.given(body)
		if err != nil {
			return nil, err
		}
		return leaving(t, list)
	}, leave)
}

// SubPorts is the action get_subports.
func (s *Service) SubPorts(ctx context.Context, rc *neutron.Context, id string, _ any, w *wire.Buffer) error {
	t, err := s.Get(ctx, rc, id, neutron.Fields{Names: []string{"sub_ports"}})
	if err != nil {
		return err
	}
	w.Open('{')
	w.Key(0, "sub_ports")
	appendSubPorts(w, t.SubPorts)
	w.Close('}')
	return nil
}

// given returns the subports of an action's body. Neutron answers 500 to a body without them.
func (s *Service) given(body any) ([]any, error) {
	m, _ := body.(map[string]any)
	if err := s.o.CheckSubPorts(m["sub_ports"]); err != nil {
		return nil, err
	}
	return m["sub_ports"].([]any), nil
}

// act changes the subports of a trunk, those that pick returns, and answers with all of the trunk, as Neutron does without the
// key "trunk".
func (s *Service) act(ctx context.Context, rc *neutron.Context, id string, w *wire.Buffer, o callbacks.Operation,
	pick func(*store.Tx, *neutron.Trunk) ([]neutron.SubPort, error), write func(*store.Tx, *neutron.Trunk, []neutron.SubPort) error) error {
	var t neutron.Trunk
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if t, err = s.Load(tx, rc, id, neutron.Fields{}); err != nil {
			return err
		}
		subports, err := pick(tx, &t)
		if err != nil {
			return err
		}
		if len(subports) == 0 {
			return s.settle(tx, &t)
		}
		if err := s.o.SubPortHooks.Begin(tx, subPortEvent(rc, o, &t, subports)); err != nil {
			return err
		}
		if err := write(tx, &t, subports); err != nil {
			return err
		}
		if err := s.settle(tx, &t); err != nil {
			return err
		}
		return s.o.SubPortHooks.Publish(tx, subPortEvent(rc, o, &t, subports))
	})
	if err != nil {
		return err
	}
	w.Open('{')
	for i, f := range View() {
		w.Key(i, f.Name)
		f.Append(w, &t)
	}
	w.Close('}')
	return nil
}

func subPortEvent(rc *neutron.Context, o callbacks.Operation, t *neutron.Trunk, subports []neutron.SubPort) callbacks.Event[neutron.SubPortChange] {
	e := callbacks.Event[neutron.SubPortChange]{Operation: o, Context: rc, ID: t.ID}
	change := &neutron.SubPortChange{Trunk: *t, SubPorts: subports}
	if o == callbacks.Create {
		e.New = change
	} else {
		e.Old = change
	}
	return e
}

// settle is what a change of the subports is for the trunk itself: it is DOWN until an agent has wired it again. A trunk that
// was so has another updated_at, but no other revision, even when no subport came or went (observed).
func (s *Service) settle(tx *store.Tx, t *neutron.Trunk) error {
	if t.Status != stateDown {
		return s.down(tx, t)
	}
	return s.touch(tx, t)
}

const updateStatus = `UPDATE trunks SET status = ? WHERE id = ?`

func (s *Service) down(tx *store.Tx, t *neutron.Trunk) error {
	t.Status = stateDown
	if _, err := tx.Exec(updateStatus, t.Status, t.ID); err != nil {
		return err
	}
	return s.revise(tx, t)
}

// takeDown is down as an event of its own.
func (s *Service) takeDown(tx *store.Tx, rc *neutron.Context, t *neutron.Trunk) error {
	was := *t
	if err := s.down(tx, t); err != nil {
		return err
	}
	return s.Hooks.Updated(tx, rc, t.ID, neutron.Attrs{"status": stateDown}, &was, t)
}

const insertSubPort = `INSERT INTO subports (port_id, trunk_id, segmentation_type, segmentation_id) VALUES (?, ?, ?, ?)`

// join adds subports to a trunk.
func join(tx *store.Tx, t *neutron.Trunk, subports []neutron.SubPort) error {
	for _, p := range subports {
		_, err := tx.Exec(insertSubPort, p.PortID, t.ID, p.SegmentationType, p.SegmentationID)
		if store.Duplicate(err) {
			return neutron.NewError(neutron.Conflict, "DuplicateSubPort", "segmentation_type %s and segmentation_id %d already in use "+
				"on trunk %s.", p.SegmentationType, p.SegmentationID, t.ID)
		}
		if err != nil {
			return err
		}
	}
	t.SubPorts = slices.Concat(t.SubPorts, subports)
	return nil
}

const deleteSubPorts = `DELETE FROM subports WHERE trunk_id = ? AND port_id IN (SELECT value FROM json_each(?))`

// leaving returns the subports of a list that is to leave a trunk. What the list says of their segmentation is not looked at.
func leaving(t *neutron.Trunk, list []any) ([]neutron.SubPort, error) {
	rest := slices.Clone(t.SubPorts)
	var gone []neutron.SubPort
	for _, item := range list {
		id := neutron.Attrs(item.(map[string]any)).String("port_id")
		i := slices.IndexFunc(rest, func(p neutron.SubPort) bool { return p.PortID == id })
		if i < 0 {
			return nil, neutron.NewError(neutron.NotFound, "SubPortNotFound", "SubPort %s on trunk %s could not be found.", id, t.ID)
		}
		gone = append(gone, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return gone, nil
}

// leave takes subports out of a trunk.
func leave(tx *store.Tx, t *neutron.Trunk, gone []neutron.SubPort) error {
	var rest []neutron.SubPort
	for _, p := range t.SubPorts {
		if !slices.Contains(gone, p) {
			rest = append(rest, p)
		}
	}
	t.SubPorts = rest
	_, err := tx.Exec(deleteSubPorts, t.ID, store.IDs(gone, func(p *neutron.SubPort) string { return p.PortID }))
	return err
}
