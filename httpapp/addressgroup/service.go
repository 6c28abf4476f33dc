package addressgroup

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB is required.
	DB *store.DB
	// Hooks hear of every change; nil for nobody.
	Hooks *callbacks.Hooks[neutron.AddressGroup]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for address groups. It is safe for concurrent use.
type Service struct {
	callbacks.Resource[neutron.AddressGroup]
	now   func() time.Time
	newID func() string
}

// New returns a Service on the given database.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{Resource: callbacks.NewResource(resource(o.DB), o.Hooks), now: o.Now, newID: o.NewID}
}

// NotFound returns the 404 of an address group.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "AddressGroupNotFound", "Address group %s could not be found.", id)
}

// stamp is the time of a change as the API shows it.
func (s *Service) stamp() time.Time { return s.now().UTC().Truncate(time.Second) }

// Create makes all address groups of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.AddressGroup, error) {
	return s.CreateEach(ctx, rc, in, s.create)
}

const insertGroup = `INSERT INTO address_groups (id, project_id, name, standard_attr_id) VALUES (?, ?, ?, ?)`

func (s *Service) create(tx *store.Tx, a neutron.Attrs) (neutron.AddressGroup, error) {
	now := s.stamp()
	g := neutron.AddressGroup{
		ID: s.newID(), ProjectID: a.String("project_id"), Name: a.String("name"),
		Standard: neutron.Standard{Description: a.String("description"), CreatedAt: now, UpdatedAt: now},
	}
	addresses, err := canonical(a.List("addresses"))
	if err != nil {
		return g, err
	}
	g.Revision = int64(len(addresses))
	if g.Standard.ID, err = tx.NewStandard("address_groups", g.Description, g.Revision, now); err != nil {
		return g, err
	}
	if _, err := tx.Exec(insertGroup, g.ID, g.ProjectID, g.Name, g.Standard.ID); err != nil {
		return g, err
	}
	return g, add(tx, &g, addresses)
}

// Update changes the name and the description.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.AddressGroup, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, g *neutron.AddressGroup) error { return s.update(tx, g, in) })
}

func (s *Service) update(tx *store.Tx, g *neutron.AddressGroup, in neutron.Attrs) error {
	name, description := g.Name, g.Description
	if in.Has("name") {
		g.Name = in.String("name")
	}
	if in.Has("description") {
		g.Description = in.String("description")
	}
	if g.Name == name && g.Description == description {
		if !in.Has("name") {
			return nil
		}
		g.UpdatedAt = s.stamp()
		return tx.Touch(g.Standard.ID, g.UpdatedAt)
	}
	if _, err := tx.Exec(`UPDATE address_groups SET name = ? WHERE id = ?`, g.Name, g.ID); err != nil {
		return err
	}
	if err := tx.Describe(g.Standard.ID, g.Description); err != nil {
		return err
	}
	return s.revise(tx, g, 1)
}

const addRevisions = `UPDATE standardattributes SET revision_number = revision_number + ?, updated_at = ? WHERE id = ?`

// revise counts changes of a group.
func (s *Service) revise(tx *store.Tx, g *neutron.AddressGroup, changes int) error {
	if changes == 0 {
		return nil
	}
	g.Revision += int64(changes)
	g.UpdatedAt = s.stamp()
	_, err := tx.Exec(addRevisions, changes, store.FormatTime(g.UpdatedAt), g.Standard.ID)
	return err
}

const countRules = `SELECT count(*) FROM securitygrouprules WHERE remote_address_group_id = ?`

// Delete removes an address group that no rule names.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, checkUnused, func(tx *store.Tx, g *neutron.AddressGroup) error { return tx.DeleteStandard(g.Standard.ID) })
}

func checkUnused(tx *store.Tx, g *neutron.AddressGroup) error {
	var rules int
	if err := tx.Get(countRules, []any{g.ID}, &rules); err != nil || rules == 0 {
		return err
	}
	return neutron.NewError(neutron.Conflict, "AddressGroupInUse",
		"Address group %s is in use on one or more security group rules.", g.ID)
}
