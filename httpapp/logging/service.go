package logging

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
	Hooks *callbacks.Hooks[neutron.Log]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for logs. It is safe for concurrent use.
type Service struct {
	callbacks.Resource[neutron.Log]
	o Options
}

// New returns a Service on the given database.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{Resource: callbacks.NewResource(resource(o.DB), o.Hooks), o: o}
}

// NotFound returns the 404 of a log.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "LogResourceNotFound", "Log resource %s could not be found.", id)
}

// stamp is the time of a change as the API shows it.
func (s *Service) stamp() time.Time { return s.o.Now().UTC().Truncate(time.Second) }

// Create makes all logs of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Log, error) {
	return s.CreateEach(ctx, rc, in, func(tx *store.Tx, a neutron.Attrs) (neutron.Log, error) { return s.create(tx, rc, a) })
}

const insertLog = `INSERT INTO logs (id, project_id, name, resource_type, resource_id, target_id, event, enabled, standard_attr_id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (s *Service) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.Log, error) {
	now := s.stamp()
	l := neutron.Log{ID: s.o.NewID(), ProjectID: a.String("project_id"), Name: a.String("name"), ResourceType: a.String("resource_type"),
		ResourceID: a.String("resource_id"), TargetID: a.String("target_id"), Event: a.String("event"), Enabled: a.Bool("enabled")}
	l.Description, l.CreatedAt, l.UpdatedAt = a.String("description"), now, now
	if err := check(tx, rc, &l); err != nil {
		return l, err
	}
	var err error
	if l.Standard.ID, err = tx.NewStandard("logs", l.Description, 0, now); err != nil {
		return l, err
	}
	_, err = tx.Exec(insertLog, l.ID, l.ProjectID, l.Name, l.ResourceType, store.Nullable(l.ResourceID), store.Nullable(l.TargetID),
		l.Event, l.Enabled, l.Standard.ID)
	return l, err
}

// Update changes the name or the description, or turns the log on or off.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Log, error) {
	return s.Change(ctx, rc, id, in, func(tx *store.Tx, l *neutron.Log) error { return s.update(tx, l, in) })
}

const updateLog = `UPDATE logs SET name = ?, enabled = ? WHERE id = ?`

func (s *Service) update(tx *store.Tx, l *neutron.Log, in neutron.Attrs) error {
	was := *l
	if in.Has("name") {
		l.Name = in.String("name")
	}
	if in.Has("description") {
		l.Description = in.String("description")
	}
	if in.Has("enabled") {
		l.Enabled = in.Bool("enabled")
	}
	if l.Name == was.Name && l.Description == was.Description && l.Enabled == was.Enabled {
		if !in.HasAny("name", "enabled") {
			return nil
		}
		l.UpdatedAt = s.stamp()
		return tx.Touch(l.Standard.ID, l.UpdatedAt)
	}
	if _, err := tx.Exec(updateLog, l.Name, l.Enabled, l.ID); err != nil {
		return err
	}
	if err := tx.Describe(l.Standard.ID, l.Description); err != nil {
		return err
	}
	l.Revision++
	l.UpdatedAt = s.stamp()
	return tx.Revise(l.Standard.ID, l.UpdatedAt)
}

// Delete removes a log.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.Remove(ctx, rc, id, callbacks.Free, func(tx *store.Tx, l *neutron.Log) error { return tx.DeleteStandard(l.Standard.ID) })
}

// GroupDeleted ends the enabled logs of a security group.
func (s *Service) GroupDeleted(tx *store.Tx, rc *neutron.Context, id string) error {
	return s.end(tx, rc, "resource_id", id)
}

// PortDeleted ends the enabled logs of a port.
func (s *Service) PortDeleted(tx *store.Tx, rc *neutron.Context, id string) error {
	return s.end(tx, rc, "target_id", id)
}

// end removes the enabled logs one of whose attributes is id, whosever they are.
func (s *Service) end(tx *store.Tx, rc *neutron.Context, attribute, id string) error {
	logs, err := s.Find(tx, &neutron.Context{Admin: true}, &neutron.Query{Filters: []neutron.Filter{
		{Name: attribute, Values: []string{id}}, {Name: "enabled", Values: []string{"True"}}}})
	if err != nil {
		return err
	}
	if err := s.Hooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.Log, error) { return logs, nil }); err != nil {
		return err
	}
	for i := range logs {
		if err := tx.DeleteStandard(logs[i].Standard.ID); err != nil {
			return err
		}
	}
	return nil
}
