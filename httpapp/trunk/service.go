package trunk

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB, CheckSubPorts and Spell are required.
	DB *store.DB
	// CheckSubPorts is the attribute table's check of sub_ports, for the actions whose body no table describes.
	CheckSubPorts func(v any) error
	// Spell prints a value of a request as the texts of errors do.
	Spell func(v any) string
	// Hooks hear of every change of trunks, SubPortHooks of what subports come (Create) and go (Delete) by an action. Both may
	// be nil.
	Hooks        *callbacks.Hooks[neutron.Trunk]
	SubPortHooks *callbacks.Hooks[neutron.SubPortChange]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for trunks. It is safe for concurrent use.
type Service struct {
	callbacks.Resource[neutron.Trunk]
	o Options
}

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.CheckSubPorts == nil || o.Spell == nil {
		return nil, errors.New("trunk service: DB, CheckSubPorts and Spell are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{Resource: callbacks.NewResource(resource(o.DB), o.Hooks), o: o}, nil
}

// NotFound returns the 404 of a trunk.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "TrunkNotFound", "Trunk %s could not be found.", id)
}

// stateDown is the status of a trunk that no agent has wired, stateError that of one whose wiring failed.
const (
	stateDown  = "DOWN"
	stateError = "ERROR"
)

// stamp is the time of a change as the API shows it.
func (s *Service) stamp() time.Time { return s.o.Now().UTC().Truncate(time.Second) }

// Create makes all trunks of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Trunk, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.Trunk, error) { return s.create(tx, rc, a) })
}

const insertTrunk = `INSERT INTO trunks (id, project_id, name, port_id, status, admin_state_up, standard_attr_id)
	VALUES (?, ?, ?, ?, ?, ?, ?)`

func (s *Service) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.Trunk, error) {
	now := s.stamp()
	t := neutron.Trunk{ID: s.o.NewID(), ProjectID: a.String("project_id"), Name: a.String("name"), PortID: a.String("port_id"),
		Status: stateDown, AdminStateUp: a.Bool("admin_state_up")}
	t.Description, t.CreatedAt, t.UpdatedAt = a.String("description"), now, now
	subports, err := s.newSubPorts(tx, rc, &t, a.List("sub_ports"), true)
	if err != nil {
		return t, err
	}
	if t.Standard.ID, err = tx.NewStandard("trunks", t.Description, 0, now); err != nil {
		return t, err
	}
	_, err = tx.Exec(insertTrunk, t.ID, t.ProjectID, t.Name, t.PortID, t.Status, t.AdminStateUp, t.Standard.ID)
	if err != nil {
		return t, err
	}
	return t, join(tx, &t, subports)
}

// Update changes the name, the description or the administrative state.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Trunk, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, t *neutron.Trunk) error { return s.update(tx, t, in) })
}

const updateTrunk = `UPDATE trunks SET name = ?, admin_state_up = ? WHERE id = ?`

func (s *Service) update(tx *store.Tx, t *neutron.Trunk, in neutron.Attrs) error {
	was := *t
	if in.Has("name") {
		t.Name = in.String("name")
	}
	if in.Has("description") {
		t.Description = in.String("description")
	}
	if in.Has("admin_state_up") {
		t.AdminStateUp = in.Bool("admin_state_up")
	}
	if t.Name == was.Name && t.Description == was.Description && t.AdminStateUp == was.AdminStateUp {
		if !in.HasAny("name", "admin_state_up") {
			return nil
		}
		return s.touch(tx, t)
	}
	if _, err := tx.Exec(updateTrunk, t.Name, t.AdminStateUp, t.ID); err != nil {
		return err
	}
	if err := tx.Describe(t.Standard.ID, t.Description); err != nil {
		return err
	}
	return s.revise(tx, t)
}

func (s *Service) touch(tx *store.Tx, t *neutron.Trunk) error {
	t.UpdatedAt = s.stamp()
	return tx.Touch(t.Standard.ID, t.UpdatedAt)
}

func (s *Service) revise(tx *store.Tx, t *neutron.Trunk) error {
	t.Revision++
	t.UpdatedAt = s.stamp()
	return tx.Revise(t.Standard.ID, t.UpdatedAt)
}

// Delete removes a trunk whose parent is not plugged. Its subports are ports like any other then.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, checkUnplugged, func(tx *store.Tx, t *neutron.Trunk) error { return tx.DeleteStandard(t.Standard.ID) })
}

func checkUnplugged(tx *store.Tx, t *neutron.Trunk) error {
	if err := manageable(t); err != nil {
		return err
	}
	bound, err := isBound(tx, t.PortID)
	if err == nil && bound {
		err = neutron.NewError(neutron.Conflict, "TrunkInUse", "Trunk %s is currently in use.", t.ID)
	}
	return err
}

// manageable refuses what a trunk must be enabled for, its own end included (observed).
func manageable(t *neutron.Trunk) error {
	if t.AdminStateUp {
		return nil
	}
	return neutron.NewError(neutron.Conflict, "TrunkDisabled", "Trunk %s is currently disabled.", t.ID)
}
